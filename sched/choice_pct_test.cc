// SPDX-License-Identifier: GPL-2.0-only
// PCT: what it chooses, that it finds a bug of its depth as often as it promises, and that a
// task which spins does not keep others out.
#include "sched/choice_pct.h"

#include <gtest/gtest.h>

#include <set>

#include "sched/primitives.h"
#include "sched/testing.h"

namespace daxfuzz::sched {
namespace {

Choice at_step(std::uint64_t step, std::uint32_t runnable, TaskId current) {
  Choice choice;
  choice.runnable = runnable;
  choice.current = current;
  choice.current_runnable = current != kNoTask && (runnable >> current & 1u) != 0;
  choice.step = step;
  return choice;
}

// A golden value: a seed in a bench row must mean the same schedule for ever.
TEST(PctChoice, IsTheSameEverywhere) {
  std::string drawn;
  for (std::uint64_t seed = 0; seed < 8; seed++) {
    PctChoice choices(seed, 3, 12);
    TaskId current = kNoTask;
    for (std::uint64_t step = 0; step < 12; step++)
      drawn += static_cast<char>('0' + (current = choices.next(at_step(step, 0b1101, current))));
    drawn += ' ';
  }
  EXPECT_EQ(drawn,
            "333333222200 000033333322 220000033333 333333330002 "
            "000000002222 333322222000 333333333220 033322222222 ");
}

TEST(PctChoice, OfDepthOneNeverChangesItsMind) {
  std::set<TaskId> first;
  for (std::uint64_t seed = 0; seed < 100; seed++) {
    PctChoice choices(seed, 1, 100);
    const TaskId task = choices.next(at_step(0, 0b111, kNoTask));
    first.insert(task);
    for (std::uint64_t step = 1; step < 100; step++)
      EXPECT_EQ(choices.next(at_step(step, 0b111, task)), task);
  }
  EXPECT_EQ(first.size(), 3u);
}

TEST(PctChoice, OfDepthThreeChangesItTwice) {
  for (std::uint64_t seed = 0; seed < 100; seed++) {
    PctChoice choices(seed, 3, 50);
    TaskId current = choices.next(at_step(0, 0b111, kNoTask));
    int changes = 0;
    for (std::uint64_t step = 1; step < 200; step++) {
      const TaskId next = choices.next(at_step(step, 0b111, current));
      changes += next != current ? 1 : 0;
      current = next;
    }
    EXPECT_LE(changes, 2) << seed;
  }
}

TEST(PctChoice, ATaskThatSpinsFallsBehind) {
  PctChoice choices(1, 1, 10);
  std::set<TaskId> ran;
  TaskId current = kNoTask;
  for (std::uint64_t step = 0; step < 3 * (PctChoice::kPatience + 2); step++)
    ran.insert(current = choices.next(at_step(step, 0b111, current)));
  EXPECT_EQ(ran.size(), 3u);
}

// Who spins cannot be chosen twice in a row. The third task is what both wait for.
TEST(PctChoice, OneThatTwoSpinForByTurnsIsNotStarved) {
  for (std::uint64_t seed = 0; seed < 20; seed++) {
    PctChoice choices(seed, 1, 10);
    std::set<TaskId> ran;
    TaskId current = kNoTask;
    for (std::uint64_t step = 0; step < PctChoice::kStarved + 2; step++) {
      const std::uint32_t runnable = current == kNoTask ? 0b111 : 0b111 & ~(1u << current);
      ran.insert(current = choices.next(at_step(step, runnable, current)));
    }
    EXPECT_EQ(ran.size(), 3u) << seed;
  }
}

// Two tasks add 1 by a load and a store.
bool update_is_lost(ChoiceSource& choices) {
  Plain<int> count(0);
  const auto add = [&] { count.store(count.read_once("load") + 1, "store"); };
  EXPECT_EQ(testing::run(choices, {add, add}).outcome, Outcome::finished);
  return count.peek() == 1;
}

// One of the tasks has to be held up between its load and its store: depth 2.
TEST(PctChoice, FindsALostUpdateAsOftenAsItPromises) {
  constexpr int kRuns = 2000;
  constexpr std::uint64_t kSteps = 8;
  int lost = 0;
  for (std::uint64_t seed = 0; seed < kRuns; seed++) {
    PctChoice choices(seed, 2, kSteps);
    lost += update_is_lost(choices) ? 1 : 0;
  }
  EXPECT_GE(lost, kRuns / static_cast<int>(2 * kSteps));
  int never = 0;
  for (std::uint64_t seed = 0; seed < kRuns; seed++) {
    PctChoice choices(seed, 1, kSteps);
    never += update_is_lost(choices) ? 1 : 0;
  }
  EXPECT_EQ(never, 0);
}

TEST(PctChoiceDeathTest, DepthIsWithinItsRange) {
  EXPECT_DEATH(PctChoice(1, 0, 10), "CHECK failed");
  EXPECT_DEATH(PctChoice(1, PctChoice::kDepthMax + 1, 10), "CHECK failed");
}

}  // namespace
}  // namespace daxfuzz::sched
