// SPDX-License-Identifier: GPL-2.0-only
// A recorded schedule replays exactly; a changed program is told of, at its first
// difference (strict) or is followed by labels (lenient).
#include "sched/choice_replay.h"

#include <gtest/gtest.h>

#include "sched/choice_random.h"
#include "sched/primitives.h"
#include "sched/testing.h"

namespace daxfuzz::sched {
namespace {

using testing::run;
using testing::segments;
using Body = std::function<void()>;

// Locks, blocking and forced switches: much of the schedule is not chosen.
std::vector<Body> busy(SpinLock& lock, RwSem& sem, Plain<int>& value) {
  const auto work = [&] {
    for (int i = 0; i < 4; ++i) {
      sem.down_read();
      lock.lock();
      note(EventKind::note, "value", value.read_once("load"));
      lock.unlock();
      sem.up_read();
      sem.down_write();
      value.store(value.read_once("load") + 1, "store");
      sem.up_write();
    }
    while (value.read_once("wait") < 9) spin_point("cpu_relax");
  };
  return {work, work, work};
}

TEST(ReplayChoice, RoundTripsExactly) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto once = [](ChoiceSource& choices) {
      SpinLock lock("lock");
      RwSem sem("sem");
      Plain<int> value(0);
      return run(choices, busy(lock, sem, value));
    };
    RandomChoice random(seed);
    const auto first = once(random);
    ReplayChoice replay(segments(first.schedule));
    const auto second = once(replay);
    ASSERT_EQ(first.digest, second.digest);
    ASSERT_EQ(first.outcome, second.outcome);
    ASSERT_FALSE(replay.diverged()) << replay.divergence().expected << ", " << replay.divergence().found;
    ASSERT_TRUE(replay.complete());
    ReplayChoice lenient(segments(first.schedule), ReplayMode::lenient);
    ASSERT_EQ(once(lenient).digest, first.digest);
    ASSERT_EQ(lenient.resyncs(), 0u);
  }
}

const Body kFirst = [] { yield_point("a1"), yield_point("a2"), yield_point("a3"); };
const Body kSecond = [] { yield_point("b1"), yield_point("b2"); };
const std::vector<ReplaySegment> kPlan{{0, 3, ""}, {1, 2, "a3"}, {0, 1, "b2"}, {1, 1, "exit"}};

TEST(ReplayChoice, FollowsThePlan) {
  ReplayChoice choices(kPlan);
  EXPECT_EQ(run(choices, {kFirst, kSecond}).steps, 7u);
  EXPECT_FALSE(choices.diverged());
  EXPECT_TRUE(choices.complete());
}

TEST(ReplayChoice, TellsTheFirstLabelThatDiffers) {
  ReplayChoice choices(kPlan);
  const auto result = run(
      choices, {[] { yield_point("a1"), yield_point("new"), yield_point("a2"), yield_point("a3"); },
                kSecond});
  EXPECT_EQ(result.outcome, Outcome::finished);
  ASSERT_TRUE(choices.diverged());
  EXPECT_FALSE(choices.complete());
  EXPECT_EQ(choices.divergence().step, 3u);
  EXPECT_EQ(choices.divergence().segment, 1u);
  EXPECT_EQ(choices.divergence().expected, "T0@a3");
  EXPECT_EQ(choices.divergence().found, "T0@a2");
  EXPECT_EQ(result.schedule.size(), 2u) << "goes on with the current task, then the lowest";
}

TEST(ReplayChoice, TellsATaskThatCannotRun) {
  ReplayChoice choices(kPlan);
  EXPECT_EQ(run(choices, {kFirst, [] { yield_point("b1"); }, [] {}}).outcome, Outcome::finished);
  ASSERT_TRUE(choices.diverged());
  EXPECT_EQ(choices.divergence().segment, 2u) << "T1 stands at exit, not at b2";
  EXPECT_EQ(choices.divergence().found, "T1@exit");

  ReplayChoice gone({{0, 1, ""}, {0, 4, ""}, {1, 1, ""}});
  run(gone, {kFirst, kSecond, kSecond});
  ASSERT_TRUE(gone.diverged());
  EXPECT_EQ(gone.divergence().step, 4u);
  EXPECT_EQ(gone.divergence().expected, "T0 can run");
  EXPECT_EQ(gone.divergence().found, "T0 cannot");
}

// Only one task can run, so the strategy is told and not asked.
TEST(ReplayChoice, SeesDivergenceWithoutAChoice) {
  ReplayChoice task({{0, 2, ""}, {1, 1, ""}});
  run(task, {kFirst});
  ASSERT_TRUE(task.diverged());
  EXPECT_EQ(task.divergence().step, 2u);
  EXPECT_EQ(task.divergence().expected, "T1 is next");
  EXPECT_EQ(task.divergence().found, "T0 is, and nobody was asked");

  ReplayChoice label({{0, 1, ""}, {1, 1, "elsewhere"}});
  run(label, {[] {}, [] {}});
  ASSERT_TRUE(label.diverged());
  EXPECT_EQ(label.divergence().step, 1u);
  EXPECT_EQ(label.divergence().expected, "T0@elsewhere");
  EXPECT_EQ(label.divergence().found, "T0@exit");
}

TEST(ReplayChoice, AnEarlyEndIsNotComplete) {
  ReplayChoice choices({{0, 4, ""}, {1, 9, ""}});
  run(choices, {kFirst, kSecond});
  EXPECT_FALSE(choices.complete());
}

std::string order_of(ReplayChoice& choices, const std::vector<const char*>& first) {
  testing::Order order;
  const auto at = [&](char name) { order += name; };
  run(choices, {[&] {
                  for (const char* where : first) {
                    if (std::string_view(where) == "new") yield_point("new");
                    if (std::string_view(where) == "a1") yield_point("a1");
                    if (std::string_view(where) == "a2") yield_point("a2");
                    if (std::string_view(where) == "a3") yield_point("a3");
                    at('a');
                  }
                },
                [&] { yield_point("b1"), at('b'), yield_point("b2"), at('b'); }});
  return order.str();
}

TEST(ReplayChoice, LenientWaitsForTheLabel) {
  ReplayChoice same(kPlan, ReplayMode::lenient);
  EXPECT_EQ(order_of(same, {"a1", "a2", "a3"}), "aabab");
  EXPECT_EQ(same.resyncs(), 0u);
  ReplayChoice more(kPlan, ReplayMode::lenient);
  EXPECT_EQ(order_of(more, {"a1", "new", "new", "a2", "a3"}), "aaaabab") << "b after all but the last a, as planned";
  EXPECT_EQ(more.resyncs(), 1u);
  EXPECT_TRUE(more.diverged());
  EXPECT_EQ(more.divergence().expected, "T0@a3");
  EXPECT_TRUE(more.complete());
}

TEST(ReplayChoice, LenientGivesUpOnALabelThatNeverComes) {
  std::vector<const char*> first(200, "new");
  ReplayChoice choices(kPlan, ReplayMode::lenient);
  const std::string order = order_of(choices, first);
  EXPECT_EQ(order.find('b'), 3u - 1 + 64) << "64 steps after the plan, then it switches";
  EXPECT_GE(choices.resyncs(), 1u);
}

TEST(ReplayChoice, LenientSkipsATaskThatCannotRun) {
  ReplayChoice choices({{0, 1, ""}, {1, 2, ""}, {2, 1, ""}, {0, 3, ""}}, ReplayMode::lenient);
  const auto result = run(choices, {kFirst, [] {}, kSecond});
  EXPECT_EQ(result.outcome, Outcome::finished);
  EXPECT_EQ(choices.resyncs(), 1u);
  ASSERT_GE(result.schedule.size(), 4u);
  EXPECT_EQ(result.schedule[2].task, 2);
  EXPECT_EQ(result.schedule[2].steps, 1u);
  EXPECT_EQ(result.schedule[3].task, 0);
}

}  // namespace
}  // namespace daxfuzz::sched
