// SPDX-License-Identifier: GPL-2.0-only
// Drawn schedules of programs: each strategy finds a race that is there, what it tells is
// replayed, and none finds an outcome that a complete search excludes.
#include "explore/sample.h"

#include <gtest/gtest.h>

#include "explore/arena.h"
#include "trace/text.h"

namespace daxfuzz::explore {
namespace {

trace::Program parsed(const std::string& ops) {
  const auto result =
      trace::parse("daxt 1\nprotocol upstream\ngeometry files=1 blocks=1 pmd_order=1 mms=1\n" + ops, "test");
  EXPECT_TRUE(result.has_value());
  return result.has_value() ? result->trace.program : trace::Program{};
}

// docs/findings/write-into-hole-untracks-pinned-page.md
constexpr const char* kPinned =
    "T0: mmap a+0 len=1 -> m0\nT0: truncate a 1\nT1: write a+0 len=1 0x11\n"
    "T0: pin m0+0 read pin fast -> p0\nT0: truncate a 0\n";

TEST(Sample, EachStrategyFindsWhatIsThereAndItReplays) {
  const trace::Program program = parsed(kPinned);
  for (std::uint32_t s = 0; s < sched::kStrategies; s++) {
    ProgramLimits limits;
    limits.executions = 3'000;
    limits.set_up = 2;
    limits.first_failure = true;
    const Report report = sample(program, limits, static_cast<sched::Strategy>(s), 1);
    SCOPED_TRACE(sched::name(static_cast<sched::Strategy>(s)));
    ASSERT_NE(report.failure(), nullptr);
    EXPECT_EQ(report.cut, Cut::failure);
    EXPECT_FALSE(report.complete());
    const exec::Execution again =
        exec::execute(with_decisions(program, limits, report.failure()->decisions));
    EXPECT_EQ(again.signature(), "freed-block-pinned in xfs_bunmapi");
    EXPECT_FALSE(again.diverged);
  }
}

TEST(Sample, FindsNothingThatASearchExcludes) {
  const trace::Program program = parsed("T0: mmap a+0 len=1 -> m0\nT0: fault m0+0 write 0x11\nT1: fsync a\n");
  ProgramLimits limits;
  limits.set_up = 1;
  const Report all = explore(program, limits);
  ASSERT_TRUE(all.complete() || !arena_available());
  limits.executions = 300;
  for (std::uint32_t s = 0; s < sched::kStrategies; s++) {
    const Report drawn = sample(program, limits, static_cast<sched::Strategy>(s), 1);
    EXPECT_EQ(drawn.executions, 300u);
    EXPECT_FALSE(drawn.complete());
    for (const auto& [key, found] : drawn.outcomes)
      EXPECT_TRUE(all.outcomes.contains(key) || !all.complete()) << key;
  }
}

// What a strategy counts begins after the set-up: a long one takes nothing from it.
TEST(Sample, ASetUpIsNoPartOfTheDraw) {
  const auto runs = [](int set_up) {
    std::string ops;
    for (int i = 0; i < set_up; i++) ops += "T0: fsync a\n";
    ProgramLimits limits;
    limits.executions = 2'000;
    limits.set_up = static_cast<std::uint32_t>(set_up + 2);
    std::uint64_t failed = 0;
    for (const auto& [key, found] : sample(parsed(ops + kPinned), limits, sched::Strategy::pct3, 1).outcomes)
      failed += found.failed ? found.executions : 0;
    return failed;
  };
  const std::uint64_t without = runs(0), with = runs(40);
  EXPECT_GT(without, 10u);
  EXPECT_GT(2 * with, without);
}

}  // namespace
}  // namespace daxfuzz::explore
