// SPDX-License-Identifier: GPL-2.0-only
// The classic programs: the bug is found, the twin without it is searched to the end and
// nothing is said of it, and without merging the outcomes are the same where that can
// be tried.
#include <gtest/gtest.h>

#include <cstdio>

#include "explore/classic_programs.h"
#include "explore/testing.h"

namespace daxfuzz::explore::testing {
namespace {

template <class Program>
Report searched(Limits limits = {}) {
  Tasks<Program> subject;
  return search(subject, limits);
}

template <template <bool> class Program>
void expect_told_apart(const char* name) {
  const Report fixed = searched<Program<true>>();
  std::printf("%-9s %7llu executions, %7llu states\n", name,
              static_cast<unsigned long long>(fixed.executions),
              static_cast<unsigned long long>(fixed.states));
  EXPECT_TRUE(fixed.complete());
  EXPECT_EQ(keys(fixed), "finished right\n");
  EXPECT_EQ(fixed.failure(), nullptr);

  const Report buggy = searched<Program<false>>();
  EXPECT_TRUE(buggy.complete());
  ASSERT_NE(buggy.failure(), nullptr);
  Limits limits;
  limits.first_failure = true;
  const Report first = searched<Program<false>>(limits);
  EXPECT_EQ(first.cut, Cut::failure);
  ASSERT_NE(first.failure(), nullptr);
  EXPECT_LT(first.executions, buggy.executions);

  // The decisions that are told lead there again.
  Tasks<Program<false>> again;
  DecidedChoice decided(first.failure()->decisions);
  EXPECT_TRUE(again.run(decided).failed);
}

class Classic : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!arena_available()) GTEST_SKIP() << "no arena under a sanitizer";
  }
};

TEST_F(Classic, LostWake) { expect_told_apart<LostWake>("lostwake"); }
TEST_F(Classic, RefGet) { expect_told_apart<RefGet>("refget"); }
TEST_F(Classic, Aba) { expect_told_apart<Aba>("aba"); }
TEST_F(Classic, Deep4) { expect_told_apart<Deep4>("deep4"); }
TEST_F(Classic, Reorder5) { expect_told_apart<Reorder5>("reorder_5"); }

// The ones that brute force comes to the end of.
TEST_F(Classic, MergingChangesNoOutcome) {
  Limits brute;
  brute.merge = false;
  EXPECT_EQ(keys(searched<RefGet<true>>()), keys(searched<RefGet<true>>(brute)));
  EXPECT_EQ(keys(searched<RefGet<false>>()), keys(searched<RefGet<false>>(brute)));
}

// Deep4 needs four switches, two of which are forced by the end of a task.
TEST_F(Classic, ABoundOnPreemptionsIsABound) {
  Limits limits;
  for (limits.preemptions = 0; *limits.preemptions < 2; ++*limits.preemptions) {
    const Report report = searched<Deep4<false>>(limits);
    EXPECT_TRUE(report.complete());
    EXPECT_GT(report.preempted, 0u);
    EXPECT_EQ(report.failure(), nullptr) << *limits.preemptions;
  }
  EXPECT_NE(searched<Deep4<false>>(limits).failure(), nullptr);
}

}  // namespace
}  // namespace daxfuzz::explore::testing
