// SPDX-License-Identifier: GPL-2.0-only
// A set-up of which an op in the middle waits for another thread: from there on all interleavings are possible,
// also those in which thread 0 is not let finish.
#include "exec/set_up.h"

#include <gtest/gtest.h>

#include "exec/execute.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

constexpr const char* kWaits =
    "daxt 1\n"
    "protocol    legacy\n"
    "geometry    files=1 blocks=4 pmd_order=2 mms=1\n"
    "T0: write   a+0 len=1 0x11\n"
    "T0: mmap    a+0 len=1 -> m0\n"
    "T0: pin     m0+0 write pin fast -> p0\n"
    "T0: truncate a 0\n"
    "T0: fsync   a\n"
    "T1: unpin   p0\n"
    "T1: fsync   a\n"
    "T2: fsync   a\n";

TEST(SetUp, IsOverWhenItWaits) {
  trace::Program program = trace::parse(kWaits, "test")->trace.program;
  program.schedule.set_up = 5;
  int among = 0;
  for (program.schedule.seed = 0; program.schedule.seed < 50; program.schedule.seed++) {
    const Execution run = execute(program);
    ASSERT_EQ(run.signature(), "pass");
    ASSERT_EQ(run.segments.front().thread, 0);
    // T0 is left once where it waits; more often only if it is not preferred for ever after.
    int begun = 0;
    for (const trace::Segment& segment : run.segments) begun += segment.thread == 0 ? 1 : 0;
    among += begun > 3 ? 1 : 0;
  }
  EXPECT_GT(among, 25);
}

}  // namespace
}  // namespace daxfuzz::exec
