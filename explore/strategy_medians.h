// SPDX-License-Identifier: GPL-2.0-only
// For tests: how many runs each strategy needs to the bug of a classic program, in the median over seeds. The
// figures are deterministic; README.md has them beside those of other tools.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "sched/strategy.h"

namespace daxfuzz::explore::testing {

inline constexpr std::uint64_t kSeeds = 100, kRunsMax = 2'000;

using Medians = std::array<std::uint64_t, sched::kStrategies>;

// Runs up to the first that fails, with it; kRunsMax: none did. Subject: fails(choices) is one run.
template <class Subject>
std::uint64_t runs_to_failure(sched::Strategy strategy, std::uint64_t seed) {
  Subject subject;
  sched::Sampler sampler(strategy, seed);
  while (sampler.runs() < kRunsMax)
    if (subject.fails(sampler.next_run())) return sampler.runs();
  return kRunsMax;
}

template <class Subject>
std::uint64_t median(sched::Strategy strategy) {
  std::vector<std::uint64_t> runs;
  for (std::uint64_t seed = 1; seed <= kSeeds; seed++) runs.push_back(runs_to_failure<Subject>(strategy, seed));
  std::sort(runs.begin(), runs.end());
  return (runs[kSeeds / 2 - 1] + runs[kSeeds / 2]) / 2;
}

// Prints a row of README.md's table. best: at most so many runs with the strategy that needs fewest. Nothing is
// said of the twin.
template <class Subject, class Twin>
Medians expect_found(const char* name, std::uint64_t best) {
  Medians medians{};
  std::printf("| %s |", name);
  for (std::uint32_t s = 0; s < sched::kStrategies; s++) {
    const auto strategy = static_cast<sched::Strategy>(s);
    medians[s] = median<Subject>(strategy);
    std::printf(" %llu |", static_cast<unsigned long long>(medians[s]));
    EXPECT_EQ((runs_to_failure<Twin>(strategy, 1)), kRunsMax) << name << " " << sched::name(strategy);
  }
  std::printf("\n");
  EXPECT_LE(*std::min_element(medians.begin(), medians.end()), best) << name;
  EXPECT_LT(medians[static_cast<std::size_t>(sched::Strategy::portfolio)], kRunsMax) << name;
  return medians;
}

}  // namespace daxfuzz::explore::testing
