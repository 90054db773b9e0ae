// SPDX-License-Identifier: GPL-2.0-only
// The minimiser leaves the fewest switches that the classic programs fail with, from whatever schedule, in
// a hundred replays.
#include "bench/minimize/classic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace daxfuzz::bench {
namespace {

TEST(Classic, FewestSwitchesFromEverySeed) {
  // Deep4 is five steps over three threads in one order; the others' are in explore/classic_programs.h, too.
  const std::map<std::string, std::size_t> fewest = {
      {"lostwake", 3}, {"refget", 3}, {"aba", 2}, {"deep4", 4}, {"reorder_5", 5}};
  const auto rows = classic_rows(20);
  ASSERT_EQ(rows.size(), fewest.size());
  for (const ClassicRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(row.fewest, fewest.at(row.name) + 1);
    EXPECT_EQ(row.reached.size(), 20u);
    EXPECT_EQ(row.minimal(), 20u);
    EXPECT_GT(std::ranges::max(row.drawn), row.fewest);  // or there was nothing to minimise
    EXPECT_LE(std::ranges::max(row.replays), 100u);
  }
}

// One that leaves a switch too many is told.
TEST(Classic, NotMinimalIsNotCounted) {
  ClassicRow row{.name = "planted", .fewest = 4, .drawn = {9, 9}, .reached = {4, 5}, .replays = {10, 10}};
  EXPECT_EQ(row.minimal(), 1u);
}

}  // namespace
}  // namespace daxfuzz::bench
