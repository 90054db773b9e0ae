// SPDX-License-Identifier: GPL-2.0-only
// What worth.h says is held against what is known: kinds drawn with known chances, and bugs
// that are found with the least chance that PCT has. An estimator that is wrong is seen to be.
#include "report/worth.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sched/seeded.h"

namespace daxfuzz::report {
namespace {

// Kind i of 40 is shown with a chance of 2^-(i/2). How many new ones the next run shows:
double expected_new(const std::vector<bool>& seen) {
  double sum = 0;
  for (std::size_t i = 0; i < seen.size(); i++) sum += seen[i] ? 0 : std::exp2(-static_cast<double>(i) / 2);
  return sum;
}

struct Told {
  double told = 0, wrong = 0, is = 0;  // wrong: kinds by runs, not those of one run
};
Told drawn(std::uint64_t seed, int runs) {
  sched::Seeded random(seed);
  Saturation shown;
  std::vector<bool> seen(40);
  for (int run = 0; run < runs; run++) {
    std::vector<std::uint64_t> kinds;
    for (std::size_t i = 0; i < seen.size(); i++) {
      if (random.below(1u << 31) >= std::exp2(31 - static_cast<double>(i) / 2)) continue;
      kinds.insert(kinds.end(), 2, i);  // twice in a run is once
      seen[i] = true;
    }
    shown.ran(kinds);
  }
  return {.told = shown.next(), .wrong = static_cast<double>(shown.kinds()) / runs, .is = expected_new(seen)};
}

TEST(Saturation, TellsHowManyAreNewInTheNextRun) {
  for (const int runs : {30, 300, 3000}) {
    Told sum;
    for (std::uint64_t seed = 0; seed < 200; seed++) {
      const Told one = drawn(seed, runs);
      sum.told += one.told;
      sum.wrong += one.wrong;
      sum.is += one.is;
    }
    EXPECT_NEAR(sum.told / sum.is, 1, 0.2) << runs;
    EXPECT_GT(std::abs(sum.wrong / sum.is - 1), 0.2) << "what is wrong is not seen";
  }
}

TEST(Saturation, NothingIsKnownOfNoRuns) {
  EXPECT_EQ(Saturation().next(), 1);
  EXPECT_EQ(Worth().text(), "");
}

// A share of programs has a bug that each run finds with the least chance. Where the share is
// what share() says, at most one of twenty campaigns of 200 runs misses it.
int campaigns_that_miss(double factor) {
  PctBound bound;
  for (int run = 0; run < 200; run++) bound.ran(2, 10, 8, 2);
  const double chance = factor * bound.share(2) / 20;  // of a run: 1 / (2 * 10)
  sched::Seeded random(1);
  int missed = 0;
  for (int campaign = 0; campaign < 2000; campaign++) {
    bool found = false;
    for (int run = 0; run < 200; run++) found |= random.below(1u << 31) < chance * (1u << 31);
    missed += found ? 0 : 1;
  }
  return missed;
}

TEST(PctBound, HoldsWithItsConfidence) {
  EXPECT_LE(campaigns_that_miss(1), 2000 * 6 / 100);
  EXPECT_GE(campaigns_that_miss(1), 2000 * 3 / 100) << "the bound is no bound but far off";
  EXPECT_GT(campaigns_that_miss(0.5), 2000 * 6 / 100) << "half of it would be no bound";
}

TEST(PctBound, CountsWhatTheTheoremIsAbout) {
  PctBound bound;
  bound.ran(2, 10, 11, 1);  // longer than was thought
  EXPECT_EQ(bound.missed(1), 1);
  EXPECT_EQ(bound.share(1), 1);
  bound.ran(2, 10, 10, 2);
  EXPECT_DOUBLE_EQ(bound.missed(1), std::exp(-1.0 / 20));
  EXPECT_DOUBLE_EQ(bound.missed(2), std::exp(-1.0 / 20));
  EXPECT_EQ(bound.missed(3), 1);
}

}  // namespace
}  // namespace daxfuzz::report
