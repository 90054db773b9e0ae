// SPDX-License-Identifier: GPL-2.0-only
// What is said of a search that was cut, held against the same search to its end: 50 drawn
// programs each of states and of schedules. Estimators that are wrong are seen to be.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "explore/arena.h"
#include "explore/program.h"
#include "fuzz/draw.h"

namespace daxfuzz::explore {
namespace {

constexpr std::size_t kPrograms = 50;
constexpr std::uint64_t kShare = 7;  // of the whole there is one part to go by
// The middle of 50 estimates is within this factor of what is; so are nine of ten within the other.
constexpr double kMiddle = 1.5, kMost = 3;

trace::Program next_program(fuzz::Random& random, std::size_t ops) {
  for (;;) {
    const fuzz::Draw draw{
        .protocol = trace::ProtocolId::upstream, .threads = 2, .ops = 8, .focused = false};
    trace::Program program = fuzz::drawn(draw, random);
    program.ops.resize(2 + random.below(ops));
    program = trace::clamped(program);
    if (program.threads() == 2) return program;
  }
}

// An estimate, divided by what it is of.
struct Ratios {
  std::vector<double> good, wrong;
};

double middle(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}
bool holds(const std::vector<double>& ratios) {
  const auto within = [](double factor) { return [=](double r) { return r < factor && r > 1 / factor; }; };
  return within(kMiddle)(middle(ratios)) &&
         std::ranges::count_if(ratios, within(kMost)) * 10 >= static_cast<std::ptrdiff_t>(ratios.size()) * 9;
}

// Searched to the end, and cut after a seventh of the executions.
Ratios of_states() {
  fuzz::Random random(3);
  Ratios ratios;
  while (ratios.good.size() < kPrograms) {
    const trace::Program program = next_program(random, 6);
    ProgramLimits limits;
    limits.executions = 3'000;
    const Report whole = explore(program, limits);
    if (!whole.complete() || whole.states < 150) continue;
    limits.executions = whole.executions / kShare;
    limits.probes = 100;
    const Report cut = explore(program, limits);
    const auto states = static_cast<double>(whole.states);
    ratios.good.push_back(cut.estimate.value().states / states);
    ratios.wrong.push_back(static_cast<double>(cut.states) / states);  // that there is no more than was seen
  }
  return ratios;
}

// By brute force, and from random schedules, a seventh as many.
Ratios of_schedules() {
  fuzz::Random random(4);
  Ratios ratios;
  while (ratios.good.size() < kPrograms) {
    const trace::Program program = next_program(random, 4);
    ProgramLimits limits;
    limits.executions = 1'500;
    limits.merge = false;
    const Report whole = explore(program, limits);
    if (!whole.complete() || whole.executions < 200) continue;
    limits.executions = 1;
    limits.probes = whole.executions / kShare;
    const Estimate estimate = explore(program, limits).estimate.value();
    const auto schedules = static_cast<double>(whole.executions);
    ratios.good.push_back(std::pow(10, estimate.schedules_log10) / schedules);
    // As if each decision were between two on a path of the mean length.
    const double decisions = static_cast<double>(estimate.visits) / static_cast<double>(estimate.probes);
    ratios.wrong.push_back(std::exp2(decisions) / schedules);
  }
  return ratios;
}

void expect_good(const Ratios& ratios) {
  std::string all;
  for (const double ratio : ratios.good) all += std::to_string(ratio) + " ";
  std::printf("middle %.2f, of what is wrong %.2f\n", middle(ratios.good), middle(ratios.wrong));
  EXPECT_TRUE(holds(ratios.good)) << middle(ratios.good) << " of " << all;
  EXPECT_FALSE(holds(ratios.wrong)) << "what is wrong is not seen: " << middle(ratios.wrong);
}

TEST(Estimate, StatesOfFiftyPrograms) {
  ASSERT_TRUE(arena_available());
  expect_good(of_states());
}

TEST(Estimate, SchedulesOfFiftyPrograms) { expect_good(of_schedules()); }

// A search that was cut at its last state knows most of those that a probe meets. Not all: the bytes of two
// states may be the same where those of what follows are not, by an address that means nothing; how often
// is the compiler's affair.
TEST(Estimate, NearTheEndNearlyAllIsKnown) {
  fuzz::Random random(5);
  int tried = 0;
  while (tried < 5) {
    const trace::Program program = next_program(random, 6);
    ProgramLimits limits;
    limits.executions = 3'000;
    const Report whole = explore(program, limits);
    if (!whole.complete() || whole.executions < 100) continue;
    tried++;
    limits.probes = 50;
    EXPECT_FALSE(explore(program, limits).estimate.has_value());
    limits.states = whole.states - 1;
    const Report cut = explore(program, limits);
    ASSERT_EQ(cut.cut, Cut::states);
    EXPECT_GT(cut.estimate.value().share(), 0.75);
    EXPECT_NEAR(cut.estimate->states / static_cast<double>(whole.states), 1.3, 0.35);
  }
}

TEST(Estimate, IsALine) {
  const Estimate estimate{.probes = 200, .visits = 1000, .known = 430, .states = 123456, .schedules_log10 = 17.2};
  EXPECT_EQ(worth(estimate), "worth: of where 200 random schedules decide 43 % was searched, and there are about "
                             "1.2e+05 states and 1e17 schedules");
}

}  // namespace
}  // namespace daxfuzz::explore
