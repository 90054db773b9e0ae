// SPDX-License-Identifier: GPL-2.0-only
// How runs end, what is recorded of them, parked tasks, the hook, and spinning.
#include "sched/scheduler.h"

#include <gtest/gtest.h>

#include "sched/choice_bytes.h"
#include "sched/choice_random.h"
#include "sched/primitives.h"
#include "sched/testing.h"

namespace daxfuzz::sched {
namespace {

using testing::Bodies;
using testing::Count;
using testing::Order;
using testing::run;

struct Hook final : StuckHook {
  std::function<bool()> answer;
  int asked = 0;
  explicit Hook(std::function<bool()> answer_in) : answer(std::move(answer_in)) {}
  bool stuck() override {
    EXPECT_EQ(Scheduler::current_task(), kNoTask);
    EXPECT_NE(Scheduler::current(), nullptr);
    ++asked;
    return answer();
  }
};

TEST(Scheduler, FinishesWhenAllReturn) {
  Count sum;
  RandomChoice choices(1);
  const auto result = run(choices, {[&] { yield_point("a"), sum += 1; }, [&] { yield_point("b"), sum += 2; }});
  EXPECT_EQ(result.outcome, Outcome::finished);
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(result.steps, 4u);
  EXPECT_EQ(Scheduler::current(), nullptr);
}

TEST(Scheduler, NothingYieldsOffATask) {
  yield_point("off");
  spin_point("off");
  note(EventKind::note, "off");
  SpinLock lock("lock");
  lock.lock();
  lock.unlock();
  EXPECT_EQ(Scheduler::current_task(), kNoTask);
}

TEST(Scheduler, EndsAtTheBudget) {
  Count laps;
  BytesChoice choices(nullptr, 0);
  const auto result = run(choices, {[&] { for (;; laps += 1) yield_point("round"); }}, 100);
  EXPECT_EQ(result.outcome, Outcome::budget);
  EXPECT_EQ(result.steps, 100u);
  EXPECT_EQ(laps, 99);
}

TEST(Scheduler, FinishingWithTheLastStepIsFinishing) {
  BytesChoice choices(nullptr, 0);
  EXPECT_EQ(run(choices, {[] { yield_point("a"); }}, 2).outcome, Outcome::finished);
  BytesChoice again(nullptr, 0);
  EXPECT_EQ(run(again, {[] { yield_point("a"); }}, 1).outcome, Outcome::budget);
}

TEST(Scheduler, StopsAtOnceAndRunsAgain) {
  for (int round = 0; round < 50; ++round) {
    Count after;
    BytesChoice choices(nullptr, 0);
    const auto result = run(choices, {[&] {
                                        yield_point("a");
                                        Scheduler::current()->stop();
                                        after += 1;
                                      },
                                      [&] { yield_point("b"), after += 1; }});
    EXPECT_EQ(result.outcome, Outcome::stopped);
    EXPECT_EQ(after, 0);
    EXPECT_EQ(Scheduler::current(), nullptr);
  }
}

// Two tasks take two locks in opposite orders, each its first before the other's second.
TEST(Scheduler, ADeadlockTellsWhoHoldsWhat) {
  SpinLock a("a", 10), b("b", 20);
  Bodies tasks{{[&] { a.lock(), b.lock(); }, [&] { b.lock(), a.lock(); }}};
  const std::uint8_t bytes[] = {0, 0, 1, 1, 0};
  BytesChoice choices(bytes, sizeof bytes);
  EventLog log;
  Scheduler scheduler(choices, log, 100);
  tasks.spawn(scheduler);
  ASSERT_EQ(scheduler.run(), Outcome::stuck);
  ASSERT_NE(scheduler.waiting(0), nullptr);
  ASSERT_NE(scheduler.waiting(1), nullptr);
  EXPECT_EQ(scheduler.waiting(0)->what, Label("b"));
  EXPECT_EQ(scheduler.waiting(0)->kind, WaitReason::Kind::spinlock);
  EXPECT_EQ(scheduler.waiting(0)->holders, 2u);
  EXPECT_EQ(scheduler.waiting(0)->object, 20);
  EXPECT_EQ(scheduler.waiting(1)->what, Label("a"));
  EXPECT_EQ(scheduler.waiting(1)->holders, 1u);
  EXPECT_FALSE(scheduler.done(0));
}

TEST(Scheduler, AParkedTaskRunsWhenWoken) {
  Order order;
  Bodies tasks{{[&] {
                  order += 'a';
                  Scheduler::current()->wake(1);
                  yield_point("woke");
                  order += 'A';
                },
                [&] { order += 'b'; }, [&] { order += 'c'; }}};
  BytesChoice choices(nullptr, 0);
  EventLog log;
  Scheduler scheduler(choices, log, 100);
  tasks.spawn(scheduler, 0b110);
  EXPECT_EQ(scheduler.run(), Outcome::finished);
  EXPECT_EQ(order.str(), "aAb");
  EXPECT_TRUE(scheduler.done(2)) << "never woken counts as returned";
}

TEST(Scheduler, TheHookMayWakeAParkedTask) {
  Order order;
  Bodies tasks{{[&] { order += 'a'; }, [&] { order += 'b'; }}};
  Hook hook([&] {
    if (order.str() != "a") return false;
    Scheduler::current()->wake(1);
    return true;
  });
  BytesChoice choices(nullptr, 0);
  EventLog log;
  Scheduler scheduler(choices, log, 100);
  tasks.spawn(scheduler, 0b10);
  EXPECT_EQ(scheduler.run(&hook), Outcome::finished);
  EXPECT_EQ(order.str(), "ab");
  EXPECT_EQ(hook.asked, 1) << "not when nobody is left to wake";
}

// --- spinning ---------------------------------------------------------------

// Keeps the current task for ever if it may: only fairness lets the other run.
TEST(Scheduler, ASpinnerLetsOthersRun) {
  Atomic<int> flag(0);
  BytesChoice choices(nullptr, 0);
  const auto result = run(choices, {[&] { while (flag.read("flag") == 0) spin_point("cpu_relax"); },
                                    [&] { yield_point("late"), flag.set(1, "set"); }}, 50);
  EXPECT_EQ(result.outcome, Outcome::finished);
}

TEST(Scheduler, ALoneSpinnerIsALivelock) {
  Atomic<int> flag(0);
  BytesChoice choices(nullptr, 0);
  const auto result = run(choices, {[&] { while (flag.read("flag") == 0) spin_point("cpu_relax"); }});
  EXPECT_EQ(result.outcome, Outcome::budget);
  EXPECT_LT(result.steps, 1000u) << "known long before the budget";
}

TEST(Scheduler, SpinnersThatWaitForEachOtherAreALivelock) {
  Atomic<int> flags[2];
  const auto wait = [&](int mine) { while (flags[mine].read("flag") == 0) spin_point("cpu_relax"); };
  RandomChoice choices(3);
  const auto result = run(choices, {[&] { wait(0); }, [&] { wait(1); }});
  EXPECT_EQ(result.outcome, Outcome::budget);
  EXPECT_LT(result.steps, 2000u);
}

TEST(Scheduler, ASpinnerAndABlockedTaskAreStuck) {
  Atomic<int> flag(0);
  SpinLock lock("lock");
  BytesChoice choices(nullptr, 0);
  const auto result = run(choices, {[&] {
                                      lock.lock();
                                      while (flag.read("flag") == 0) spin_point("cpu_relax");
                                    },
                                    [&] { lock.lock(); }});
  EXPECT_EQ(result.outcome, Outcome::stuck);
  EXPECT_LT(result.steps, 1000u);
}

TEST(Scheduler, ASpinnerThatRetriesByItselfGetsThrough) {
  int fails = 10;
  BytesChoice choices(nullptr, 0);
  EXPECT_EQ(run(choices, {[&] { while (fails-- > 0) spin_point("retry"); }}).outcome, Outcome::finished);
}

// Two tasks that hand work to each other spin all the time and are no livelock.
TEST(Scheduler, PingPongOfSpinnersFinishes) {
  Atomic<int> turn(0);
  const auto play = [&](int self) {
    for (int round = 0; round < 40; ++round) {
      while (turn.read("turn") != self) spin_point("cpu_relax");
      turn.set(1 - self, "hand over");
    }
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    turn.init(0);
    RandomChoice choices(seed);
    EXPECT_EQ(run(choices, {[&] { play(0); }, [&] { play(1); }}).outcome, Outcome::finished);
  }
}

TEST(Scheduler, TheHookIsAskedForASpinner) {
  Atomic<int> flag(0);
  Bodies tasks{{[&] { while (flag.read("flag") == 0) spin_point("cpu_relax"); }, [&] { flag.set(1, "set"); }}};
  Hook hook([&] { return Scheduler::current()->wake(1), true; });
  BytesChoice choices(nullptr, 0);
  EventLog log;
  Scheduler scheduler(choices, log, 100);
  tasks.spawn(scheduler, 0b10);
  EXPECT_EQ(scheduler.run(&hook), Outcome::finished);
  EXPECT_EQ(hook.asked, 1);
}

// --- what is recorded -------------------------------------------------------

TEST(Scheduler, RecordsSegmentsWithWhereTheTaskBeforeStood) {
  const std::uint8_t bytes[] = {0, 1, 1, 0};
  BytesChoice choices(bytes, sizeof bytes);
  const auto result = run(choices, {[] { yield_point("a1"), yield_point("a2"); },
                                    [] { yield_point("b1"), yield_point("b2"); }});
  ASSERT_EQ(result.schedule.size(), 4u);
  const Ran expected[] = {{0, 1, Label()}, {1, 2, "a1"}, {0, 2, "b2"}, {1, 1, "exit"}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(result.schedule[i].task, expected[i].task) << i;
    EXPECT_EQ(result.schedule[i].steps, expected[i].steps) << i;
    EXPECT_EQ(result.schedule[i].at, expected[i].at) << i;
  }
}

TEST(Scheduler, LogsEveryStepWithItsTask) {
  Bodies tasks{{[] { yield_point("a"), note(EventKind::note, "said", 5); }}};
  BytesChoice choices(nullptr, 0);
  EventLog log;
  Scheduler scheduler(choices, log, 100);
  tasks.spawn(scheduler);
  scheduler.run();
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log.events()[0].what, Label("start"));
  EXPECT_EQ(log.events()[1].what, Label("a"));
  EXPECT_EQ(log.events()[1].kind, EventKind::step);
  EXPECT_EQ(log.events()[1].step, 2u);
  EXPECT_EQ(log.events()[2].what, Label("said"));
  EXPECT_EQ(log.events()[2].task, 0);
  EXPECT_EQ(log.events()[2].a, 5);
}

// Both kinds of abandoned runs come in between: they must leave no trace.
TEST(Scheduler, SameChoicesSameDigest) {
  const auto once = [](std::uint64_t seed) {
    SpinLock lock("lock");
    Atomic<int> count(0);
    const auto work = [&] {
      for (int i = 0; i < 5; ++i) {
        lock.lock();
        note(EventKind::note, "count", count.add_return(1, "add"));
        lock.unlock();
      }
      if (count.peek() == 15 && Scheduler::current()->steps() % 3 == 0) Scheduler::current()->stop();
    };
    RandomChoice choices(seed);
    return run(choices, {work, work, work}).digest;
  };
  std::vector<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 50; ++seed) first.push_back(once(seed));
  for (std::uint64_t seed = 50; seed-- > 0;) EXPECT_EQ(once(seed), first[seed]);
  EXPECT_NE(first[0], first[1]);
}

}  // namespace
}  // namespace daxfuzz::sched
