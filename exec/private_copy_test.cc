// SPDX-License-Identifier: GPL-2.0-only
// When a private copy has read its page: when it is mapped, and not when it is made. "Planted" is of a program with
// testdata/copy_holds_another_byte.patch, which must be found (BUILD). wp_page_copy(), mm/memory.c, Linux 6.12: "Re-check the
// pte - we dropped the lock". Read next: model/mm_cow.cc.
#include <gtest/gtest.h>

#include <string>

#include "exec/execute.h"
#include "sched/check.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

Execution run(const std::string& ops) {
  const std::string world = "daxt 1\nprotocol upstream\ngeometry files=1 blocks=1 pmd_order=1 mms=1\n";
  const auto parsed = trace::parse(world + ops, "private_copy");
  CHECK(parsed.has_value());
  return execute(parsed->trace.program);
}

// T1 copies the zero page while T0 unmaps it, fills the hole and stores: what T1 has copied is there no more, so the
// copy is thrown away.
TEST(PrivateCopy, ThatIsThrownAwayHasReadNothing) {
  const Execution execution = run(
      "T0: alloc   a+0 len=1\n"
      "T0: mmap    a+0 len=1 -> m0\n"
      "T0: mmap    a+0 len=1 private -> m1\n"
      "T0: fault   m1+0 read\n"
      "T0: fault   m0+0 write 0x01\n"
      "T1: fault   m1+0 write 0x00\n"
      "schedule    T0*64 T1@ptl*8 T0@copy_cow_page*27 T1@exit*1\n");
  EXPECT_EQ(execution.signature(), "pass") << execution.finding.value;
  EXPECT_FALSE(execution.diverged) << execution.divergence;
}

TEST(Planted, ByteOfACopyIsFound) {
  const Execution execution = run(
      "T0: write   a+0 len=1 0x11\n"
      "T0: mmap    a+0 len=1 private -> m0\n"
      "T0: fault   m0+0 read\n"
      "T0: fault   m0+0 write 0x22\n");
  EXPECT_EQ(execution.signature(), "stale-read in wp_page_copy");
}

}  // namespace
}  // namespace daxfuzz::exec
