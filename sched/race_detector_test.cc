// SPDX-License-Identifier: GPL-2.0-only
// The race detector: each kind of edge orders, nothing else does, and the pair that is told is
// the pair that raced. ThreadSanitizer must agree in its build, run by run.
#include "sched/race_detector.h"

#include <gtest/gtest.h>

#include <memory>

#include "sched/choice_random.h"
#include "sched/testing.h"
#include "sched/tsan_reports.h"
#include "sched/wait_queue.h"

namespace daxfuzz::sched {
namespace {

constexpr std::uint64_t kSeeds = 20;

struct Shared {
  Plain<int> word;
  Atomic<int> atomic;
  SpinLock lock{"lock"};
  RwSem sem{"sem"};
  WaitQueueHead head;
  Plain<int> flag;
};
using Body = void (*)(Shared&);

// What the compiler must not drop (a load of which nobody uses the value).
int sink;
void load(Shared& shared) {
  const int value = shared.word.load("load");
  const HarnessScope scope;
  sink += value;
}
void store(Shared& shared) { shared.word.store(1, "store"); }

std::vector<Race> races_of(ChoiceSource& choices, const std::vector<Body>& bodies) {
  const auto shared = std::make_unique<Shared>();  // new memory: tsan_reports.h
  RaceDetector detector([](const void*, TaskId task) { return task == 0 ? Label("first") : Label("second"); }, nullptr);
  std::vector<std::function<void()>> tasks;
  for (const Body body : bodies) tasks.emplace_back([body, at = shared.get()] { body(*at); });
  access_watcher = &detector;
  const std::uint32_t before = tsan_report_count();
  EXPECT_EQ(testing::run(choices, std::move(tasks)).outcome, Outcome::finished);
  access_watcher = nullptr;
  if (tsan_linked()) EXPECT_EQ(tsan_report_count() != before, !detector.races().empty());
  return detector.races();
}

// Runs with a race, of kSeeds.
std::uint64_t races(const std::vector<Body>& bodies) {
  std::uint64_t with = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; seed++) {
    RandomChoice choices(seed);
    with += races_of(choices, bodies).empty() ? 0 : 1;
  }
  return with;
}

TEST(RaceDetector, APlainLoadAndAStoreRaceInEveryRun) {
  EXPECT_EQ(races({&load, &store}), kSeeds);
  EXPECT_EQ(races({&load, &load}), 0u);
  EXPECT_EQ(races({&store, &store}), 0u);
  EXPECT_EQ(races({&store, [](Shared& s) { (void)s.word.read_once("once"); }}), 0u);
  EXPECT_EQ(races({&load, [](Shared& s) { yield_point("init"), s.word.init(2); }}), kSeeds);
}

TEST(RaceDetector, TellsWhoAndWhere) {
  ReplayChoice load_first({{0, 2, ""}, {1, 2, "exit"}});
  const std::vector<Race> one = races_of(load_first, {&load, &store});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].load, (RaceSide{.task = 0, .function = "first", .at = "load"}));
  EXPECT_EQ(one[0].write, (RaceSide{.task = 1, .function = "second", .at = "store"}));
  EXPECT_TRUE(one[0].load_first);
  ReplayChoice store_first({{1, 2, ""}, {0, 2, "exit"}});
  const std::vector<Race> other = races_of(store_first, {&load, &store});
  ASSERT_EQ(other.size(), 1u);
  EXPECT_FALSE(other[0].load_first);
}

TEST(RaceDetector, LocksOrder) {
  EXPECT_EQ(races({[](Shared& s) { s.lock.lock(), load(s), s.lock.unlock(); },
                   [](Shared& s) { s.lock.lock(), store(s), s.lock.unlock(); }}), 0u);
  EXPECT_EQ(races({[](Shared& s) { s.sem.down_read(), load(s), s.sem.up_read(); },
                   [](Shared& s) { s.sem.down_write(), store(s), s.sem.up_write(); }}), 0u);
  // Readers exclude no readers, and a lock that only one takes orders nothing.
  EXPECT_GT(races({[](Shared& s) { s.sem.down_read(), load(s), s.sem.up_read(); },
                   [](Shared& s) { s.sem.down_read(), store(s), s.sem.up_read(); }}), 0u);
  EXPECT_EQ(races({&load, [](Shared& s) { s.lock.lock(), store(s), s.lock.unlock(); }}), kSeeds);
}

TEST(RaceDetector, AnUpdateOrdersAndOneThatFailedDoesNot) {
  EXPECT_EQ(races({[](Shared& s) { store(s), s.atomic.add_return(1, "publish"); },
                   [](Shared& s) {
                     while (s.atomic.add_return(0, "look") == 0) spin_point("cpu_relax");
                     load(s);
                   }}), 0u);
  EXPECT_EQ(races({[](Shared& s) { store(s), s.atomic.add_return(1, "publish"); },
                   [](Shared& s) { (void)s.atomic.add_unless(1, 1, "try"), load(s); }}) > 0, true);
}

TEST(RaceDetector, AWakeUpOrders) {
  EXPECT_EQ(races({[](Shared& s) {
                     WaitQueueEntry entry;
                     entry.task = Scheduler::current_task();
                     entry.func = &autoremove_wake_function;
                     while (true) {
                       s.head.prepare_to_wait(entry, TaskState::uninterruptible);
                       if (s.flag.read_once("flag") != 0) break;
                       schedule({.what = "flag", .kind = WaitReason::Kind::event});
                     }
                     s.head.finish_wait(entry);
                     load(s);
                   },
                   [](Shared& s) { store(s), s.flag.store(1, "flag"), s.head.wake_up(0, nullptr); }}), 0u);
}

TEST(RaceDetector, TheHarnessDoesNotRace) {
  EXPECT_EQ(races({&load, [](Shared& s) {
                     const HarnessScope scope;
                     s.word.init(1);
                   }}), 0u);
}

}  // namespace
}  // namespace daxfuzz::sched
