// SPDX-License-Identifier: GPL-2.0-only
// A program's schedules in every build: with equal states merged where there is an arena, and by
// brute force where there is none, which is the same answer. See agreement_test.cc for many.
#include "explore/program.h"

#include <gtest/gtest.h>

#include "trace/text.h"

namespace daxfuzz::explore {
namespace {

constexpr const char* kTwoFaults =
    "daxt 1\n"
    "protocol    upstream\n"
    "geometry    files=1 blocks=1 pmd_order=1 mms=1\n"
    "T0: mmap    a+0 len=1 -> m0\n"
    "T1: alloc   a+1 len=1\n"
    "schedule    random seed=1\n";

TEST(Program, MergedOrNotItHasTheSameOutcomes) {
  const auto parsed = trace::parse(kTwoFaults, "two");
  ASSERT_TRUE(parsed) << parsed.error().str();
  ProgramLimits limits;
  limits.executions = 200000;
  const Report merged = explore(parsed->trace.program, limits, {}, {});
  limits.merge = false;
  const Report brute = explore(parsed->trace.program, limits, {}, {});
  ASSERT_TRUE(merged.complete() && brute.complete());
  EXPECT_GT(brute.executions, 1u);
  ASSERT_EQ(merged.outcomes.size(), brute.outcomes.size());
  for (const auto& [key, found] : brute.outcomes) EXPECT_TRUE(merged.outcomes.contains(key)) << key;
}

}  // namespace
}  // namespace daxfuzz::explore
