// SPDX-License-Identifier: GPL-2.0-only
// Random and bytes: what they choose, and that they reach what can be reached.
#include "sched/choice.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "sched/choice_bytes.h"
#include "sched/choice_elastic.h"
#include "sched/choice_pct.h"
#include "sched/choice_random.h"
#include "sched/choice_replay.h"
#include "sched/primitives.h"
#include "sched/testing.h"

namespace daxfuzz::sched {
namespace {

Choice among(std::uint32_t runnable, TaskId current = kNoTask) {
  Choice choice;
  choice.runnable = runnable;
  choice.current = current;
  choice.current_runnable = current != kNoTask && (runnable >> current & 1u) != 0;
  return choice;
}

// A golden value: a seed in a trace file must mean the same schedule for ever.
TEST(RandomChoice, IsTheSameEverywhere) {
  RandomChoice choices(42);
  std::string drawn;
  for (int i = 0; i < 32; ++i) drawn += static_cast<char>('0' + choices.next(among(0b11101)));
  EXPECT_EQ(drawn, "02344434433242343433002322243023");
}

TEST(RandomChoice, IsUniformOverThreeOfFive) {
  RandomChoice choices(7);
  std::array<int, kTasksMax> count{};
  for (int i = 0; i < 30000; ++i) ++count[choices.next(among(0b10110))];
  EXPECT_EQ(count[0] + count[3] + count[5] + count[6] + count[7], 0);
  for (int task : {1, 2, 4}) EXPECT_NEAR(count[static_cast<std::size_t>(task)], 10000, 400);
}

TEST(NthTask, CountsMembersInOrder) {
  EXPECT_EQ(nth_task(0b10110, 0), 1);
  EXPECT_EQ(nth_task(0b10110, 1), 2);
  EXPECT_EQ(nth_task(0b10110, 2), 4);
  EXPECT_EQ(nth_task(0b11111111, 7), 7);
  EXPECT_DEATH((void)nth_task(0b10110, 3), "CHECK failed");
}

TEST(BytesChoice, IndexesTheRunnableAndThenKeepsTheCurrent) {
  const std::uint8_t bytes[] = {0, 1, 2, 3, 255};
  BytesChoice choices(bytes, sizeof bytes);
  for (TaskId expected : {TaskId{1}, TaskId{2}, TaskId{4}, TaskId{1}, TaskId{1}})
    EXPECT_EQ(choices.next(among(0b10110)), expected);
  EXPECT_EQ(choices.used(), 5u);
  EXPECT_EQ(choices.next(among(0b10110, 2)), 2);
  EXPECT_EQ(choices.next(among(0b10110, 3)), 1);
}

// Two tasks add 1 twice each by a load and a store: 2, 3 or 4 remain.
int racy_count(ChoiceSource& choices) {
  Plain<int> count(0);
  const auto add = [&] { for (int i = 0; i < 2; ++i) count.store(count.read_once("load") + 1, "store"); };
  EXPECT_EQ(testing::run(choices, {add, add}).outcome, Outcome::finished);
  return count.peek();
}

TEST(RandomChoice, ReachesEveryOutcome) {
  std::set<int> reached;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomChoice choices(seed);
    reached.insert(racy_count(choices));
  }
  EXPECT_EQ(reached, (std::set<int>{2, 3, 4}));
}

TEST(RandomChoice, SeedsReachDifferentInterleavings) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Plain<int> count(0);
    const auto add = [&] { count.store(count.read_once("load") + 1, "store"); };
    RandomChoice choices(seed);
    digests.insert(testing::run(choices, {add, add}).digest);
  }
  EXPECT_EQ(digests.size(), 20u) << "3 steps each: 6 over 3 interleavings";
}

TEST(BytesChoice, ReachesEveryOutcome) {
  std::set<int> reached;
  for (unsigned value = 0; value < 1024; ++value) {
    std::uint8_t bytes[10];
    for (unsigned i = 0; i < 10; ++i) bytes[i] = static_cast<std::uint8_t>(value >> i & 1u);
    BytesChoice choices(bytes, sizeof bytes);
    reached.insert(racy_count(choices));
  }
  EXPECT_EQ(reached, (std::set<int>{2, 3, 4}));
}

// Each waits for a word to stay what it has made it, and takes the other's away: by turns, where nothing
// is drawn.
constexpr std::uint64_t kStepsMax = 10000;
testing::Result run_of_two_in_step(ChoiceSource& choices, int pages) {
  Plain<int> word(-1);
  const auto take = [&](int own) {
    do {
      for (int page = 0; page < pages; page++) yield_point("page");
      word.store(own, "take");
      spin_point("again");
    } while (word.read_once("look") != own);
  };
  return testing::run(choices, {[&] { take(0); }, [&] { take(1); }}, kStepsMax);
}

// How it ends, and after how many steps.
Outcome end_of(const testing::Result& result, std::uint64_t* steps) {
  if (steps != nullptr) *steps = result.steps;
  return result.outcome;
}
Outcome end_of_two_in_step(ChoiceSource& choices, std::uint64_t* steps) {
  return end_of(run_of_two_in_step(choices, 0), steps);
}
// A fault of a PMD takes more than a hundred steps, and is a lap all the same.
Outcome end_of_two_in_long_steps(ChoiceSource& choices, std::uint64_t* steps) {
  return end_of(run_of_two_in_step(choices, 150), steps);
}

// Two that spin by turns wait for a third.
testing::Result run_of_two_for_a_third(ChoiceSource& choices, testing::Memory memory = testing::Memory::sc) {
  Plain<int> word(0);
  const auto wait = [&] {
    while (word.read_once("look") == 0) spin_point("again");
  };
  return testing::run(choices, {wait, wait, [&] { word.store(1, "set"); }}, kStepsMax, memory);
}
Outcome end_of_two_for_a_third(ChoiceSource& choices, std::uint64_t* steps) {
  return end_of(run_of_two_for_a_third(choices), steps);
}

class ByTurns final : public ChoiceSource {
 public:
  TaskId next(const Choice& choice) override { return keep_current(choice); }
};

using End = Outcome (*)(ChoiceSource&, std::uint64_t*);

// A strategy that never gets out of it has half of the budget for that, or as many laps as end a run.
TEST(InStep, ByTurnsThereIsNoEndUntilTheRunIsLate) {
  ByTurns by_turns;
  std::uint64_t steps = 0;
  EXPECT_EQ(end_of_two_in_step(by_turns, &steps), Outcome::budget);
  EXPECT_EQ(end_of_two_in_long_steps(by_turns, &steps), Outcome::finished);
  EXPECT_GE(steps, kStepsMax / 2);
  EXPECT_EQ(end_of_two_for_a_third(by_turns, &steps), Outcome::finished);
  EXPECT_GE(steps, kStepsMax / 2);
}

// What has no end under any scheduler has none then.
TEST(InStep, NoEndIsNoEnd) {
  const auto for_ever = [] {
    for (Plain<int> word(0);;) {
      word.store(1, "take");
      spin_point("again");
    }
  };
  ByTurns by_turns;
  EXPECT_EQ(testing::run(by_turns, {for_ever, for_ever}).outcome, Outcome::budget);
  RandomChoice random(1);
  EXPECT_EQ(testing::run(random, {for_ever, for_ever}).outcome, Outcome::budget);
}

// A run that was late is followed like any other.
TEST(InStep, ALateRunReplaysStrictly) {
  for (const testing::Memory memory : {testing::Memory::sc, testing::Memory::tso}) {
    ByTurns by_turns;
    const auto recorded = run_of_two_for_a_third(by_turns, memory);
    EXPECT_GE(recorded.steps, kStepsMax / 2);
    ReplayChoice replay(testing::segments(recorded.schedule), ReplayMode::strict);
    const auto again = run_of_two_for_a_third(replay, memory);
    EXPECT_EQ(again.outcome, Outcome::finished);
    EXPECT_EQ(again.digest, recorded.digest);
    EXPECT_FALSE(replay.diverged());
    EXPECT_TRUE(replay.complete());
  }
}

TEST(InStep, StrategiesThatDrawNothingGetOutOfIt) {
  for (const End end : {End{end_of_two_in_step}, End{end_of_two_in_long_steps}, End{end_of_two_for_a_third}}) {
    // Before the run is late, where any strategy would come to an end.
    const auto ends = [&](ChoiceSource& choices) {
      std::uint64_t steps = 0;
      return end(choices, &steps) == Outcome::finished && steps < kStepsMax / 2;
    };
    BytesChoice bytes(nullptr, 0);
    EXPECT_TRUE(ends(bytes));
    ElasticChoice elastic({});
    EXPECT_TRUE(ends(elastic));
    for (const ReplayMode mode : {ReplayMode::strict, ReplayMode::lenient}) {
      ReplayChoice replay({}, mode);
      EXPECT_TRUE(ends(replay));
    }
    for (std::uint64_t seed = 0; seed < 50; seed++) {
      PctChoice pct(seed, 1, 10);
      EXPECT_TRUE(ends(pct)) << seed;
    }
  }
}

}  // namespace
}  // namespace daxfuzz::sched
