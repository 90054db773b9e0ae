// SPDX-License-Identifier: GPL-2.0-only
// Locks exclude, wake and hand over in every order; a reader queues behind a
// waiting writer; downgrading lets readers in and no writer.
#include "sched/primitives.h"

#include <gtest/gtest.h>

#include <set>

#include "sched/choice_bytes.h"
#include "sched/choice_random.h"
#include "sched/testing.h"

namespace daxfuzz::sched {
namespace {

using testing::Count;
using testing::Order;
using testing::run;

TEST(SpinLock, ExcludesUnderEverySchedule) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SpinLock lock("lock");
    Plain<int> count(0);
    const auto add = [&] {
      for (int i = 0; i < 3; ++i) {
        lock.lock();
        EXPECT_TRUE(lock.held());
        count.store(count.load("load") + 1, "store");
        lock.unlock();
        EXPECT_FALSE(lock.held());
      }
    };
    RandomChoice choices(seed);
    ASSERT_EQ(run(choices, {add, add, add}).outcome, Outcome::finished);
    ASSERT_EQ(count.peek(), 9);
  }
}

TEST(SpinLock, GoesToAnyWaiterNext) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SpinLock lock("lock");
    Order order;
    const auto take = [&](char name) { lock.lock(), order += name, yield_point("inside"), lock.unlock(); };
    RandomChoice choices(seed);
    run(choices, {[&] { take('a'); }, [&] { take('b'); }, [&] { take('c'); }});
    orders.insert(order.str());
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(SpinLockDeathTest, TakenTwiceIsAnError) {
  SpinLock lock("lock");
  BytesChoice choices(nullptr, 0);
  EXPECT_DEATH(run(choices, {[&] { lock.lock(), lock.lock(); }}), "CHECK failed");
}

TEST(SpinLockDeathTest, FreedByAnotherIsAnError) {
  SpinLock lock("lock");
  BytesChoice choices(nullptr, 0);
  EXPECT_DEATH(run(choices, {[&] { lock.lock(); }, [&] { lock.unlock(); }}), "CHECK failed");
}

TEST(RwSem, ReadersShareAndWritersDoNot) {
  Count shared;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RwSem sem("sem");
    Count readers, writers;
    const auto read = [&] {
      sem.down_read();
      if ((readers += 1) > 1) shared += 1;
      EXPECT_EQ(writers, 0);
      EXPECT_TRUE(sem.held() && !sem.held_write());
      yield_point("inside");
      readers += -1;
      sem.up_read();
      EXPECT_FALSE(sem.held());
    };
    const auto write = [&] {
      sem.down_write();
      EXPECT_EQ(writers += 1, 1);
      EXPECT_EQ(readers, 0);
      EXPECT_TRUE(sem.held() && sem.held_write());
      yield_point("inside");
      writers += -1;
      sem.up_write();
      EXPECT_FALSE(sem.held_write());
    };
    RandomChoice choices(seed);
    ASSERT_EQ(run(choices, {read, read, write, write}).outcome, Outcome::finished);
  }
  EXPECT_GT(shared, 0);
}

// T0 reads; T1 wants to write; T2 comes to read and must not overtake T1's wait.
TEST(RwSem, AReaderQueuesBehindAWaitingWriter) {
  RwSem sem("sem", 3);
  testing::Bodies tasks{{[&] { sem.down_read(), yield_point("inside"), Scheduler::current()->stop(); },
                         [&] { sem.down_write(); },
                         [&] { sem.down_read(); }}};
  ReplayChoice choices({{0, 2, ""}, {1, 2, ""}, {2, 2, ""}, {0, 1, ""}});
  EventLog log;
  Scheduler scheduler(choices, log, 100);
  tasks.spawn(scheduler);
  ASSERT_EQ(scheduler.run(), Outcome::stopped);
  EXPECT_FALSE(choices.diverged());
  for (TaskId task : {TaskId{1}, TaskId{2}}) {
    ASSERT_NE(scheduler.waiting(task), nullptr) << int{task};
    EXPECT_EQ(scheduler.waiting(task)->kind, WaitReason::Kind::rwsem);
    EXPECT_EQ(scheduler.waiting(task)->holders, 1u);
    EXPECT_EQ(scheduler.waiting(task)->object, 3);
  }
}

// So a task that reads twice around a writer's wait is stuck, as in the kernel.
TEST(RwSem, ReadersThatWaitForEachOtherAroundAWriterAreStuck) {
  bool stuck = false;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RwSem sem("sem");
    SpinLock lock("lock");
    RandomChoice choices(seed);
    const auto result = run(choices, {[&] { sem.down_read(), lock.lock(), lock.unlock(), sem.up_read(); },
                                      [&] { lock.lock(), sem.down_read(), sem.up_read(), lock.unlock(); },
                                      [&] { sem.down_write(), sem.up_write(); }});
    stuck = stuck || result.outcome == Outcome::stuck;
  }
  EXPECT_TRUE(stuck);
}

TEST(RwSem, DowngradeLetsReadersInButNoWriter) {
  RwSem sem("sem");
  Order order;
  ReplayChoice choices({{0, 2, ""}, {1, 2, ""}, {0, 1, ""}, {1, 1, ""}, {2, 2, ""}, {1, 1, ""}, {0, 1, ""}});
  const auto result = run(choices, {[&] {
                                      sem.down_write();
                                      order += 'w';
                                      yield_point("inside");
                                      sem.downgrade_write();
                                      EXPECT_TRUE(sem.held() && !sem.held_write());
                                      order += 'd';
                                      yield_point("downgraded");
                                      order += 'u';
                                      sem.up_read();
                                    },
                                    [&] {
                                      sem.down_read();
                                      order += 'r';
                                      yield_point("reading");
                                      sem.up_read();
                                    },
                                    [&] { sem.down_write(), order += 'W', sem.up_write(); }});
  EXPECT_EQ(result.outcome, Outcome::finished);
  EXPECT_FALSE(choices.diverged()) << choices.divergence().expected << ", " << choices.divergence().found;
  EXPECT_EQ(order.str(), "wdruW");
}

TEST(Atomic, AddUnlessAndExchange) {
  Atomic<int> count(1);
  EXPECT_TRUE(count.add_unless(1, 0, "a"));
  EXPECT_EQ(count.sub_return(2, "b"), 0);
  EXPECT_FALSE(count.add_unless(1, 0, "c"));
  EXPECT_EQ(count.add_return(5, "d"), 5);
  EXPECT_EQ(count.xchg(9, "e"), 5);
  count.set(3, "f");
  EXPECT_EQ(count.read("g"), 3);
}

}  // namespace
}  // namespace daxfuzz::sched
