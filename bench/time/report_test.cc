// SPDX-License-Identifier: GPL-2.0-only
// Tables and picture of a few rows that can be counted by hand.
#include <gtest/gtest.h>

#include <sstream>

#include "bench/time/plot.h"
#include "bench/time/table.h"

namespace daxfuzz::bench {
namespace {

// Two bugs, two engines. random finds 001 after 10 and 30 of 100, 002 never; libfuzzer finds 001 after
// 50, once, and 002 after 20 and 40.
constexpr std::string_view kRows =
    "001\trandom\t1\t100\t10\t2\t1000\t500000\tx in y\n"
    "001\trandom\t2\t100\t30\t3\t3000\t1500000\tx in y\n"
    "002\trandom\t1\t100\t100\t-\t9000\t5000000\t-\n"
    "002\trandom\t2\t100\t100\t-\t8000\t4000000\t-\n"
    "clean.upstream\trandom\t1\t100\t100\t-\t8000\t4000000\t-\n"
    "clean.upstream\trandom\t2\t100\t100\t-\t8000\t4000000\t-\n"
    "001\tlibfuzzer\t1\t100\t50\t-\t500\t50000\tx in y\n"
    "001\tlibfuzzer\t2\t100\t100\t-\t1000\t90000\t-\n"
    "002\tlibfuzzer\t1\t100\t20\t-\t200\t20000\tx in z\n"
    "002\tlibfuzzer\t2\t100\t40\t-\t400\t40000\tx in z\n"
    "clean.upstream\tlibfuzzer\t1\t100\t100\t-\t8000\t4000000\t-\n"
    "clean.upstream\tlibfuzzer\t2\t100\t100\t-\t8000\t4000000\t-\n";

std::expected<Rows, std::string> read(std::string_view lines) {
  std::istringstream in(std::string(bugs::kRowHeader) + "\n" + std::string(lines));
  return read_rows(in, "rows");
}

std::string without(std::string_view line) {
  std::string text(kRows);
  const std::size_t at = text.find(line);
  EXPECT_NE(at, std::string::npos);
  return text.erase(at, text.find('\n', at) + 1 - at);
}

TEST(Rows, AreByBugAndEngine) {
  const auto rows = read(kRows);
  ASSERT_TRUE(rows) << rows.error();
  EXPECT_EQ(rows->engines, (std::vector<std::string>{"random", "libfuzzer"}));
  EXPECT_EQ(rows->bugs, (std::vector<std::string>{"001", "002"}));
  EXPECT_EQ(rows->twins.size(), 4u);
  const Sample sample = rows->sample("001", "libfuzzer", Measure::executions);
  ASSERT_EQ(sample.size(), 2u);
  EXPECT_TRUE(sample[0].found && sample[0].time == 50);
  EXPECT_TRUE(!sample[1].found && sample[1].time == 100);
  EXPECT_EQ(rows->sample("001", "random", Measure::seconds)[1].time, 1.5);
  EXPECT_TRUE(rows->sample("001", "pct", Measure::steps).empty());
}

TEST(Rows, TheHorizonIsWhatEveryHuntReaches) {
  const auto rows = read(kRows);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->horizon(Measure::executions), 100);
  EXPECT_EQ(rows->horizon(Measure::steps), 1000);
  const auto found = read("001\tpct\t1\t100\t10\t-\t77\t5\tx in y\n001\tpct\t2\t100\t30\t-\t99\t5\tx in y\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->horizon(Measure::steps), 99);
}

TEST(Rows, SayWhatIsWrongWithThem) {
  const struct {
    std::string lines, error;
  } bad[] = {
      {"", "rows:1: expected rows, found none"},
      {"001\trandom\t1\n", "rows:2: expected 9 columns, found 3"},
      {"001\tpct\t1\t9\t9\t-\t9\t9\t-\n001\tpct\t1\t9\t9\t-\t9\t9\t-\n", "rows:3: 001, pct, seed 1: twice"},
      {"001\tafl\t1\t9\t9\t-\t9\t9\t-\n", "rows:2: no engine is called 'afl'"},
  };
  for (const auto& row : bad) {
    const auto rows = read(row.lines);
    ASSERT_FALSE(rows) << row.lines;
    EXPECT_EQ(rows.error(), row.error);
  }
  std::istringstream in{std::string(kRows)};
  EXPECT_EQ(read_rows(in, "rows").error(), "rows:1: expected the header of bugs/row.h, found none");
}

TEST(Rows, OfTheCleanModelMustBeThereAndFindNothing) {
  EXPECT_EQ(objections(*read(kRows)), "");
  EXPECT_EQ(objections(*read(without("clean.upstream\trandom\t2"))),
            "random, seed 2: no clean twin of 100 executions\n");
  const std::string shorter = without("clean.upstream\trandom\t2") + "clean.upstream\trandom\t2\t99\t99\t-\t9\t9\t-\n";
  EXPECT_EQ(objections(*read(shorter)), "random, seed 2: no clean twin of 100 executions\n");
  const std::string alarm =
      without("clean.upstream\tlibfuzzer\t1") + "clean.upstream\tlibfuzzer\t1\t100\t7\t-\t8\t9\tx in y\n";
  EXPECT_EQ(objections(*read(alarm)), "clean.upstream, libfuzzer, seed 1: ALARM without a bug: x in y\n");
}

TEST(Tables, OfEngines) {
  // random: 001 on average after 20 of 100, 002 after 100: 60. The medians are 10 and none, the lower
  // of the two is 10. libfuzzer: 001 after 75, 002 after 30: 52.5; the medians are 50 and 20.
  const std::string table = engine_table(*read(kRows), Measure::executions);
  EXPECT_NE(table.find("| random | 1 of 2 | 1 of 2 | 2 of 4 | 10 | 60 [55, 65] |\n"), std::string::npos) << table;
  EXPECT_NE(table.find("| libfuzzer | - | 2 of 2 | 3 of 4 | 20 | 52 [35, 70] |\n"), std::string::npos) << table;
  EXPECT_NE(table.find("| executions: median of the bugs' medians | mean up to 100 |\n"), std::string::npos);
}

TEST(Tables, OfBugs) {
  EXPECT_EQ(bug_table(*read(kRows), Measure::executions),
            "| bug | random | libfuzzer |\n|---|---|---|\n"
            "| 001 | 2/2: 10 [10, 30] | 1/2: 50 [50, > 100] |\n"
            "| 002 | 0/2 | 2/2: 20 [20, 40] |\n");
  EXPECT_NE(bug_table(*read(kRows), Measure::seconds).find("| 002 | 0/2 | 2/2: 0.02 [0.02, 0.04] |"),
            std::string::npos);
}

TEST(Picture, HasALineAnEngine) {
  const std::string picture = svg(*read(kRows), Measure::executions);
  EXPECT_TRUE(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
  // From one execution to a hundred on 640, two bugs on 360: 10 is the middle, 30 at 60 + 640 * 0.739.
  EXPECT_NE(picture.find("points=\"60.0,380.0 380.0,380.0 380.0,290.0 532.7,290.0 532.7,200.0 700.0,200.0\""),
            std::string::npos) << picture;
  EXPECT_NE(picture.find(">libfuzzer</text>"), std::string::npos);
}

}  // namespace
}  // namespace daxfuzz::bench
