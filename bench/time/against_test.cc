// SPDX-License-Identifier: GPL-2.0-only
// Ratios of planted rows, which can be worked out by hand.
#include "bench/time/against.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace daxfuzz::bench {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr Ratio kNeither{};

Ratio exactly(double value) { return {Bound::exact, value}; }
Ratio at_least(double value) { return {Bound::at_least, value}; }
Ratio at_most(double value) { return {Bound::at_most, value}; }

TEST(Ratios, AreBoundsWhereOneSideIsCensored) {
  EXPECT_EQ(ratio({400, 1000}, {4, 1000}), exactly(100));
  EXPECT_EQ(ratio({4, 1000}, {400, 1000}), exactly(0.01));
  EXPECT_EQ(ratio({kNever, 1000}, {4, 500}), at_least(250));
  EXPECT_EQ(ratio({5, 1000}, {kNever, 500}), at_most(0.01));
  EXPECT_EQ(ratio({kNever, 1000}, {kNever, 500}), kNeither);
}

TEST(Ratios, HaveAMiddleThatIsNeverMoreThanIsKnown) {
  EXPECT_EQ(middle({}), kNeither);
  EXPECT_EQ(middle({kNeither, kNeither}), kNeither);
  EXPECT_EQ(middle({exactly(3), kNeither, exactly(1), exactly(2)}), exactly(2));
  EXPECT_EQ(middle({exactly(3), exactly(1)}), exactly(1));
  // What is at least 9 is more than the middle however much it is, what is at least 1 perhaps not.
  EXPECT_EQ(middle({at_least(9), exactly(1), exactly(2)}), exactly(2));
  EXPECT_EQ(middle({at_least(1), exactly(2), exactly(3)}), at_least(2));
  EXPECT_EQ(middle({at_least(4), exactly(2), at_least(3)}), at_least(3));
  EXPECT_EQ(middle({at_most(0.5), exactly(2), exactly(3)}), exactly(2));
  EXPECT_EQ(middle({at_most(7), exactly(2), exactly(3)}), at_least(2));
  EXPECT_EQ(middle({at_most(0.5), at_most(0.25), exactly(3)}), at_most(0.5));
}

TEST(Ratios, AreText) {
  EXPECT_EQ(text(exactly(1234.4)), "1234 times");
  EXPECT_EQ(text(at_least(60)), "> 60 times");
  EXPECT_EQ(text(at_most(0.0166)), "< 0.017 times");
  EXPECT_EQ(text(kNeither), "-");
}

// 001: random 10, pct 50, threads 40. 002: pct 20, threads not in 100. 003: nobody. 004: threads 30, nobody else.
// 005 has no rows on threads. The baseline of libFuzzer is better than all, and no engine to be held against.
constexpr std::string_view kRows =
    "001\trandom\t1\t100\t10\t-\t1\t1\tx in y\n"
    "001\tpct\t1\t100\t50\t-\t1\t1\tx in y\n"
    "001\tthreads\t1\t100\t40\tunrepeatable\t1\t1\tx in y\n"
    "001\tthreads\t2\t100\t60\tunrepeatable\t1\t1\tx in y\n"
    "001\tlibfuzzer-unsteered\t1\t100\t1\t-\t1\t1\tx in y\n"
    "002\trandom\t1\t100\t100\t-\t1\t1\t-\n"
    "002\tpct\t1\t100\t20\t-\t1\t1\tx in y\n"
    "002\tthreads\t1\t100\t100\tunrepeatable\t1\t1\t-\n"
    "003\trandom\t1\t100\t100\t-\t1\t1\t-\n"
    "003\tpct\t1\t100\t100\t-\t1\t1\t-\n"
    "003\tthreads\t1\t100\t100\tunrepeatable\t1\t1\t-\n"
    "004\trandom\t1\t100\t100\t-\t1\t1\t-\n"
    "004\tpct\t1\t100\t100\t-\t1\t1\t-\n"
    "004\tthreads\t1\t100\t30\tunrepeatable\t1\t1\thang on threads\n"
    "005\trandom\t1\t100\t7\t-\t1\t1\tx in y\n";

Rows read(std::string_view lines) {
  std::istringstream in(std::string(bugs::kRowHeader) + "\n" + std::string(lines));
  auto rows = read_rows(in, "rows");
  EXPECT_TRUE(rows) << rows.error();
  return rows ? *rows : Rows{};
}

TEST(StressTable, IsOfEachEngineAndTheBest) {
  // To random: 4, neither, neither, < 0.3. To pct: 0.8, > 5, neither, < 0.3. To the best: 4, > 5, neither, < 0.3.
  EXPECT_EQ(stress_table(read(kRows), Measure::executions),
            "| executions on real threads, not repeatable | to random | to pct | to the best of each bug | "
            "bugs that either side finds |\n"
            "|---|---|---|---|---|\n"
            "| threads | < 0.3 times | 0.8 times | 4 times | 3 of 4 |\n");
}

TEST(StressTable, OfBugsHasARowForWhatNeitherSideFinds) {
  EXPECT_EQ(stress_bug_table(read(kRows), Measure::executions),
            "| bug | best engine | threads |\n"
            "|---|---|---|\n"
            "| 001 | random: 10 | 40: 4 times |\n"
            "| 002 | pct: 20 | > 100: > 5 times |\n"
            "| 003 | none: > 100 | > 100: - |\n"
            "| 004 | none: > 100 | 30: < 0.3 times |\n"
            "| 005 | random: 7 | |\n"
            "| in the median | | 4 times |\n"
            "| found by neither side | | 1 of 4 |\n");
}

TEST(StressTable, NeedsBothSides) {
  EXPECT_EQ(stress_table(read("001\trandom\t1\t9\t9\t-\t9\t9\t-\n"), Measure::steps), "");
  EXPECT_EQ(stress_table(read("001\tthreads\t1\t9\t9\tunrepeatable\t9\t9\t-\n"), Measure::steps), "");
  EXPECT_EQ(stress_bug_table(read("001\tlibfuzzer-unsteered\t1\t9\t9\t-\t9\t9\t-\n"), Measure::steps), "");
}

}  // namespace
}  // namespace daxfuzz::bench
