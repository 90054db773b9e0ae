// SPDX-License-Identifier: GPL-2.0-only
// Linked with testdata/failed_fault_keeps_lock.patch: the oracle is asked when an
// operation ends, so a lock that it leaves behind is found there, with another
// operation in flight and nobody waiting for it.
#include <gtest/gtest.h>

#include "exec/execute.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

TEST(LockLeak, IsFoundWhenItsOperationEnds) {
  const auto parsed = trace::parse(
      "daxt 1\n"
      "protocol    upstream\n"
      "geometry    files=2 blocks=1 pmd_order=2 mms=1\n"
      "T0: truncate a 1\n"
      "T0: write   b+0 len=1 0x11\n"  // takes the only block
      "T0: mmap    a+0 len=1 -> m0\n"
      "T0: fault   m0+0 write\n"
      "T1: read    b+0 len=1\n"
      "schedule    T1*2 T0*200\n",
      "lock_leak");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().str();
  const Execution execution = execute(parsed->trace.program, {.lenient = true});
  EXPECT_EQ(execution.signature(), "entry-lock-leaked in grab_mapping_entry");
  EXPECT_NE(execution.finding.value.find("entry a+0 is locked"), std::string::npos)
      << execution.finding.value;
}

}  // namespace
}  // namespace daxfuzz::exec
