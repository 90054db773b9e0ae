// SPDX-License-Identifier: GPL-2.0-only
// Histories written by hand: which results some order explains, and which none does.
#include "properties/linearize.h"

#include <gtest/gtest.h>

#include "exec/execute.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

Op write(std::uint8_t thread, std::uint8_t value) {
  return {.code = OpCode::write, .thread = thread, .len = 1, .value = value};
}
Op read(std::uint8_t thread) { return {.code = OpCode::read, .thread = thread, .len = 1}; }

std::string check(std::vector<Op> ops, const std::vector<std::int64_t>& results, const std::vector<Interval>& when) {
  Program program;
  program.ops = std::move(ops);
  return not_linearizable(program, results, when);
}

TEST(Linearize, OneThreadHasOneOrder) {
  EXPECT_EQ(check({write(0, 5), read(0)}, {0, 5}, {{0, 1}, {2, 3}}), "");
  EXPECT_NE(check({write(0, 5), read(0)}, {0, 0}, {{0, 1}, {2, 3}}), "");
}

TEST(Linearize, OpsSideBySideHaveEitherOrder) {
  for (const std::int64_t seen : {0, 5})
    EXPECT_EQ(check({write(0, 5), read(1)}, {0, seen}, {{0, 3}, {1, 2}}), "") << seen;
  EXPECT_NE(check({write(0, 5), read(1)}, {0, 6}, {{0, 3}, {1, 2}}), "");
}

TEST(Linearize, WhatEndedBeforeComesBefore) {
  EXPECT_EQ(check({write(0, 5), read(1)}, {0, 5}, {{0, 1}, {2, 3}}), "");
  EXPECT_NE(check({write(0, 5), read(1)}, {0, 0}, {{0, 1}, {2, 3}}), "");
}

TEST(Linearize, TwoReadersAgreeOnTheOrderOfTwoWrites) {
  const std::vector<Op> ops = {write(0, 5), write(1, 6), read(2), read(2), read(3), read(3)};
  const std::vector<Interval> when = {{0, 20}, {1, 21}, {2, 3}, {4, 5}, {6, 7}, {8, 9}};
  EXPECT_EQ(check(ops, {0, 0, 5, 6, 6, 6}, when), "");
  EXPECT_NE(check(ops, {0, 0, 5, 6, 6, 5}, when), "");
}

TEST(Linearize, AnExecutionHasItsIntervals) {
  Program program;
  program.ops = {write(0, 5), read(0)};
  const exec::Execution execution = exec::execute(program, {.keep_events = true});
  const std::vector<Interval> when = intervals(program, execution);
  ASSERT_EQ(when.size(), 2u);
  EXPECT_LT(when[0].begin, when[0].end);
  EXPECT_LT(when[0].end, when[1].begin);
  EXPECT_LT(when[1].begin, when[1].end);
  EXPECT_EQ(not_linearizable(program, execution.results, when), "");
}

}  // namespace
}  // namespace daxfuzz::properties
