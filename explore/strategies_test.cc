// SPDX-License-Identifier: GPL-2.0-only
// The classic programs under every strategy: how many runs to the bug, in the median over
// seeds, is no more than what is written here, and nothing is said of the twins. The
// figures are deterministic; README.md has them beside those of other tools.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "explore/classic_programs.h"
#include "explore/testing.h"
#include "sched/strategy.h"

namespace daxfuzz::explore::testing {
namespace {

using sched::Strategy;
constexpr std::uint64_t kSeeds = 100, kRunsMax = 2'000;

// Runs up to the first that fails, with it; kRunsMax: none did.
template <class Program>
std::uint64_t runs_to_failure(Strategy strategy, std::uint64_t seed) {
  Tasks<Program> subject;
  sched::Sampler sampler(strategy, seed);
  while (sampler.runs() < kRunsMax)
    if (subject.sample(sampler.next_run()).failed) return sampler.runs();
  return kRunsMax;
}

template <class Program>
std::uint64_t median(Strategy strategy) {
  std::vector<std::uint64_t> runs;
  for (std::uint64_t seed = 1; seed <= kSeeds; seed++) runs.push_back(runs_to_failure<Program>(strategy, seed));
  std::sort(runs.begin(), runs.end());
  return (runs[kSeeds / 2 - 1] + runs[kSeeds / 2]) / 2;
}

// best: at most so many runs with the strategy that needs fewest.
template <template <bool> class Program>
void expect_found(const char* name, std::uint64_t best) {
  std::uint64_t least = kRunsMax;
  std::printf("| %s |", name);
  for (std::uint32_t s = 0; s < sched::kStrategies; s++) {
    const auto strategy = static_cast<Strategy>(s);
    const std::uint64_t runs = median<Program<false>>(strategy);
    std::printf(" %llu |", static_cast<unsigned long long>(runs));
    least = std::min(least, runs);
    EXPECT_EQ((runs_to_failure<Program<true>>(strategy, 1)), kRunsMax) << name << " " << sched::name(strategy);
  }
  std::printf("\n");
  EXPECT_LE(least, best) << name;
  EXPECT_LT(median<Program<false>>(Strategy::portfolio), kRunsMax) << name;
}

TEST(Strategies, LostWake) { expect_found<LostWake>("lostwake", 3); }
TEST(Strategies, RefGet) { expect_found<RefGet>("refget", 14); }
TEST(Strategies, Aba) { expect_found<Aba>("aba", 16); }
TEST(Strategies, Deep4) { expect_found<Deep4>("deep4", 61); }
TEST(Strategies, Reorder5) { expect_found<Reorder5>("reorder_5", 9); }

}  // namespace
}  // namespace daxfuzz::explore::testing
