// SPDX-License-Identifier: GPL-2.0-only
// The search with store buffers: a drain is a decision, buffers are part of the state. Each program of
// sched/litmus.h has the outcomes of x86 and no other, merged or not; and two that are too large to go
// through without merging.
#include <gtest/gtest.h>

#include "explore/testing.h"
#include "sched/litmus.h"

namespace daxfuzz::explore::testing {
namespace {

using sched::testing::Litmus;
using sched::testing::LitmusWords;

// The program that runs; subjects are made without arguments.
const Litmus* g_litmus = nullptr;

struct Program {
  LitmusWords words;
  [[nodiscard]] static std::uint32_t tasks() { return static_cast<std::uint32_t>(g_litmus->tasks.size()); }
  void task(std::uint32_t number) { g_litmus->tasks[number](words); }
  [[nodiscard]] std::string text() const { return sched::testing::text(*g_litmus, words); }
};

std::set<std::string> outcomes(const Litmus& litmus, Memory memory, bool merge, std::uint64_t* states = nullptr) {
  g_litmus = &litmus;
  Tasks<Program> subject([] { return Program(); }, memory);
  Limits limits;
  limits.merge = merge;
  const Report report = search(subject, limits);
  EXPECT_TRUE(report.complete()) << litmus.name;
  if (states != nullptr) *states = report.states;
  std::set<std::string> found;
  for (const auto& [key, what] : report.outcomes) found.insert(key.substr(std::string("finished ").size()));
  return found;
}

TEST(MemoryModelSearch, HasTheOutcomesOfX86) {
  for (const Litmus& litmus : sched::testing::litmus()) {
    EXPECT_EQ(outcomes(litmus, Memory::sc, true), litmus.sc) << litmus.name;
    EXPECT_EQ(outcomes(litmus, Memory::tso, true), litmus.tso()) << litmus.name;
    EXPECT_EQ(outcomes(litmus, Memory::tso, false), litmus.tso()) << litmus.name;
  }
}

// 15 of 16: the readers never disagree.
TEST(MemoryModelSearch, ReadersAgreeOnTheOrderOfTwoWriters) {
  std::uint64_t sc = 0, tso = 0;
  EXPECT_EQ(outcomes(sched::testing::iriw(), Memory::sc, true, &sc), sched::testing::iriw().sc);
  EXPECT_EQ(outcomes(sched::testing::iriw(), Memory::tso, true, &tso), sched::testing::iriw().sc);
  EXPECT_GT(tso, sc) << "buffers are part of the state";
}

template <bool waiter_mb, bool waker_mb>
struct SleepProgram {
  sched::testing::Sleep sleep{.waiter_mb = waiter_mb, .waker_mb = waker_mb, .head = {}, .done = {}};
  [[nodiscard]] static std::uint32_t tasks() { return 2; }
  void task(std::uint32_t number) { number == 0 ? sleep.wait() : sleep.wake(); }
  [[nodiscard]] static std::string text() { return ""; }
};

template <bool waiter_mb, bool waker_mb>
bool loses_wake_up(Memory memory) {
  Tasks<SleepProgram<waiter_mb, waker_mb>> subject([] { return SleepProgram<waiter_mb, waker_mb>(); }, memory);
  const Report report = search(subject, {});
  EXPECT_TRUE(report.complete());
  EXPECT_TRUE(report.outcomes.contains("finished "));
  return report.outcomes.contains("stuck! ");
}

TEST(MemoryModelSearch, AWakeUpIsLostWithoutEitherBarrierOnly) {
  EXPECT_FALSE((loses_wake_up<false, false>(Memory::sc)));
  EXPECT_TRUE((loses_wake_up<false, true>(Memory::tso)));
  EXPECT_TRUE((loses_wake_up<true, false>(Memory::tso)));
  EXPECT_FALSE((loses_wake_up<true, true>(Memory::tso)));
}

// Limits::preemptions: a drain in place of a task that could go on counts as one. SB's weak outcome
// needs none: both stores wait until both tasks have ended.
TEST(MemoryModelSearch, DrainsCountAsPreemptions) {
  g_litmus = &sched::testing::litmus().front();
  Tasks<Program> subject([] { return Program(); }, Memory::tso);
  Limits limits;
  limits.preemptions = 0;
  const Report none = search(subject, limits);
  EXPECT_TRUE(none.complete());
  EXPECT_GT(none.preempted, 0u);
  EXPECT_TRUE(none.outcomes.contains("finished 00"));
  EXPECT_FALSE(none.outcomes.contains("finished 11")) << "needs a switch between the two accesses of a task";
}

}  // namespace
}  // namespace daxfuzz::explore::testing
