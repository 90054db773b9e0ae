// SPDX-License-Identifier: GPL-2.0-only
// A schedule in steps of progress keeps its pre-emptions when the waits change.
#include "sched/choice_elastic.h"

#include <gtest/gtest.h>

#include "sched/choice_random.h"
#include "sched/primitives.h"
#include "sched/testing.h"
#include "sched/wait_queue.h"

namespace daxfuzz::sched {
namespace {

using testing::Order;
using testing::run;
using Body = std::function<void()>;

std::vector<ReplaySegment> progress(const std::vector<Ran>& schedule) {
  std::vector<ReplaySegment> out;
  for (const Ran& ran : schedule) out.push_back({.task = ran.task, .steps = ran.steps - ran.waits, .label = {}});
  return out;
}

// Without contention it is the schedule itself.
TEST(ElasticChoice, FollowsWhatNeverWaited) {
  const Body body = [] { yield_point("a"), yield_point("b"), yield_point("c"); };
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomChoice random(seed);
    const auto first = run(random, {body, body, body});
    for (const Ran& ran : first.schedule) ASSERT_EQ(ran.waits, 0u);
    ElasticChoice again(progress(first.schedule));
    ASSERT_EQ(run(again, {body, body, body}).digest, first.digest);
  }
}

// Task 2 asked for the lock twice in vain, once while each of the others had it. With
// either of them gone it is pre-empted at the same place.
TEST(ElasticChoice, AWaitThatIsGoneMovesNoPreemption) {
  const auto order = [](bool first_too, bool elastic) {
    SpinLock lock("lock");
    Order out;
    const Body holder = [&] { lock.lock(), yield_point("held"), lock.unlock(), out += 'h'; };
    const Body nothing = [] {};
    const Body asker = [&] {
      lock.lock(), lock.unlock();
      yield_point("between");
      out += 'a';
    };
    const Body other = [&] { out += 'o'; };
    // Task 0 takes the lock, 1 asks (in vain), 0 frees it, 1 goes on to "between".
    const std::vector<ReplaySegment> strict = {{0, 2, ""}, {1, 2, ""}, {0, 1, ""}, {1, 1, ""}, {2, 1, ""}, {1, 1, ""}};
    const std::vector<ReplaySegment> steps = {{0, 2, ""}, {1, 1, ""}, {0, 1, ""}, {1, 1, ""}, {2, 1, ""}, {1, 1, ""}};
    ReplayChoice exact(strict);
    ElasticChoice by_progress(steps);
    ChoiceSource& choices = elastic ? static_cast<ChoiceSource&>(by_progress) : exact;
    (void)run(choices, {first_too ? holder : nothing, asker, other});
    return out.str();
  };
  EXPECT_EQ(order(true, false), "hoa");
  EXPECT_EQ(order(true, true), "hoa");
  EXPECT_EQ(order(false, true), "oa");
  EXPECT_EQ(order(false, false), "ao") << "the exact count no longer ends where it did";
}

// Task 1's first segment would take it past "z" were the lock free. It goes on once that is
// unlocked, and not only when task 0's segment is done.
TEST(ElasticChoice, WhatAWaitHeldUpGoesOnAtOnce) {
  SpinLock lock("lock");
  Order out;
  const Body holder = [&] { lock.lock(), yield_point("x"), lock.unlock(), yield_point("y"), out += 'h'; };
  const Body asker = [&] { lock.lock(), lock.unlock(), yield_point("z"), out += 'a'; };
  const Body other = [&] { out += 'o'; };
  ElasticChoice choices({{0, 2, ""}, {1, 3, ""}, {0, 2, ""}, {2, 1, ""}});
  EXPECT_EQ(run(choices, {holder, asker, other}).outcome, Outcome::finished);
  EXPECT_EQ(out.str(), "aho");
}

// Who goes to sleep has queued itself and dropped its locks: that is progress.
TEST(ElasticChoice, GoingToSleepCounts) {
  int slept = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    WaitQueueHead head;
    Atomic<int> ready;
    const Body sleeper = [&] {
      WaitQueueEntry entry;
      entry.task = Scheduler::current_task();
      entry.func = autoremove_wake_function;
      head.prepare_to_wait(entry, TaskState::uninterruptible);
      if (ready.read("test") == 0)
        schedule({.what = "sleep", .kind = WaitReason::Kind::event, .holders = 0, .object = 0,
                  .satisfied = [](const void*) { return false; }, .arg = nullptr});
      head.finish_wait(entry);
    };
    const Body waker = [&] { (void)ready.add_return(1, "set"), head.wake_up(0, nullptr); };
    const Body other = [] { yield_point("a"), yield_point("b"); };
    RandomChoice random(seed);
    const auto first = run(random, {sleeper, waker, other});
    bool contended = false;
    for (const Ran& ran : first.schedule) {
      contended |= ran.waits > 0;
      slept += ran.at == Label("sleep");
    }
    ready.init(0);
    ElasticChoice again(progress(first.schedule));
    const auto second = run(again, {sleeper, waker, other});
    if (!contended) ASSERT_EQ(second.digest, first.digest) << seed;
  }
  EXPECT_GT(slept, 10);
}

}  // namespace
}  // namespace daxfuzz::sched
