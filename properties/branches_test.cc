// SPDX-License-Identifier: GPL-2.0-only
// branches.h over counters and locks: what is wrong is found, is shrunk to two branches of one call each, and says who
// waits.
#include "properties/branches.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "properties/calls.h"
#include "properties/property.h"
#include "sched/primitives.h"

namespace daxfuzz::properties {
namespace {

const std::vector<CallKind> kAdd = {{"add", 3}, {"reset"}};

class Sum final : public Copied<Sum, BranchModel> {
 public:
  std::int64_t value = 0, before = 0;
  void apply(const Call& call) override {
    before = value;
    value = call.kind == 0 ? value + call.a + 1 : 0;
  }
  std::int64_t returned() const override { return before; }
  bool same(const BranchModel& other) const override { return value == dynamic_cast<const Sum&>(other).value; }
};

// What adds in one step, or in two.
template <bool kOneStep>
class Counter final : public SharedPart {
 public:
  std::int64_t call(const Call& call) override {
    sched::yield_point("load");
    const std::int64_t was = value_.load(std::memory_order_relaxed);
    if (!kOneStep) sched::yield_point("store");
    value_.store(call.kind == 0 ? was + call.a + 1 : 0, std::memory_order_relaxed);
    return was;
  }
  std::string differs_from(const BranchModel& last) override {
    return differs("the sum", value_.load(), dynamic_cast<const Sum&>(last).value);
  }

 private:
  std::atomic<std::int64_t> value_ = 0;  // TSan has nothing to say of it
};

// Returns nothing, so that only what is left tells.
class Silent final : public Copied<Silent, BranchModel> {
 public:
  std::int64_t value = 0;
  void apply(const Call& call) override { value = call.kind == 0 ? value + call.a + 1 : 0; }
  std::int64_t returned() const override { return 0; }
  bool same(const BranchModel& other) const override { return value == dynamic_cast<const Silent&>(other).value; }
};
class SilentCounter final : public SharedPart {
 public:
  std::int64_t call(const Call& call) override { return (void)counter_.call(call), 0; }
  std::string differs_from(const BranchModel& last) override {
    Sum sum;
    sum.value = dynamic_cast<const Silent&>(last).value;
    return counter_.differs_from(sum);
  }

 private:
  Counter<false> counter_;
};

// Two locks, in the order that the call says.
const std::vector<CallKind> kOrders = {{"lock", 2}};
class Locks final : public SharedPart {
 public:
  std::int64_t call(const Call& call) override {
    locks_[call.a].down_write();
    locks_[1 - call.a].down_write();
    locks_[1 - call.a].up_write();
    locks_[call.a].up_write();
    return 0;
  }
  std::string differs_from(const BranchModel&) override { return ""; }

 private:
  sched::RwSem locks_[2]{sched::RwSem{"first"}, sched::RwSem{"second"}};
};

template <class Model, class Part>
void expect(Trial& trial, const std::vector<CallKind>& kinds) {
  std::vector<std::uint8_t> all(kinds.size());
  for (std::size_t i = 0; i < all.size(); i++) all[i] = static_cast<std::uint8_t>(i);
  expect_in_branches(trial, {.kinds = kinds,
                             .side_by_side = all,
                             .model = [] { return std::make_unique<Model>(); },
                             .part = [] { return std::make_unique<Part>(); }});
}

Outcome tried(void (*body)(Trial&)) {
  const Property property{.suite = "Branches", .name = "Test", .rule = "a rule", .citation = "a place", .body = body};
  return properties::tried(property, {.seed = 1, .max_success = 500});
}

std::size_t lines(const std::string& text, const std::string& begin) {
  std::size_t count = 0;
  for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) count++;
  return count;
}

TEST(Branches, OneStepIsSomeOrder) {
  const Outcome outcome = tried([](Trial& trial) { expect<Sum, Counter<true>>(trial, kAdd); });
  EXPECT_EQ(outcome.why, "");
  EXPECT_EQ(outcome.cases, 500);
  EXPECT_EQ(outcome.executions, 500u);
}

TEST(Branches, ALostUpdateIsFoundAndShrunkToTwoCalls) {
  const Outcome outcome = tried([](Trial& trial) { expect<Sum, Counter<false>>(trial, kAdd); });
  EXPECT_NE(outcome.why.find("no order of the calls returns"), std::string::npos) << outcome.why;
  EXPECT_EQ(lines(outcome.counterexample, "\nT"), 2u) << outcome.counterexample;
  EXPECT_EQ(lines(outcome.counterexample, "\nT0: add 0\n"), 1u) << outcome.counterexample;
  EXPECT_EQ(lines(outcome.counterexample, "\nbefore"), 0u) << outcome.counterexample;
  EXPECT_EQ(lines(outcome.counterexample, "\nschedule    T"), 1u) << outcome.counterexample;
  EXPECT_EQ(lines(outcome.counterexample, "# seed      1\n"), 1u) << outcome.counterexample;
}

TEST(Branches, WhatIsLeftIsLookedAtToo) {
  const Outcome outcome = tried([](Trial& trial) { expect<Silent, SilentCounter>(trial, kAdd); });
  EXPECT_NE(outcome.why.find("no order of the calls leaves what they left: the sum is "), std::string::npos)
      << outcome.why;
  EXPECT_EQ(lines(outcome.counterexample, "\nT"), 2u) << outcome.counterexample;
}

TEST(Branches, ADeadlockSaysWhoWaits) {
  const Outcome outcome = tried([](Trial& trial) { expect<Silent, Locks>(trial, kOrders); });
  EXPECT_NE(outcome.why.find("T0 waits for "), std::string::npos) << outcome.why;
  EXPECT_NE(outcome.why.find(", T1 waits for "), std::string::npos) << outcome.why;
  EXPECT_EQ(lines(outcome.counterexample, "\nT"), 2u) << outcome.counterexample;
}

}  // namespace
}  // namespace daxfuzz::properties
