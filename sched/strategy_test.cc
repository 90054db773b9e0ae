// SPDX-License-Identifier: GPL-2.0-only
// The strategies that draw: each keeps the promise that sets it apart, a seed means the same
// runs everywhere, and what a profile says is what the tasks did.
#include "sched/strategy.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sched/choice_pos.h"
#include "sched/primitives.h"
#include "sched/testing.h"

namespace daxfuzz::sched {
namespace {

using testing::Result;
using Bodies = std::vector<std::function<void()>>;

// Who stepped, a digit a step; the first step of a task is its start, before any access.
std::string order(const Result& result) {
  std::string text;
  for (const Ran& ran : result.schedule) text += std::string(ran.steps, static_cast<char>('0' + ran.task));
  return text;
}

struct Words {
  Plain<int> shared, own[3];
};

// Task t does `times[t]` things to the shared word, and `alone` to its own.
Bodies writers(Words& words, std::vector<int> times, int alone = 0) {
  Bodies bodies;
  for (std::size_t t = 0; t < times.size(); t++)
    bodies.emplace_back([&words, t, n = times[t], alone] {
      for (int i = 0; i < n; i++) words.shared.store(static_cast<int>(t), "shared");
      for (int i = 0; i < alone; i++) words.own[t].store(i, "own");
    });
  return bodies;
}

TEST(Strategy, NamesAreTheirs) {
  std::set<std::string> names;
  for (std::uint32_t s = 0; s < kStrategies; s++) {
    const auto strategy = static_cast<Strategy>(s);
    EXPECT_EQ(strategy_named(name(strategy)), strategy);
    names.insert(name(strategy));
  }
  EXPECT_EQ(names.size(), kStrategies);
  EXPECT_FALSE(strategy_named("").has_value());
}

TEST(Strategy, ASeedMeansTheSameRuns) {
  for (std::uint32_t s = 0; s < kStrategies; s++) {
    const auto runs = [&](std::uint64_t seed) {
      Words words;
      Sampler sampler(static_cast<Strategy>(s), seed);
      std::string all;
      for (int run = 0; run < 20; run++)
        all += order(testing::run(sampler.next_run(), writers(words, {3, 3, 2}, 2))) + " ";
      return all;
    };
    EXPECT_EQ(runs(1), runs(1)) << name(static_cast<Strategy>(s));
    EXPECT_NE(runs(1), runs(2)) << name(static_cast<Strategy>(s));
  }
}

TEST(Profile, SaysWhatIsContended) {
  Words words;
  Sampler sampler(Strategy::random, 1);
  for (int run = 0; run < 2; run++) (void)testing::run(sampler.next_run(), writers(words, {3, 2}, 4));
  (void)sampler.next_run();
  const Profile& profile = sampler.profile();
  EXPECT_EQ(profile.steps_at(profile.contended_places()), 5u);
  EXPECT_EQ(profile.steps_at({}), 15u);
  EXPECT_EQ(profile.contended_places(), (std::vector<std::uint64_t>{Label("shared").hash()}));
  EXPECT_EQ(profile.steps[0], 8u);
  EXPECT_EQ(profile.steps[1], 7u);
}

TEST(Profile, ReadsAloneAreNoContention) {
  Words words;
  ReplayChoice choices({});
  ProfiledChoice profiled(choices);
  const auto read = [&] { (void)words.shared.read_once("shared"); };
  (void)testing::run(profiled, {read, read});
  EXPECT_TRUE(profiled.profile().contended_places().empty());
}

// What is done behind a bare yield point is not known, so that is where a bug may be.
TEST(Profile, WhatIsNotKnownCounts) {
  ReplayChoice choices({});
  ProfiledChoice profiled(choices);
  const auto copy = [] { yield_point("copy"); };
  (void)testing::run(profiled, {copy, copy});
  EXPECT_EQ(profiled.profile().contended_places(), (std::vector<std::uint64_t>{Label("copy").hash()}));
}

// How often each order of the shared word's writes came, of `runs` runs.
std::map<std::string, int> orders_of(Strategy strategy, std::vector<int> times, int alone, int runs) {
  std::map<std::string, int> seen;
  Sampler sampler(strategy, 5);
  for (int run = 0; run < runs; run++) {
    std::string order;
    Bodies bodies;
    for (std::size_t t = 0; t < times.size(); t++)
      bodies.emplace_back([&order, t, n = times[t], alone] {
        static Atomic<int> word;
        static Plain<int> own[kTasksMax];
        for (int i = 0; i < (t == 0 ? alone : 0); i++) own[t].store(i, "own");
        for (int i = 0; i < n; i++) {
          word.set(i, "shared");
          const HarnessScope scope;
          order += static_cast<char>('0' + t);
        }
      });
    (void)testing::run(sampler.next_run(), std::move(bodies));
    seen[order]++;
  }
  return seen;
}

// Ten orders of three and two writes. A random walk has some of them eight times as
// often as others when one task does much else before.
TEST(Surw, OrdersOfItsPlaceAreEquallyLikely) {
  constexpr int kRuns = 4000;
  const auto walk = orders_of(Strategy::random, {3, 2}, 10, kRuns);
  const auto surw = orders_of(Strategy::surw, {3, 2}, 10, kRuns);
  ASSERT_EQ(surw.size(), 10u);
  for (const auto& [order, times] : surw) EXPECT_NEAR(times, kRuns / 10, kRuns / 25) << order;
  int least = kRuns, most = 0;
  for (const auto& [order, times] : walk) least = std::min(least, times), most = std::max(most, times);
  EXPECT_TRUE(walk.size() < 10 || most > 8 * least);
}

TEST(Urw, OrdersAreEquallyLikely) {
  constexpr int kRuns = 4000;
  const auto urw = orders_of(Strategy::urw, {3, 2}, 0, kRuns);
  ASSERT_EQ(urw.size(), 10u);
  // The steps that start tasks are counted too, so not exactly.
  for (const auto& [order, times] : urw) EXPECT_NEAR(times, kRuns / 10, kRuns / 15) << order;
}

// Two tasks of which nothing conflicts: one order for partial orders, many for a walk.
TEST(Fresh, ComesToTheEndOfASmallSpace) {
  Visits visits;
  const auto runs_of = [&](Bodies (*bodies)(Words&)) {
    visits = {};
    int runs = 0;
    for (Words words; !visits.exhausted() && runs < 1000; runs++) {
      FreshChoice choices(static_cast<std::uint64_t>(runs), visits, {});
      (void)testing::run(choices, bodies(words));
    }
    return runs;
  };
  EXPECT_GE(runs_of([](Words& words) { return writers(words, {2, 2}); }), 6);
  EXPECT_LT(runs_of([](Words& words) { return writers(words, {2, 2}); }), 70);
  EXPECT_LT(runs_of([](Words& words) { return writers(words, {0, 0}, 3); }), 20);
}

// The loser of two steps goes on against a fresh third: with the lower of two priorities, which
// wins one time in three, or with a new one if it conflicts with the winner.
int loser_wins(AccessKind kind, int runs) {
  int wins = 0;
  int word = 0;
  const Pending pending[] = {{"a", {&word, kind}}, {"b", {&word, kind}}, {"c", {}}};
  for (int seed = 0; seed < runs; seed++) {
    PosChoice choices(static_cast<std::uint64_t>(seed));
    Choice choice;
    choice.pending = pending;
    choice.runnable = 0b011;
    const TaskId first = choices.next(choice);
    choices.stepped(first, pending[first]);
    const auto loser = static_cast<TaskId>(1 - first);
    choice.runnable = 1u << loser | 0b100u;
    wins += choices.next(choice) == loser ? 1 : 0;
  }
  return wins;
}

TEST(Pos, OnlyAConflictDrawsAnew) {
  EXPECT_NEAR(loser_wins(AccessKind::read, 3000), 1000, 90);
  EXPECT_NEAR(loser_wins(AccessKind::write, 3000), 1500, 90);
}

// A read that sees each of twelve writes, which only who holds it back until then gets in so few runs.
TEST(ReadsFrom, TriesEachPair) {
  constexpr int kWrites = 12;
  std::set<int> seen;
  Sampler sampler(Strategy::reads_from, 1);
  for (int run = 0; run < 40; run++) {
    Plain<int> word;
    Plain<int> own;
    const auto writer = [&] {
      for (int i = 0; i < 40; i++) own.store(i, "own");
      for (int i = 1; i <= kWrites; i++) word.store(i, "write");
    };
    const auto reader = [&] {
      const int value = word.read_once("read");
      const HarnessScope scope;
      seen.insert(value);
    };
    (void)testing::run(sampler.next_run(), {writer, reader});
  }
  EXPECT_EQ(seen.size(), std::size_t{kWrites} + 1);
}

}  // namespace
}  // namespace daxfuzz::sched
