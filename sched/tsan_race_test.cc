// SPDX-License-Identifier: GPL-2.0-only
// ThreadSanitizer's verdict is part of a replay: a planted race is reported in
// every run, its synchronised twins in none. Without TSan the same schedules must
// show the harm itself: an update is lost, or is not.
#include <gtest/gtest.h>

#include <memory>

#include "sched/choice_random.h"
#include "sched/testing.h"
#include "sched/tsan_reports.h"
#include "sched/wait_queue.h"

namespace daxfuzz::sched {
namespace {

constexpr int kRuns = 20;

struct Shared {
  int plain = 0;
  Plain<int> field;
  Atomic<int> atomic;
  SpinLock lock{"lock"};
  RwSem sem{"sem"};
  WaitQueueHead head;
};

using Body = void (*)(Shared&);

struct Judged {
  int reported = 0;   // runs with at least one report
  int lost = 0;       // runs in which an addition to `plain` was lost
};

// Each run: body 0 and 1 on two tasks, under the segments, or at random if none.
Judged judge(Body first, Body second, const std::vector<ReplaySegment>& segments) {
  Judged judged;
  for (int i = 0; i < kRuns; ++i) {
    const auto fresh = std::make_unique<Shared>();  // new memory: tsan_reports.h
    Shared& shared = *fresh;
    RandomChoice random(static_cast<std::uint64_t>(i));
    ReplayChoice replay(segments);
    ChoiceSource& choices = segments.empty() ? static_cast<ChoiceSource&>(random) : replay;
    const std::uint32_t before = tsan_report_count();
    EXPECT_EQ(testing::run(choices, {[&] { first(shared); }, [&] { second(shared); }}).outcome, Outcome::finished);
    EXPECT_FALSE(replay.diverged());
    if (tsan_report_count() != before) ++judged.reported;
    if (shared.plain != 2) ++judged.lost;
  }
  return judged;
}

void add(Shared& shared) {
  const int value = shared.plain;
  yield_point("between");
  shared.plain = value + 1;
}

TEST(TsanRace, APlantedRaceIsReportedInEveryRun) {
  const Judged judged = judge(&add, &add, {{0, 1, ""}, {1, 2, "between"}, {0, 1, "exit"}});
  EXPECT_EQ(judged.reported, tsan_linked() ? kRuns : 0);
  EXPECT_EQ(judged.lost, kRuns);
}

// One task after the other: no update is lost, and nothing orders them either.
TEST(TsanRace, ARaceIsReportedAlsoWhenItDidNoHarm) {
  const Judged judged = judge(&add, &add, {{0, 2, ""}, {1, 2, "exit"}});
  EXPECT_EQ(judged.reported, tsan_linked() ? kRuns : 0);
  EXPECT_EQ(judged.lost, 0);
}

TEST(TsanRace, ASpinLockOrders) {
  const Body locked = [](Shared& shared) { shared.lock.lock(), add(shared), shared.lock.unlock(); };
  const Judged judged = judge(locked, locked, {});
  EXPECT_EQ(judged.reported, 0);
  EXPECT_EQ(judged.lost, 0);
}

TEST(TsanRace, ARwSemOrders) {
  const Body written = [](Shared& shared) { shared.sem.down_write(), add(shared), shared.sem.up_write(); };
  const Judged judged = judge(written, written, {});
  EXPECT_EQ(judged.reported, 0);
  EXPECT_EQ(judged.lost, 0);
  // Readers exclude no readers.
  const Body read = [](Shared& shared) { shared.sem.down_read(), add(shared), shared.sem.up_read(); };
  const Judged readers = judge(read, read, {{0, 2, ""}, {1, 3, "between"}, {0, 1, "exit"}});
  EXPECT_EQ(readers.reported, tsan_linked() ? kRuns : 0);
  EXPECT_EQ(readers.lost, kRuns);
}

void wait_then_add(Shared& shared) {
  WaitQueueEntry entry;
  entry.task = Scheduler::current_task();
  entry.func = &autoremove_wake_function;
  for (;;) {
    shared.head.prepare_to_wait(entry, TaskState::uninterruptible);
    if (shared.field.read_once("flag") != 0) break;
    WaitReason why;
    why.what = "flag";
    why.kind = WaitReason::Kind::event;
    schedule(why);
  }
  shared.head.finish_wait(entry);
  add(shared);
}

void add_then_wake(Shared& shared) {
  add(shared);
  shared.field.store(1, "flag");
  shared.head.wake_up(0, nullptr);
}

// The waiter sleeps in this one, so the wake-up is what orders the two.
TEST(TsanRace, AWakeUpOrders) {
  const Judged judged = judge(&wait_then_add, &add_then_wake, {{0, 4, ""}, {1, 4, "flag"}});
  EXPECT_EQ(judged.reported, 0);
  EXPECT_EQ(judged.lost, 0);
}

// try_to_wake_up() alone, with no lock of a queue around it: of a task that sleeps,
// and of one that has set its state and is about to.
TEST(TsanRace, WakingAProcessOrders) {
  const Body sleep_then_add = [](Shared& shared) {
    set_current_state(TaskState::uninterruptible);
    WaitReason why;
    why.what = "process";
    schedule(why);
    add(shared);
  };
  const Body add_then_wake_process = [](Shared& shared) { add(shared), wake_up_process(0); };
  const Judged asleep = judge(sleep_then_add, add_then_wake_process, {{0, 3, ""}, {1, 2, "process"}});
  EXPECT_EQ(asleep.reported, 0);
  EXPECT_EQ(asleep.lost, 0);
  const Judged awake = judge(sleep_then_add, add_then_wake_process, {{0, 2, ""}, {1, 2, "schedule"}});
  EXPECT_EQ(awake.reported, 0);
  EXPECT_EQ(awake.lost, 0);
}

TEST(TsanRace, WakingAParkedTaskOrders) {
  for (int i = 0; i < kRuns; ++i) {
    const auto plain = std::make_unique<int>(0);
    testing::Bodies tasks{{[&] { ++*plain, Scheduler::current()->wake(1); }, [&] { ++*plain; }}};
    const std::uint32_t before = tsan_report_count();
    RandomChoice choices(static_cast<std::uint64_t>(i));
    EventLog log;
    Scheduler scheduler(choices, log, 100);
    tasks.spawn(scheduler, 0b10);
    EXPECT_EQ(scheduler.run(), Outcome::finished);
    EXPECT_EQ(tsan_report_count(), before);
    EXPECT_EQ(*plain, 2);
  }
}

// Plain stores are atomic words (KCSAN_ASSUME_PLAIN_WRITES_ATOMIC), plain loads
// are not, READ_ONCE() is.
TEST(TsanRace, FieldsAreJudgedAsKcsanDoes) {
  const Body once = [](Shared& shared) { (void)shared.field.read_once("once"); };
  // A load whose value nobody uses is no load: compilers drop it.
  const Body load = [](Shared& shared) { if (shared.field.load("load") > 1) shared.plain = 9; };
  const Body write = [](Shared& shared) { shared.field.store(1, "store"); };
  EXPECT_EQ(judge(write, write, {}).reported, 0);
  EXPECT_EQ(judge(write, once, {}).reported, 0);
  EXPECT_EQ(judge(load, load, {}).reported, 0);
  EXPECT_EQ(judge(write, load, {}).reported, tsan_linked() ? kRuns : 0);
}

// A value-returning RMW publishes what was written before it.
TEST(TsanRace, AnAtomicRmwOrders) {
  const Judged judged = judge(
      [](Shared& shared) { add(shared), shared.atomic.add_return(1, "publish"); },
      [](Shared& shared) {
        while (shared.atomic.add_return(0, "look") == 0) spin_point("cpu_relax");
        add(shared);
      },
      {});
  EXPECT_EQ(judged.reported, 0);
  EXPECT_EQ(judged.lost, 0);
}

// Set-up before tasks, tasks before what follows run(), abandoned tasks too, and
// what an observer looks at meanwhile.
TEST(TsanRace, RunsAreOrderedAndObserversAreNotJudged) {
  const std::uint32_t before = tsan_report_count();
  int plain = 0;
  for (int i = 0; i < kRuns; ++i) {
    ++plain;
    RandomChoice choices(static_cast<std::uint64_t>(i));
    const auto result = testing::run(choices, {[&] {
                                                 ++plain;
                                                 yield_point("a");
                                                 if (i % 2 == 0) Scheduler::current()->stop();
                                               },
                                               [&] {
                                                 yield_point("b");
                                                 const HarnessScope scope;
                                                 EXPECT_GT(plain, 0);
                                               }});
    EXPECT_EQ(result.outcome == Outcome::stopped, i % 2 == 0);
    ++plain;
  }
  EXPECT_EQ(tsan_report_count(), before);
  EXPECT_EQ(plain, 3 * kRuns);
}

}  // namespace
}  // namespace daxfuzz::sched
