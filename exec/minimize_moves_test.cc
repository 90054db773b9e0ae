// SPDX-License-Identifier: GPL-2.0-only
// Single moves of the minimiser: to simpler operands, and out of a large world.
#include "exec/minimize_moves.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exec/minimize.h"
#include "exec/minimize_fake.h"

namespace daxfuzz::exec {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

// Every operand of a large world that does not matter is put to its first value.
TEST(Moves, TakeALargeWorldToTheSmallestAndOperandsToTheirFirstValue) {
  const FakeCondition forked = [](const Program&, const std::vector<FakeStep>& steps) -> std::string {
    for (const FakeStep& step : steps)
      if (step.op->code == OpCode::fork && step.leave) return "forked";
    return "";
  };
  const Runner run = [&forked](const Program& program, const Options&) { return fake_execute(program, forked); };
  Program p;
  p.geometry = {.files = 2, .blocks = 1024, .pmd_order = 9, .mms = 2, .waits = 8, .bias = 4,
                .check_sched = 2};
  p.ops = {{.code = OpCode::fork, .map = 3, .map2 = 7, .mm = 1}};
  const Program min = minimize(trace::clamped(p), run).program;
  EXPECT_EQ(min.geometry, (trace::Geometry{.files = 1, .blocks = 1, .pmd_order = 1, .mms = 1}));
  EXPECT_EQ(min.ops, (std::vector<Op>{{.code = OpCode::fork}}));
}

TEST(Moves, OperandsHaveSimplerValues) {
  Program p;
  p.geometry = trace::clamped({.blocks = 1024, .pmd_order = 9});
  const auto simpler = [&](const Op& from, const Op& to) {
    p.ops = {trace::canonical(from, p.geometry)};
    return std::ranges::any_of(smaller_operands(p, 0), [&](const Program& less) {
      return less.ops[0] == trace::canonical(to, p.geometry) && size_of_ops(less) < size_of_ops(p);
    });
  };
  EXPECT_TRUE(simpler({.code = OpCode::zero, .edge = trace::Edge::inner}, {.code = OpCode::zero}));
  EXPECT_TRUE(simpler({.code = OpCode::mmap, .map_kind = trace::MapKind::sync}, {.code = OpCode::mmap}));
  EXPECT_TRUE(simpler({.code = OpCode::mmap, .at = 511}, {.code = OpCode::mmap}));
  EXPECT_TRUE(simpler({.code = OpCode::memory_failure, .block = 1000}, {.code = OpCode::memory_failure}));
  EXPECT_TRUE(simpler({.code = OpCode::memory_failure, .answer = trace::Answer::generic},
                      {.code = OpCode::memory_failure}));
  EXPECT_TRUE(simpler({.code = OpCode::pin, .pin_kind = trace::PinKind::longterm},
                      {.code = OpCode::pin, .pin_kind = trace::PinKind::pin}));
  EXPECT_TRUE(simpler({.code = OpCode::read, .page = 1022, .len = 1}, {.code = OpCode::read, .page = 511, .len = 1}));
  EXPECT_TRUE(simpler({.code = OpCode::read, .page = 1022, .len = 1}, {.code = OpCode::read, .page = 510, .len = 1}));
}

}  // namespace
}  // namespace daxfuzz::exec
