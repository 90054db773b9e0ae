// SPDX-License-Identifier: GPL-2.0-only
// Random and bytes: what they choose, and that they reach what can be reached.
#include "sched/choice.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "sched/choice_bytes.h"
#include "sched/choice_random.h"
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

}  // namespace
}  // namespace daxfuzz::sched
