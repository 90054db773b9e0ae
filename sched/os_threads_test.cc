// SPDX-License-Identifier: GPL-2.0-only
// Tasks on real threads: locks exclude and order, nobody's wake-up is lost, and who can never go
// on ends the run with a reason instead of hanging the test. Linked with :os_threads. What is
// planted is caught always where it is exact, and k times of n where the machine decides.
#include "sched/os_threads.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sched/choice_random.h"
#include "sched/primitives.h"
#include "sched/tsan_reports.h"
#include "sched/wait_queue.h"

namespace daxfuzz::sched {
namespace {

constexpr int kRounds = 20, kAdditions = 10;

struct Shared {
  int plain = 0;
  Plain<int> field;
  Atomic<int> atomic;
  SpinLock lock{"lock"}, other{"other"};
  RwSem sem{"sem"};
  WaitQueueHead head;
};

struct Ended {
  Outcome outcome{};
  std::string waits;  // "lock 0b10, " a task
};

using Body = std::function<void()>;

Ended run(std::vector<Body> bodies, StuckHook* hook = nullptr, std::uint64_t steps_max = 100000,
          std::uint64_t seed = 1) {
  set_os_threads({.seed = seed, .yields = true});
  RandomChoice choices(0);
  EventLog log(false);
  Scheduler scheduler(choices, log, steps_max);
  for (Body& body : bodies) scheduler.spawn([](void* arg) { (*static_cast<Body*>(arg))(); }, &body);
  Ended ended;
  ended.outcome = scheduler.run(hook);
  for (TaskId t = 0; t < scheduler.tasks(); t++)
    if (const WaitReason* reason = scheduler.waiting(t))
      ended.waits += std::string(reason->what.text()) + " " + std::to_string(reason->holders) + ", ";
  return ended;
}

struct Judged {
  int reported = 0, lost = 0;  // runs with a report of TSan, with a lost addition
};

Judged judge(const std::function<void(Shared&)>& body) {
  Judged judged;
  for (int i = 0; i < kRounds; i++) {
    const auto fresh = std::make_unique<Shared>();  // new memory: tsan_reports.h
    Shared& shared = *fresh;
    const std::uint32_t before = tsan_report_count();
    const Body many = [&] { for (int n = 0; n < kAdditions; n++) body(shared); };
    EXPECT_EQ(run({many, many, many}, nullptr, 100000, static_cast<std::uint64_t>(i)).outcome, Outcome::finished);
    if (tsan_report_count() != before) judged.reported++;
    if (shared.plain != 3 * kAdditions) judged.lost++;
  }
  return judged;
}

void add(Shared& shared) {
  const int value = *static_cast<volatile int*>(&shared.plain);
  yield_point("between");
  shared.plain = value + 1;
}

TEST(OsThreads, LocksExcludeAndOrder) {
  const Judged spin = judge([](Shared& s) { s.lock.lock(), add(s), s.lock.unlock(); });
  const Judged write = judge([](Shared& s) { s.sem.down_write(), add(s), s.sem.up_write(); });
  for (const Judged& judged : {spin, write}) {
    EXPECT_EQ(judged.reported, 0);
    EXPECT_EQ(judged.lost, 0);
  }
  const Judged shared = judge([](Shared& s) {
    s.sem.down_read();
    EXPECT_TRUE(s.sem.held() && !s.sem.held_write());
    s.sem.up_read();
    s.sem.down_write(), add(s), s.sem.downgrade_write();
    s.sem.up_read();
  });
  EXPECT_EQ(shared.reported, 0);
  EXPECT_EQ(shared.lost, 0);
}

// What deterministic runs catch in 20 of 20 (tsan_race_test.cc), threads catch so often.
TEST(OsThreads, APlantedRaceAndALockDropAreCaughtSometimes) {
  const Judged race = judge(add);
  const Judged dropped = judge([](Shared& s) { s.lock.lock(), s.lock.unlock(), add(s); });
  std::printf("planted race: TSan %d of %d, lost updates %d of %d\n", race.reported, kRounds, race.lost, kRounds);
  std::printf("planted lock drop: TSan %d of %d, lost updates %d of %d\n", dropped.reported, kRounds, dropped.lost,
              kRounds);
  if (tsan_linked()) EXPECT_GT(race.reported, 0);
  if (tsan_linked()) EXPECT_GT(dropped.reported, 0);
  EXPECT_GT(race.lost + dropped.lost, 0);
}

void wait_for_field(Shared& shared, int least) {
  WaitQueueEntry entry;
  entry.task = Scheduler::current_task();
  entry.func = &autoremove_wake_function;
  for (;;) {
    shared.head.prepare_to_wait_exclusive(entry, TaskState::uninterruptible);
    if (shared.field.read_once("field") >= least) break;
    schedule({.what = "field", .kind = WaitReason::Kind::event});
  }
  shared.head.finish_wait(entry);
}

TEST(OsThreads, NoWakeUpIsLost) {
  for (int i = 0; i < 4 * kRounds; i++) {
    const auto fresh = std::make_unique<Shared>();
    Shared& shared = *fresh;
    const Body waits = [&] { for (int n = 1; n <= kAdditions; n++) wait_for_field(shared, n); };
    const Body wakes = [&] {
      for (int n = 1; n <= kAdditions; n++) {
        shared.field.store(n, "store");
        (void)shared.atomic.add_return(1, "barrier");
        if (shared.head.active()) shared.head.wake_up(0, nullptr);
      }
    };
    EXPECT_EQ(run({waits, waits, wakes}, nullptr, 100000, static_cast<std::uint64_t>(i)).outcome, Outcome::finished);
  }
}

TEST(OsThreads, ALostWakeUpEndsAsStuckAndSaysWho) {
  Shared shared;
  const Ended ended = run({[&] { wait_for_field(shared, 1); }, [&] { shared.field.store(1, "and_wakes_nobody"); },
                           [&] { shared.lock.lock(), shared.lock.unlock(); }});
  if (ended.outcome == Outcome::finished) return;  // the store came first
  EXPECT_EQ(ended.outcome, Outcome::stuck);
  EXPECT_EQ(ended.waits, "field 0, ");
  // Anew, for the entry that was queued has gone with its thread.
  Shared another;
  const Ended sure = run({[&] { wait_for_field(another, 2); }, [] {}});
  EXPECT_EQ(sure.outcome, Outcome::stuck);
}

TEST(OsThreads, ADeadlockEndsAsStuck) {
  Shared shared;
  Atomic<int> both;
  const auto meet = [&both] {
    (void)both.add_return(1, "meet");
    while (both.read("both") < 2) spin_point("meet");
  };
  const Ended ended = run({[&] { shared.lock.lock(), meet(), shared.sem.down_write(); },
                           [&] { shared.sem.down_write(), meet(), shared.lock.lock(); }});
  EXPECT_EQ(ended.outcome, Outcome::stuck);
  EXPECT_EQ(ended.waits, "sem 2, lock 1, ");
}

// Who only spins is let out by the hook, too, and is a livelock without one.
TEST(OsThreads, SpinnersAreAskedFor) {
  struct Opens final : StuckHook {
    Shared* shared = nullptr;
    int asked = 0;
    bool stuck() override {
      shared->field.store(1, "opened");
      return asked++ == 0;
    }
  } hook;
  Shared shared;
  hook.shared = &shared;
  const Body spins = [&] { while (shared.field.read_once("open") == 0) spin_point("closed"); };
  EXPECT_EQ(run({spins, spins}, &hook).outcome, Outcome::finished);
  EXPECT_EQ(hook.asked, 1);
  const Body forever = [] { for (;;) spin_point("forever"); };
  EXPECT_EQ(run({forever, [] {}}).outcome, Outcome::budget);
}

TEST(OsThreads, StopAndABudgetEndEveryThread) {
  Shared shared, another;  // as above
  const Body sleeps = [&] { wait_for_field(shared, 99); };
  const Body runs = [] { for (;;) yield_point("runs"); };
  EXPECT_EQ(run({sleeps, runs, [] { Scheduler::current()->stop(); }}, nullptr, 1u << 30).outcome, Outcome::stopped);
  EXPECT_EQ(run({[&] { wait_for_field(another, 99); }, runs}, nullptr, 1000).outcome, Outcome::budget);
  // Also out of a scope that all others want.
  EXPECT_EQ(run({[] { const HarnessScope scope; Scheduler::current()->stop(); },
                 [] { for (;;) { yield_point("runs"); const HarnessScope scope; } }}, nullptr, 1u << 30).outcome,
            Outcome::stopped);
}

TEST(OsThreads, ACheckMayEndTheRunOnly) {
  std::string failed;
  set_os_threads({.check_failed = [](void* arg, const char* condition, const char*, int) {
                    *static_cast<std::string*>(arg) = condition;
                  }, .arg = &failed});
  RandomChoice choices(0);
  EventLog log(false);
  Scheduler scheduler(choices, log, 1000);
  scheduler.spawn([](void*) { CHECK(2 + 2 == 5); }, nullptr);
  scheduler.spawn([](void*) { for (;;) spin_point("runs"); }, nullptr);
  EXPECT_EQ(scheduler.run(), Outcome::stopped);
  EXPECT_EQ(failed, "2 + 2 == 5");
}

// A thread that makes no step any more cannot be ended: the process is, with a report.
TEST(OsThreadsDeathTest, TheWatchdogTellsWhatAllDo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto hangs = [] {
    Shared shared;
    set_os_threads({.patience_ms = 3000, .describe = [](const void*, TaskId task, char* to, std::size_t size) {
                      std::snprintf(to, size, "op %d", 40 + task);
                    }});
    RandomChoice choices(0);
    EventLog log(false);
    Scheduler scheduler(choices, log, 1000);
    scheduler.spawn([](void*) { yield_point("last"); for (volatile unsigned i = 0;; i = i + 1) {} }, nullptr);
    scheduler.spawn([](void* at) { wait_for_field(*static_cast<Shared*>(at), 1); }, &shared);
    (void)scheduler.run();
  };
  EXPECT_DEATH(hangs(), "no thread has made a step.*\n.*T0: op 40, runs last, 1 steps\n.*T1: op 41, waits for field");
}

}  // namespace
}  // namespace daxfuzz::sched
