// SPDX-License-Identifier: GPL-2.0-only
// The rules of kernel/sched/wait.c that the DAX entry lock lives on.
#include "sched/wait_queue.h"

#include <gtest/gtest.h>

#include "sched/choice_random.h"
#include "sched/testing.h"

namespace daxfuzz::sched {
namespace {

using testing::Order;
using testing::run;

WaitReason reason() {
  return {.what = "event",
          .kind = WaitReason::Kind::event,
          .holders = 0,
          .object = 0,
          .satisfied = nullptr,
          .arg = nullptr};
}

// A waiter that sleeps once; `woken` tells the order in which waiters went on.
std::function<void()> sleeper(WaitQueueHead& head, Order& woken, char name, bool exclusive) {
  return [&head, &woken, name, exclusive] {
    WaitQueueEntry entry;
    entry.task = Scheduler::current_task();
    entry.func = &autoremove_wake_function;
    if (exclusive) {
      head.prepare_to_wait_exclusive(entry, TaskState::uninterruptible);
    } else {
      head.prepare_to_wait(entry, TaskState::uninterruptible);
    }
    schedule(reason());
    head.finish_wait(entry);
    woken += name;
  };
}

// T0..T2 sleep exclusively, T3 plainly, T4 wakes when all of them do.
std::string woken_by(int nr_exclusive, Outcome expected) {
  WaitQueueHead head;
  Order woken;
  std::vector<std::function<void()>> bodies;
  for (char name : {'a', 'b', 'c'}) bodies.push_back(sleeper(head, woken, name, true));
  bodies.push_back(sleeper(head, woken, 'n', false));
  bodies.push_back([&] {
    EXPECT_EQ(head.queued_tasks(), 0b1111u);
    EXPECT_TRUE(head.active());
    head.wake_up(nr_exclusive, nullptr);
  });
  // Each to its end or its sleep, in this order.
  ReplayChoice choices({{0, 3, ""}, {1, 3, ""}, {2, 3, ""}, {3, 3, ""}, {4, 3, ""}});
  EXPECT_EQ(run(choices, bodies).outcome, expected);
  EXPECT_FALSE(choices.diverged()) << choices.divergence().expected << ", " << choices.divergence().found;
  return woken.str();
}

TEST(WaitQueue, WakesThatManyExclusiveInOrderAndAllOthers) {
  EXPECT_EQ(woken_by(1, Outcome::stuck), "an");
  EXPECT_EQ(woken_by(2, Outcome::stuck), "abn");
  EXPECT_EQ(woken_by(0, Outcome::finished), "abcn");
}

// An exclusive entry whose func says no does not use up the one wake-up.
TEST(WaitQueue, AnEntryThatIsNotConcernedDoesNotCount) {
  WaitQueueHead head;
  Order woken;
  const auto waiter = [&](char name, bool (*func)(WaitQueueEntry&, const void*)) {
    return [&head, &woken, name, func] {
      WaitQueueEntry entry;
      entry.task = Scheduler::current_task();
      entry.func = func;
      head.prepare_to_wait_exclusive(entry, TaskState::uninterruptible);
      schedule(reason());
      head.finish_wait(entry);
      woken += name;
    };
  };
  ReplayChoice choices({{0, 3, ""}, {1, 3, ""}, {2, 2, ""}});
  const auto result = run(choices, {waiter('a', [](WaitQueueEntry&, const void*) { return false; }),
                                    waiter('b', &autoremove_wake_function), [&] { head.wake_up(1, nullptr); }});
  EXPECT_EQ(result.outcome, Outcome::stuck);
  EXPECT_EQ(woken.str(), "b");
}

TEST(WaitQueue, AutoremoveTakesOffTheQueueAndFinishDoesSoElse) {
  WaitQueueHead head;
  ReplayChoice choices({{0, 3, ""}, {1, 2, ""}});
  const auto result = run(choices, {[&] {
                                      WaitQueueEntry entry;
                                      entry.task = Scheduler::current_task();
                                      entry.func = &autoremove_wake_function;
                                      head.prepare_to_wait(entry, TaskState::uninterruptible);
                                      schedule(reason());
                                      EXPECT_FALSE(entry.queued);
                                      EXPECT_EQ(head.queued_tasks(), 0u);
                                      head.prepare_to_wait(entry, TaskState::uninterruptible);
                                      EXPECT_EQ(head.queued_tasks(), 1u);
                                      head.finish_wait(entry);
                                      EXPECT_EQ(head.queued_tasks(), 0u);
                                      schedule(reason());  // finish_wait() made it running
                                    },
                                    [&] { head.wake_up(1, nullptr); }});
  EXPECT_EQ(result.outcome, Outcome::finished);
  EXPECT_FALSE(head.active());
}

TEST(WaitQueue, PreparingTwiceQueuesOnce) {
  WaitQueueHead head;
  int calls = 0;
  static int* called;
  called = &calls;
  ReplayChoice choices({{0, 5, ""}, {1, 2, ""}});
  const auto result = run(choices, {[&] {
                                      WaitQueueEntry entry;
                                      entry.task = Scheduler::current_task();
                                      entry.func = [](WaitQueueEntry&, const void*) { return ++*called, false; };
                                      head.prepare_to_wait(entry, TaskState::uninterruptible);
                                      head.prepare_to_wait_exclusive(entry, TaskState::uninterruptible);
                                      head.prepare_to_wait(entry, TaskState::uninterruptible);
                                      EXPECT_FALSE(entry.exclusive);
                                      schedule(reason());
                                    },
                                    [&] { head.wake_up(0, nullptr); }});
  EXPECT_EQ(result.outcome, Outcome::stuck);
  EXPECT_EQ(calls, 1);
}

TEST(WaitQueue, WakingARunningTaskIsNothing) {
  ReplayChoice choices({});
  EXPECT_EQ(
      run(choices, {[] { EXPECT_FALSE(wake_up_process(1)); }, [] { schedule(reason()); }}).outcome,
      Outcome::finished);
}

// The waiter tests after it has queued, so no order of the two loses the wake-up.
Outcome wait_for_flag(std::uint64_t seed, bool test_before_queueing, bool* satisfied) {
  WaitQueueHead head;
  Plain<int> flag(0);
  testing::Bodies tasks{{[&] {
                           WaitQueueEntry entry;
                           entry.task = Scheduler::current_task();
                           entry.func = &autoremove_wake_function;
                           WaitReason why = reason();
                           why.satisfied = [](const void* arg) {
                             return static_cast<const Plain<int>*>(arg)->peek() != 0;
                           };
                           why.arg = &flag;
                           const bool set = test_before_queueing && flag.read_once("early") != 0;
                           head.prepare_to_wait(entry, TaskState::uninterruptible);
                           if (test_before_queueing ? !set : flag.read_once("test") == 0) schedule(why);
                           head.finish_wait(entry);
                         },
                         [&] {
                           flag.store(1, "set");
                           if (head.active()) head.wake_up(0, nullptr);
                         }}};
  RandomChoice choices(seed);
  EventLog log;
  Scheduler scheduler(choices, log, 1000);
  tasks.spawn(scheduler);
  const Outcome outcome = scheduler.run();
  const WaitReason* why = scheduler.waiting(0);
  *satisfied = why != nullptr && why->satisfied(why->arg);
  return outcome;
}

TEST(WaitQueue, AWakeUpBeforeTheSleepIsNotLost) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    bool satisfied = false;
    ASSERT_EQ(wait_for_flag(seed, false, &satisfied), Outcome::finished);
  }
}

TEST(WaitQueue, ALostWakeUpIsSeen) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    bool satisfied = false;
    if (wait_for_flag(seed, true, &satisfied) == Outcome::stuck) {
      EXPECT_TRUE(satisfied) << "it sleeps although what it waits for is true";
      ++lost;
    }
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace daxfuzz::sched
