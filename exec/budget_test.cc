// SPDX-License-Identifier: GPL-2.0-only
// How many steps a run may make, and how it ends that makes more. Read first: execute.h.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "exec/execute.h"
#include "trace/limits.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

trace::Program program(const std::string& geometry, const std::string& ops) {
  const auto parsed = trace::parse("daxt 1\nprotocol upstream\ngeometry " + geometry + "\n" + ops, "test");
  EXPECT_TRUE(parsed.has_value()) << parsed.error().str();
  return parsed.has_value() ? parsed->trace.program : trace::Program{};
}

TEST(Budget, EndsInALivelock) {
  const trace::Program p = program("files=2 blocks=4 pmd_order=2 mms=1",
                                   "T0: write a+0 len=1 0x11\n"
                                   "T0: mmap a+0 len=1 -> m0\n"
                                   "T0: pin m0+0 write pin fast -> p0\n");
  const Execution whole = execute(p);
  ASSERT_EQ(whole.signature(), "pass");
  Options options;
  options.steps_max = whole.steps;
  EXPECT_EQ(execute(p, options).signature(), "pass");
  options.steps_max = whole.steps - 1;
  const Execution cut = execute(p, options);
  EXPECT_EQ(cut.verdict, Verdict::livelock);
  EXPECT_EQ(cut.finding.id, "livelock");
  EXPECT_EQ(cut.finding.task, sched::kNoTask);
  EXPECT_EQ(cut.steps, whole.steps - 1);
  EXPECT_EQ(cut.results.back(), INT64_MIN);
}

// What takes thousands of pages is no livelock for that.
TEST(Budget, OfRealPmdsIsLarger) {
  std::string writes;
  for (int i = 0; i < 24; i++) writes += "T0: write a+0 len=1024 0x11\n";
  const trace::Program p = program("files=1 blocks=2048 pmd_order=9 mms=1", writes);
  const Execution whole = execute(p);
  EXPECT_EQ(whole.signature(), "pass");
  EXPECT_GT(whole.steps, Options{}.steps_max);
  EXPECT_LT(whole.steps, steps_max(p, {}));
  Options options;
  options.steps_max = (whole.steps - 1) / trace::blocks_unit(trace::kPmdOrderReal);
  EXPECT_EQ(execute(p, options).verdict, Verdict::livelock);
}

}  // namespace
}  // namespace daxfuzz::exec
