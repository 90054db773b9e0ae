// SPDX-License-Identifier: GPL-2.0-only
// Laws of the minimiser, for any program that fails on the toy executor: same
// signature, valid, replays, a fixed point, 1-minimal, within its budget.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "exec/minimize.h"
#include "exec/minimize_fake.h"
#include "exec/minimize_moves.h"

namespace daxfuzz::exec {
namespace {

using trace::OpCode;
using trace::Program;

const FakeCondition kConditions[] = {truncated_under_pin, overlapping, failed_insert};

template <class T>
T any_below(std::size_t n) {
  return static_cast<T>(*rc::gen::inRange<std::size_t>(0, n));
}

// Biased to the ops that the conditions speak of, on few slots; else they never hold.
Program any_program() {
  Program p;
  p.geometry = {.files = any_below<std::uint8_t>(3), .blocks = any_below<std::uint8_t>(16),
                .pmd_order = 2, .mms = any_below<std::uint8_t>(4)};
  if (any_below<int>(2)) p.settings = {{trace::SwitchId::share, any_below<std::uint8_t>(3)}};
  const OpCode common[] = {OpCode::mmap, OpCode::pin, OpCode::truncate, OpCode::fault,
                           OpCode::read, OpCode::write, OpCode::unpin, OpCode::fsync};
  const std::size_t ops = *rc::gen::inRange<std::size_t>(2, 24);
  for (std::size_t i = 0; i < ops; ++i) {
    trace::Op op;
    op.code = common[any_below<std::size_t>(std::size(common))];
    op.thread = any_below<std::uint8_t>(3);
    op.file = any_below<std::uint8_t>(2);
    op.page = any_below<std::uint8_t>(3);
    op.len = any_below<std::uint8_t>(4);
    op.map = any_below<std::uint8_t>(2);
    op.pin = any_below<std::uint8_t>(2);
    op.value = any_below<std::uint8_t>(255);
    op.fail_nth = any_below<std::uint8_t>(4);
    op.fail_from = any_below<std::uint8_t>(4);
    p.ops.push_back(op);
  }
  p.schedule.seed = any_below<std::uint64_t>(1000);
  return trace::clamped(p);
}

struct Case {
  Program program;
  Runner run;
};
// A program into which the ops that one of the conditions needs are strewn, with
// the first seed that makes it fail. rapidcheck gives up loudly if too few do.
Case any_failing() {
  const std::size_t which = any_below<std::size_t>(std::size(kConditions));
  Program p = any_program();
  std::vector<trace::Op> needed;
  if (which == 0)
    needed = {{.code = OpCode::mmap, .len = 1},
              {.code = OpCode::pin},
              {.code = OpCode::truncate, .thread = 1}};
  if (which == 1) needed = {{.code = OpCode::read, .len = 1}, {.code = OpCode::write, .thread = 1, .len = 1}};
  if (which == 2) {
    needed = {{.code = OpCode::fault, .page = 1, .fail_nth = 2}};
    p.settings = {{trace::SwitchId::share, 1}, {trace::SwitchId::base_count, 1}};
    p.geometry.blocks = 9;
  }
  std::size_t at = 0;
  for (const trace::Op& op : needed) {
    at += any_below<std::size_t>(p.ops.size() - at + 1);
    p.ops.insert(p.ops.begin() + static_cast<std::ptrdiff_t>(at++), op);
  }
  const FakeCondition& condition = kConditions[which];
  Case c{trace::clamped(p), [&condition](const Program& q, const Options&) { return fake_execute(q, condition); }};
  for (int tries = 0; tries < 50 && !c.run(c.program, {}).failed(); ++tries) ++c.program.schedule.seed;
  RC_PRE(c.run(c.program, {}).failed());
  return c;
}

RC_GTEST_PROP(Minimize, KeepsTheSignatureAndReplaysExactly, ()) {
  const Case c = any_failing();
  const Minimized min = minimize(c.program, c.run);
  RC_ASSERT(trace::valid(min.program));
  RC_ASSERT(min.program.schedule.strategy == trace::Strategy::replay);
  const Execution again = c.run(min.program, {});
  RC_ASSERT(again.signature() == c.run(c.program, {}).signature());
  RC_ASSERT(again.signature() == min.execution.signature());
  RC_ASSERT(!again.diverged);
  RC_ASSERT(again.segments == min.program.schedule.segments);
}

RC_GTEST_PROP(Minimize, NeverGrowsAProgram, ()) {
  const Case c = any_failing();
  RC_ASSERT(!(size_of_ops(c.program) < size_of_ops(minimize(c.program, c.run).program)));
}

RC_GTEST_PROP(Minimize, IsAFixedPoint, ()) {
  const Case c = any_failing();
  const Minimized once = minimize(c.program, c.run);
  const Minimized twice = minimize(once.program, c.run);
  RC_ASSERT(once.complete && twice.complete);
  RC_ASSERT(twice.program == once.program);
}

RC_GTEST_PROP(Minimize, IsDeterministic, ()) {
  const Case c = any_failing();
  const Minimized a = minimize(c.program, c.run), b = minimize(c.program, c.run);
  RC_ASSERT(a.program == b.program);
  RC_ASSERT(a.executions == b.executions);
}

// Checked from outside, with the runs that minimize() claims to have made.
RC_GTEST_PROP(Minimize, IsOneMinimal, ()) {
  const Case c = any_failing();
  const Minimized min = minimize(c.program, c.run);
  const std::string signature = min.execution.signature();
  auto fails = [&](const Program& p) { return c.run(p, {}).signature() == signature; };
  for (std::size_t i = 0; i < min.program.ops.size(); ++i) {
    Program less = min.program;
    less.ops.erase(less.ops.begin() + static_cast<std::ptrdiff_t>(i));
    RC_ASSERT(!fails(less));
    less.schedule.strategy = trace::Strategy::random;
    for (less.schedule.seed = 1; less.schedule.seed <= 4; ++less.schedule.seed) RC_ASSERT(!fails(less));
    for (const Program& simpler : smaller_operands(min.program, i)) RC_ASSERT(!fails(simpler));
  }
  for (const Program& less : without_settings(min.program)) RC_ASSERT(!fails(less));
  const auto& segments = min.program.schedule.segments;
  for (std::size_t i = 0; i + 2 < segments.size(); ++i) {
    if (segments[i].thread != segments[i + 2].thread) continue;
    Program less = min.program;
    less.schedule.segments = joined(segments, i + 2, i);
    const Execution ran = c.run(less, {});
    RC_ASSERT(ran.signature() != signature || ran.segments.size() >= segments.size());
  }
}

RC_GTEST_PROP(Minimize, StaysWithinItsBudget, ()) {
  const Case c = any_failing();
  const std::uint64_t budget = *rc::gen::inRange<std::uint64_t>(1, 400);
  std::uint64_t runs = 0;
  const Minimized min = minimize(
      c.program,
      [&](const Program& p, const Options& how) {
        ++runs;
        return c.run(p, how);
      },
      budget);
  RC_ASSERT(runs <= budget);
  RC_ASSERT(min.executions == runs);
  RC_ASSERT(min.complete || runs == budget);
  RC_ASSERT(c.run(min.program, {}).signature() == min.execution.signature());
}

}  // namespace
}  // namespace daxfuzz::exec
