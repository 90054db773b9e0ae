// SPDX-License-Identifier: GPL-2.0-only
// Scenes: valid, small, the same of the same seed, of every op; their set-ups do what they are for.
#include "fuzz/scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>

#include "exec/execute.h"

namespace daxfuzz::fuzz {
namespace {

trace::Program staged(std::uint64_t seed, std::size_t threads) {
  Random random(seed);
  trace::Program program;
  program.geometry.files = 2;
  scene(program, threads, random);
  program.schedule.seed = seed;
  return trace::clamped(program);
}

TEST(Scene, ProgramsAreSmallOfAllOpsAndOfTheThreadsThatWereAskedFor) {
  std::set<trace::OpCode> codes;
  std::set<std::uint8_t> orders;
  for (std::uint64_t seed = 0; seed < 4000; seed++) {
    const std::size_t threads = 1 + seed % 4;
    const trace::Program program = staged(seed, threads);
    ASSERT_TRUE(trace::valid(program)) << seed;
    ASSERT_EQ(program.threads(), threads) << seed;
    ASSERT_LE(program.ops.size(), trace::kOpsMax / 2) << seed;
    ASSERT_EQ(program.schedule.set_up == 0, threads == 1) << seed;  // nobody is there to wait for it
    for (std::size_t i = program.schedule.set_up; i < program.ops.size(); i++) codes.insert(program.ops[i].code);
    orders.insert(program.geometry.pmd_order);
    ASSERT_EQ(program, staged(seed, threads)) << seed;
  }
  EXPECT_EQ(codes.size(), trace::op_count());
  EXPECT_TRUE(orders.contains(trace::kPmdOrderReal));
}

// A set-up whose mappings, clones and pins fail is none.
TEST(Scene, SetUpsSucceed) {
  int ops = 0, good = 0, pins = 0, clones = 0;
  for (std::uint64_t seed = 0; seed < 1000; seed++) {
    const trace::Program program = staged(seed, 3);
    if (program.geometry.pmd_order == trace::kPmdOrderReal) continue;
    const exec::Execution run = exec::execute(program);
    for (std::size_t i = 0; i < program.schedule.set_up; i++) {
      if (run.results[i] == INT64_MIN) continue;
      const bool succeeded = run.results[i] >= 0;
      ops++;
      good += succeeded ? 1 : 0;
      pins += succeeded && program.ops[i].code == trace::OpCode::pin ? 1 : 0;
      clones += succeeded && program.ops[i].code == trace::OpCode::reflink ? 1 : 0;
    }
  }
  EXPECT_GT(good, ops * 3 / 4);
  EXPECT_GT(pins, 50);
  EXPECT_GT(clones, 50);
}

// Queues: all threads but one end with the same op.
TEST(Scene, ThreadsThatDoTheSameAreThere) {
  int queues = 0;
  for (std::uint64_t seed = 0; seed < 1000; seed++) {
    const trace::Program program = staged(seed, 4);
    trace::Op last[trace::kThreadsMax];
    for (trace::Op op : program.ops) {
      const std::uint8_t thread = op.thread;
      op.thread = 0;
      last[thread] = op;
    }
    const auto same = [&](const trace::Op& op) { return std::count(last, last + trace::kThreadsMax, op); };
    queues += same(last[0]) >= 3 || same(last[1]) >= 3 ? 1 : 0;
  }
  EXPECT_GT(queues, 300);
}

}  // namespace
}  // namespace daxfuzz::fuzz
