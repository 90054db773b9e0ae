// SPDX-License-Identifier: GPL-2.0-only
// Medians, ratios and bounds, and that a bound that is missed is told.
#include "bench/cost/figure.h"

#include <gtest/gtest.h>

namespace daxfuzz::cost {
namespace {

// A switch takes 2 ns, then 4: the machine has slowed down by half.
std::vector<Figure> figures() {
  return {
      {.name = "switch", .unit = Unit::nanoseconds, .aim = {}, .samples = {2, 4}},
      {.name = "point", .unit = Unit::nanoseconds, .aim = Bound{3, true}, .samples = {6, 12}},
      {.name = "runs", .unit = Unit::per_second, .aim = Bound{1e7}, .samples = {1e7, 5e6}},
      {.name = "taken", .unit = Unit::count, .aim = Bound{0}, .samples = {7, 7}},
  };
}

std::string missed_of(const char* text) {
  const auto wanted = requirement(text);
  EXPECT_TRUE(wanted.has_value()) << text;
  return missed(figures(), {*wanted});
}

TEST(Figure, MedianOfAnOddAndAnEvenNumber) {
  EXPECT_EQ(median({5, 1, 3}), 3);
  EXPECT_EQ(median({4, 1, 3, 9}), 3.5);
}

TEST(Figure, ARatioIsOfOneRound) {
  const auto all = figures();
  EXPECT_EQ(in_switches(all[1], all[0]), 3);
  EXPECT_EQ(in_switches(all[2], all[0]), 50);
  EXPECT_EQ(in_switches(all[3], all[0]), std::nullopt);
}

TEST(Figure, TimeAndCountsHaveAMost) {
  EXPECT_EQ(missed_of("point=9"), "");
  EXPECT_EQ(missed_of("point=8.9"), "MISSED point: 9.00, wanted at most 8.9\n");
  EXPECT_EQ(missed_of("point=3x"), "");
  EXPECT_EQ(missed_of("point=2.5x"), "MISSED point: 3.00, wanted at most 2.5x\n");
  EXPECT_EQ(missed_of("taken=7"), "");
  EXPECT_EQ(missed_of("taken=0"), "MISSED taken: 7.00, wanted at most 0\n");
}

TEST(Figure, RatesHaveALeast) {
  EXPECT_EQ(missed_of("runs=7500000"), "");
  EXPECT_EQ(missed_of("runs=7500001"), "MISSED runs: 7500000, wanted at least 7500001\n");
  EXPECT_EQ(missed_of("runs=49x"), "MISSED runs: 50.00, wanted at most 49x\n");
}

TEST(Figure, WhatCannotBeAskedIsMissed) {
  EXPECT_EQ(missed_of("else=1"), "MISSED else: there is no such figure\n");
  EXPECT_EQ(missed_of("taken=9x"), "MISSED taken: a count is not in switches\n");
}

TEST(Figure, ARequirementIsANameAndANumber) {
  EXPECT_EQ(requirement("a-b=1.5x")->name, "a-b");
  EXPECT_EQ(requirement("a-b=1.5x")->bound, (Bound{1.5, true}));
  for (const char* text : {"", "a", "=1", "a=", "a=x", "a=1y", "a=nan", "a=inf", "a=1 "})
    EXPECT_FALSE(requirement(text).has_value()) << text;
}

TEST(Figure, TheTableSaysWhetherAnAimIsMet) {
  const std::string text = table(figures(), true);
  EXPECT_NE(text.find("at most 3x: met"), std::string::npos) << text;
  EXPECT_NE(text.find("at least 10000000: NOT met"), std::string::npos) << text;
  EXPECT_NE(text.find("at most 0: NOT met"), std::string::npos) << text;
  EXPECT_NE(text.find("raw switch: 2.00 4.00\n"), std::string::npos) << text;
  EXPECT_EQ(table(figures(), false).find("raw"), std::string::npos);
}

}  // namespace
}  // namespace daxfuzz::cost
