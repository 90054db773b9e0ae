// SPDX-License-Identifier: GPL-2.0-only
// Rows go to text and come back, and what is none is refused.
#include "bugs/row.h"

#include <gtest/gtest.h>

namespace daxfuzz::bugs {
namespace {

const Row kFound{.bug = "300-x", .engine = "pct", .seed = 7, .budget = 100, .executions = 9,
                 .diverged = 4, .steps = 1234, .microseconds = 56, .signature = "stale-read in user_access"};
const Row kMissed{.bug = "300-x", .engine = "libfuzzer", .seed = 1, .budget = 100,
                  .executions = 100, .diverged = {}, .steps = 1, .microseconds = 0, .signature = ""};

const Row kStressed{.bug = "300-x", .engine = "threads-tsan", .seed = 2, .budget = 100, .executions = 8,
                    .diverged = {}, .steps = 9, .microseconds = 7, .signature = "hang on threads"};

TEST(Row, IsALine) {
  EXPECT_EQ(text(kFound), "300-x\tpct\t7\t100\t9\t4\t1234\t56\tstale-read in user_access\n");
  EXPECT_EQ(text(kMissed), "300-x\tlibfuzzer\t1\t100\t100\t-\t1\t0\t-\n");
  EXPECT_EQ(text(kStressed), "300-x\tthreads-tsan\t2\t100\t8\tunrepeatable\t9\t7\thang on threads\n");
}

TEST(Row, ComesBack) {
  for (const Row& row : {kFound, kMissed, kStressed}) {
    const std::string line = text(row);
    const auto back = parse_row(std::string_view(line).substr(0, line.size() - 1));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(*back, row);
  }
}

TEST(Row, IsRefused) {
  const struct {
    std::string_view line, error;
  } bad[] = {
      {"", "expected 9 columns, found 1"},
      {"b\te\t1\t2\t3\t-\t4\t5", "expected 9 columns, found 8"},
      {"b\te\t1\t2\t2\t-\t4\tfive\t-", "expected a number in column 8, found 'five'"},
      {"b\te\t1\t2\t2\t-\t4\t5 \t-", "expected a number in column 8, found '5 '"},
      {"\te\t1\t2\t2\t-\t4\t5\t-", "expected a word in column 1, found none"},
      {"b\te\t1\t2\t2\t-\t4\t5\t", "expected a word in column 9, found none"},
      {"b\te\t1\t2\t3\t-\t4\t5\tx in y", "expected executions of 1 to the budget, 2, found 3"},
      {"b\te\t1\t2\t0\t-\t4\t5\tx in y", "expected executions of 1 to the budget, 2, found 0"},
      {"b\te\t1\t2\t2\t3\t4\t5\tx in y", "expected to diverge in one of 2 executions, found 3"},
      {"b\te\t1\t2\t2\t0\t4\t5\tx in y", "expected to diverge in one of 2 executions, found 0"},
      {"b\te\t1\t2\t1\t-\t4\t5\t-", "expected the whole budget where nothing was found, found 1 of 2"},
      {"b\tthreads\t1\t2\t2\t-\t4\t5\t-", "expected 'unrepeatable' of threads, found '-'"},
      {"b\tthreads-yields\t1\t2\t2\t1\t4\t5\tx in y", "expected 'unrepeatable' of threads-yields, found '1'"},
      {"b\trandom\t1\t2\t2\tunrepeatable\t4\t5\t-", "expected a number in column 6, found 'unrepeatable'"},
  };
  for (const auto& row : bad) {
    const auto parsed = parse_row(row.line);
    ASSERT_FALSE(parsed) << row.line;
    EXPECT_EQ(parsed.error(), row.error);
  }
  EXPECT_FALSE(parse_row(kRowHeader));
}

}  // namespace
}  // namespace daxfuzz::bugs
