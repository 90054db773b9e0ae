// SPDX-License-Identifier: GPL-2.0-only
// What a search that learns steps says, against brute force over small random programs, where each
// outcome must be the same, against random schedules, and against the best counts that other checkers
// reach on the classic programs. A subject that does not tell all is to be noticed by that.
#include "explore/learn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "explore/classic_programs.h"
#include "explore/drawn_tasks.h"
#include "explore/testing.h"
#include "sched/choice_pct.h"
#include "sched/choice_random.h"
#include "sched/wait_queue.h"

namespace daxfuzz::explore::testing {
namespace {

unsigned long long as_printed(std::uint64_t number) { return number; }

double cpu_milliseconds() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class Shared>
void expect_random_schedules_find_nothing_else(Tasks<Shared>& subject, const Report& report, std::uint64_t schedules) {
  for (std::uint64_t seed = 1; seed <= schedules; seed++) {
    sched::RandomChoice random(seed);
    sched::PctChoice pct(seed, 2 + seed / 2 % 4, report.steps_longest);
    const bool even = seed % 2 == 0;
    const Outcome outcome = subject.sample(even ? static_cast<sched::ChoiceSource&>(random) : pct);
    ASSERT_TRUE(report.outcomes.contains(outcome.key)) << outcome.key << " by seed " << seed;
  }
}

// runs: to the end, that the best of peers needs for the same. classes: as other tools count them, if
// they take a program's steps as we do.
template <template <bool> class Program>
void expect_told_apart(const char* name, std::uint64_t runs, std::uint64_t classes) {
  Tasks<Program<true>> twin;
  Learnt fixed;
  double milliseconds = 1e9;
  for (int again = 0; again < 5; again++) {
    const double begin = cpu_milliseconds();
    fixed = learn(twin, {});
    milliseconds = std::min(milliseconds, cpu_milliseconds() - begin);
  }
  const std::uint64_t to_the_end = fixed.executions - fixed.merged;
  std::printf("| %s | %llu | %llu | %llu | %llu | %llu | %llu | %.1f |\n", name, as_printed(to_the_end),
              as_printed(fixed.merged), as_printed(fixed.steps), as_printed(fixed.states),
              as_printed(fixed.classes), as_printed(fixed.schedules), milliseconds);
  EXPECT_TRUE(fixed.complete()) << fixed.untold;
  EXPECT_EQ(keys(fixed), "finished right\n");
  EXPECT_LE(to_the_end, runs);
  EXPECT_LE(milliseconds, 1000);  // 10 on an idle machine; runs and states are what is exact
  EXPECT_EQ(fixed.classes, classes);
  expect_random_schedules_find_nothing_else(twin, fixed, 2'000);

  Tasks<Program<false>> subject;
  const Learnt buggy = learn(subject, {});
  EXPECT_TRUE(buggy.complete()) << buggy.untold;
  EXPECT_EQ(keys(buggy), keys(search(subject, {})));
  ASSERT_NE(buggy.failure(), nullptr);
  DecidedChoice decided(buggy.failure()->decisions);
  EXPECT_TRUE(subject.run(decided).failed);
  Limits first;
  first.first_failure = true;
  EXPECT_EQ(learn(subject, first).cut, Cut::failure);
}

class LearnTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!arena_available()) GTEST_SKIP() << "no arena under a sanitizer";
  }
};

// The table of README.md: runs to the end, runs cut short, steps learnt, states, classes, schedules, ms.
TEST_F(LearnTest, ClassicProgramsInNoMoreRunsThanPeersNeed) {
  expect_told_apart<LostWake>("lostwake", 44, 118);
  expect_told_apart<RefGet>("refget", 14, 16);
  expect_told_apart<Aba>("aba", 12, 164);
  expect_told_apart<Deep4>("deep4", 15, 15);
  expect_told_apart<Reorder5>("reorder_5", 145, 40'032);
}

struct Agreed {
  int programs = 0, several = 0, failed = 0, untold = 0, wrong = 0;
  std::uint64_t brute = 0, runs = 0;
};

// wrong: "complete", and not the outcomes of brute force.
Agreed agreed(std::uint64_t seed, int programs, Action end, bool lies = false) {
  fuzz::Random random(seed);
  Agreed agreed;
  while (agreed.programs < programs) {
    Drawn::plan = drawn_plan(random, end);
    Drawn::plan.lies = lies;
    Tasks<Drawn> subject;
    Limits limits;
    limits.executions = 1'000;
    limits.merge = false;
    const Report all = search(subject, limits);
    if (!all.complete()) continue;
    agreed.programs++;
    agreed.several += all.outcomes.size() > 1 ? 1 : 0;
    agreed.failed += all.failure() != nullptr ? 1 : 0;
    const Learnt report = learn(subject, {});
    if (!report.untold.empty()) {
      agreed.untold++;
      EXPECT_FALSE(report.complete());
      limits.merge = true;
      EXPECT_EQ(keys(reduced(subject, limits)), keys(all)) << "program " << agreed.programs;
      continue;
    }
    agreed.brute += all.executions;
    agreed.runs += report.executions;
    EXPECT_TRUE(report.complete());
    agreed.wrong += keys(report) != keys(all) ? 1 : 0;
    if (!lies) expect_random_schedules_find_nothing_else(subject, report, 50);
  }
  std::printf("%d programs, %d not told, %d wrong: %llu runs for %llu\n", agreed.programs, agreed.untold,
              agreed.wrong, as_printed(agreed.runs), as_printed(agreed.brute));
  return agreed;
}

TEST_F(LearnTest, HasTheOutcomesOfBruteForce) {
  constexpr int kPrograms = 200;
  const Agreed told = agreed(7, kPrograms, Action::hides);
  EXPECT_EQ(told.untold, 0);
  EXPECT_EQ(told.wrong, 0);
  EXPECT_GT(told.several, kPrograms / 3);
  EXPECT_GT(told.failed, kPrograms / 20);
  EXPECT_LT(told.runs * 10, told.brute);
}

// A word that is not told of costs runs, and no outcome; who spins, or sleeps, is searched by states.
TEST_F(LearnTest, HasThemIfNotAllIsTold) {
  constexpr int kPrograms = 60;
  const Agreed hidden = agreed(8, kPrograms, Action::sleeps);
  EXPECT_EQ(hidden.untold, 0);
  EXPECT_EQ(hidden.wrong, 0);
  const Agreed all = agreed(9, kPrograms, Action::none);
  EXPECT_GT(all.untold, kPrograms / 10);
  EXPECT_LT(all.untold, kPrograms);
  EXPECT_EQ(all.wrong, 0);
}

TEST_F(LearnTest, TasksThatDoNothingAreDoneInOneRun) {
  Drawn::plan = {};
  for (auto& actions : Drawn::plan.actions) actions.fill(Action::none);
  Tasks<Drawn> subject;
  const Learnt report = learn(subject, {});
  EXPECT_TRUE(report.complete()) << report.untold;
  EXPECT_EQ(report.executions, 1u);
  EXPECT_EQ(report.states, 4u);
  EXPECT_EQ(report.schedules, 2u);
  EXPECT_EQ(report.classes, 1u);
}

// What is not searched so says why, and is not complete.
TEST_F(LearnTest, APartIsRefused) {
  Tasks<RefGet<true>> subject;
  Limits limits;
  limits.preemptions = 1;
  const Learnt report = learn(subject, limits);
  EXPECT_FALSE(report.untold.empty());
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.executions, 0u);
}

// Who waits on a queue tells of its state, which the scheduler keeps.
struct Sleeper {
  static std::uint32_t tasks() { return 2; }
  void task(std::uint32_t t) {
    if (t == 0) return queue.wake_up(0, nullptr);
    sched::WaitQueueEntry entry{.task = 1, .func = sched::autoremove_wake_function};
    queue.prepare_to_wait(entry, sched::TaskState::uninterruptible);
    sched::schedule({.what = "queue", .kind = sched::WaitReason::Kind::event});
    queue.finish_wait(entry);
  }
  static std::string text() { return ""; }
  sched::WaitQueueHead queue;
};

TEST_F(LearnTest, ASleeperIsRefused) {
  Tasks<Sleeper> subject;
  const Learnt report = learn(subject, {});
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.untold, "a step tells of a word that is not on the heap");
  EXPECT_EQ(keys(reduced(subject, {})), "finished \nstuck! \n");
}

TEST_F(LearnTest, ABudgetCutsIt) {
  Tasks<Aba<true>> subject;
  Limits limits;
  limits.executions = 3;
  const Learnt report = learn(subject, limits);
  EXPECT_EQ(report.cut, Cut::executions);
  EXPECT_EQ(report.executions, 3u);
  EXPECT_FALSE(report.complete());
}

// A dependency that is left out: a word that is told of elsewhere is read, and another one named.
TEST_F(LearnTest, ALieIsCaughtByThat) {
  const Agreed lies = agreed(7, 60, Action::hides, true);
  EXPECT_GT(lies.wrong + lies.untold, 0);
}

}  // namespace
}  // namespace daxfuzz::explore::testing
