// SPDX-License-Identifier: GPL-2.0-only
// The search against two that know no states: brute force over small random programs,
// where each outcome must be the same, and random schedules of larger ones, which must
// find nothing that a complete search did not.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "explore/drawn_tasks.h"
#include "explore/program.h"
#include "explore/testing.h"
#include "fuzz/draw.h"
#include "sched/choice_pct.h"
#include "sched/choice_random.h"
#include "trace/text.h"

namespace daxfuzz::explore::testing {
namespace {

constexpr int kPrograms = 200;

class Agreement : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!arena_available()) GTEST_SKIP() << "no arena under a sanitizer";
  }
};

TEST_F(Agreement, TasksHaveTheOutcomesOfBruteForce) {
  fuzz::Random random(7);
  int compared = 0, several = 0, failed = 0;
  std::uint64_t brute = 0, merged = 0;
  while (compared < kPrograms) {
    Drawn::plan = drawn_plan(random, Action::none);
    Tasks<Drawn> subject;
    Limits limits;
    limits.executions = 4'000;
    limits.merge = false;
    const Report all = search(subject, limits);
    if (!all.complete()) continue;
    limits.merge = true;
    const Report report = search(subject, limits);
    ASSERT_TRUE(report.complete());
    ASSERT_EQ(keys(report), keys(all)) << "program " << compared;
    compared++;
    several += all.outcomes.size() > 1 ? 1 : 0;
    failed += all.failure() != nullptr ? 1 : 0;
    brute += all.executions;
    merged += report.executions;
  }
  EXPECT_GT(several, kPrograms / 3);
  EXPECT_GT(failed, kPrograms / 20);
  EXPECT_LT(merged * 4, brute);
}

TEST_F(Agreement, ProgramsHaveTheOutcomesOfBruteForce) {
  fuzz::Random random(1);
  int compared = 0, several = 0;
  std::uint64_t brute = 0, merged = 0;
  while (compared < kPrograms) {
    trace::Program program = fuzz::drawn({.protocol = {}, .threads = 2, .ops = 6, .focused = false}, random);
    program.ops.resize(2 + random.below(3));
    program = trace::clamped(program);
    if (program.threads() < 2) continue;
    ProgramLimits limits;
    limits.executions = 1'000;
    limits.merge = false;
    const Report all = explore(program, limits);
    if (!all.complete()) continue;
    limits.merge = true;
    const Report report = explore(program, limits);
    ASSERT_TRUE(report.complete());
    trace::Trace trace;
    trace.program = program;
    ASSERT_EQ(keys(report), keys(all)) << trace::print(trace);
    compared++;
    several += all.outcomes.size() > 1 ? 1 : 0;
    brute += all.executions;
    merged += report.executions;
  }
  EXPECT_GT(several, kPrograms / 20);
  EXPECT_LT(merged * 2, brute);
}

void expect_nothing_else(trace::Program program, const Report& report, std::uint64_t schedules) {
  for (std::uint64_t seed = 0; seed < schedules; seed++) {
    std::unique_ptr<sched::ChoiceSource> choices;
    if (seed % 2 == 0) {
      choices = std::make_unique<sched::RandomChoice>(seed);
    } else {
      choices = std::make_unique<sched::PctChoice>(seed, 2 + seed / 2 % 4, report.steps_longest);
    }
    exec::Options options;
    options.choices = choices.get();
    const std::string key = outcome_key(exec::execute(program, options));
    ASSERT_TRUE(report.outcomes.contains(key)) << key;
  }
}

// The claims of corpus/ that can be searched in a moment.
TEST_F(Agreement, RandomSchedulesFindNothingElse) {
  int searched = 0;
  for (const std::string& path : ::testing::internal::GetArgvs()) {
    if (!path.ends_with(".daxt")) continue;
    std::ifstream in(path);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto parsed = trace::parse(text, path);
    ASSERT_TRUE(parsed.has_value()) << path;
    const trace::Program& program = parsed->trace.program;
    ProgramLimits limits;
    limits.executions = 5'000;
    if (program.threads() < 2) continue;
    const Report report = explore(program, limits);
    if (!report.complete()) continue;
    SCOPED_TRACE(path);
    searched++;
    expect_nothing_else(program, report, 2'000);
  }
  EXPECT_GE(searched, 10);
}

}  // namespace
}  // namespace daxfuzz::explore::testing
