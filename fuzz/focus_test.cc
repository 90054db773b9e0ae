// SPDX-License-Identifier: GPL-2.0-only
// Programs of one page: valid, small, with a set-up that others wait for, and their ops do meet.
// Of one thread nothing has changed.
#include "fuzz/focus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>

#include "exec/execute.h"
#include "fuzz/draw.h"

namespace daxfuzz::fuzz {
namespace {

trace::Program focused(std::uint64_t seed, std::size_t threads) {
  Random random(seed);
  trace::Program program;
  program.geometry.files = 2;
  focus(program, threads, random);
  program.schedule.seed = seed;
  return program;
}

TEST(Focus, ProgramsAreValidAndOfTheThreadsThatWereAskedFor) {
  std::set<trace::OpCode> codes;
  for (std::uint64_t seed = 0; seed < 3000; seed++) {
    const std::size_t threads = 2 + seed % 3;
    const trace::Program program = focused(seed, threads);
    ASSERT_TRUE(trace::valid(program)) << seed;
    ASSERT_EQ(program.threads(), threads) << seed;
    ASSERT_GE(program.schedule.set_up, 2) << seed;
    ASSERT_LE(program.ops.size(), program.schedule.set_up + 3 * threads + 3) << seed;
    for (std::size_t i = program.schedule.set_up; i < program.ops.size(); i++) codes.insert(program.ops[i].code);
    ASSERT_EQ(program, focused(seed, threads)) << seed;
  }
  EXPECT_EQ(codes.size(), trace::op_count());
}

// Threads whose ops are drawn one by one mostly find no mapping: theirs is made later, or by nobody.
TEST(Focus, FaultsFindTheirMapping) {
  int faults = 0, good = 0;
  for (std::uint64_t seed = 0; seed < 1000; seed++) {
    const trace::Program program = focused(seed, 3);
    const exec::Execution run = exec::execute(program);
    for (std::size_t i = 0; i < program.ops.size(); i++) {
      if (program.ops[i].code != trace::OpCode::fault || run.results[i] == INT64_MIN) continue;
      faults++;
      good += run.results[i] >= 0 ? 1 : 0;
    }
  }
  EXPECT_GT(faults, 500);
  EXPECT_GT(good, faults / 2);
}

TEST(Drawn, EverySecondOfSeveralThreadsIsFocusedAndNoneOfOne) {
  Random random(1);
  int of_three = 0;
  for (int i = 0; i < 1000; i++) {
    of_three += drawn({.protocol = {}, .threads = 3, .ops = 20}, random).schedule.set_up > 0 ? 1 : 0;
    ASSERT_EQ(drawn({.protocol = {}, .threads = 1, .ops = 20}, random).schedule.set_up, 0);
  }
  EXPECT_GT(of_three, 430);
  EXPECT_LT(of_three, 570);
}

}  // namespace
}  // namespace daxfuzz::fuzz
