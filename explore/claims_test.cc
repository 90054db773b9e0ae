// SPDX-License-Identifier: GPL-2.0-only
// docs/claims-explored.md says of all schedules of the claims what a search says, row by row, and
// the search agrees with the files' own schedules. Each check is seen to fail once.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "explore/arena.h"
#include "explore/claims.h"

namespace daxfuzz::explore {
namespace {

const std::vector<ClaimRow>& rows() {
  static const std::vector<ClaimRow> all = [] {
    std::vector<corpus::File> files;
    for (const std::string& path : corpus::list("corpus/claims")) {
      auto file = corpus::load(path);
      EXPECT_TRUE(file.has_value()) << path;
      if (file) files.push_back(std::move(*file));
    }
    return claim_rows(files, {});
  }();
  return all;
}

std::string page() {
  std::ifstream stream("docs/claims-explored.md");
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(ClaimTable, IsWhatThePageHas) {
  ASSERT_TRUE(arena_available());
  EXPECT_EQ(first_difference(page(), claim_table(rows(), {})), "")
      << "to write it anew: bazel run //explore:claims -- --update";
}

// A number, a verdict, a row too many, one too few, no table: each is noticed.
TEST(ClaimTable, AWrongRowIsNoticed) {
  const std::string table = claim_table(rows(), {});
  const auto noticed = [&](const std::vector<ClaimRow>& wrong) {
    const auto with = with_claim_table(page(), claim_table(wrong, {}));
    return with.has_value() && !first_difference(*with, table).empty();
  };
  ASSERT_GT(rows().size(), 50u);
  for (std::size_t i = 0; i < rows().size(); i++) {
    std::vector<ClaimRow> wrong = rows();
    wrong[i].executions++;
    EXPECT_TRUE(noticed(wrong)) << i;
    wrong = rows();
    wrong[i].trace = wrong[i].passes() ? "lost-wakeup in dax_break_layout" : "pass";
    wrong[i].failed.clear();
    EXPECT_TRUE(noticed(wrong)) << i;
    wrong = rows();
    wrong.erase(wrong.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(noticed(wrong)) << i;
  }
  EXPECT_FALSE(noticed(rows()));
  EXPECT_NE(first_difference("no table\n", table), "");
  EXPECT_FALSE(with_claim_table("no table\n", table).has_value());
}

TEST(ClaimTable, WhatStandsAroundItStays) {
  const std::string table = claim_table({}, {});
  const auto with = with_claim_table("a\n\n" + std::string(kClaimTable) + "\n| old |\n\nb\n", table);
  ASSERT_TRUE(with.has_value());
  EXPECT_EQ(*with, "a\n\n" + table + "\nb\n");
  EXPECT_EQ(first_difference(*with, table), "");
}

// Where all schedules were searched, the file's own is one of them.
TEST(Claims, SearchAndTraceAgree) {
  int searched = 0, failing = 0;
  for (const ClaimRow& row : rows()) {
    EXPECT_EQ(row.contradiction(), "");
    searched += row.reach == Reach::all ? 1 : 0;
    failing += row.reach == Reach::all && row.trace != "pass" ? 1 : 0;
  }
  EXPECT_GT(searched, 30);
  EXPECT_GT(failing, 5);
}

TEST(Claims, ADisagreementIsNoticed) {
  ClaimRow row{.claim = "c", .protocol = "v1", .trace = "a in b", .failed = {"c in d"}, .reach = Reach::all};
  EXPECT_NE(row.contradiction(), "");
  row.failed.push_back("a in b");
  EXPECT_EQ(row.contradiction(), "");
}

TEST(Claims, VerdictsSayWhatWasSearched) {
  ClaimRow row{.claim = "c", .protocol = "v1", .trace = "pass", .failed = {}, .reach = Reach::all};
  EXPECT_EQ(row.verdict(), "passes");
  row.reach = Reach::preempted;
  EXPECT_EQ(row.verdict(), "passes, so far");
  row.reach = Reach::cut;
  EXPECT_EQ(row.verdict(), "not decided");
  row.failed = {"a in b"};
  EXPECT_EQ(row.verdict(), "fails by another schedule: a in b");
  row.trace = "c in d";
  EXPECT_EQ(row.verdict(), "fails by the trace: c in d, and 1 more");
}

}  // namespace
}  // namespace daxfuzz::explore
