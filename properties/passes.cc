// SPDX-License-Identifier: GPL-2.0-only
// The commonest claim: a run passes. What fails is shrunk as the minimiser would (exec/minimize.h): a smaller
// program has another schedule, so it is tried under more than its own, and counts if it fails as the
// first did. Read first: shape.h; bench/minimize compares the two.
#include <algorithm>
#include <climits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "properties/execute.h"
#include "properties/programs.h"

namespace daxfuzz::properties {
namespace {

using exec::Execution;
using trace::Op;
using trace::Program;
using trace::Segment;

struct Failure {
  Program program;
  Execution execution;
};

bool alike(const Execution& one, const Execution& other) {
  return one.signature() == other.signature() && !passes(one).empty();
}

// Of the ops of `last`, those that `less` has no more, if all that both begin and end with stayed what it was.
std::vector<bool> gone(const std::vector<Op>& last, const std::vector<Op>& less) {
  const auto begin = std::ranges::mismatch(last, less).in1 - last.begin();
  std::vector<bool> drop(last.size());
  for (std::ptrdiff_t i = begin; i < begin + std::ssize(last) - std::ssize(less); i++)
    drop[static_cast<std::size_t>(i)] = true;
  return drop;
}

// The schedule that `failure` had, without the steps of those ops: the others are pre-empted where they were.
std::vector<Segment> without_steps(const Failure& failure, const std::vector<bool>& drop) {
  std::vector<Segment> kept;
  std::uint32_t made[trace::kScheduleTasksMax] = {};
  for (Segment segment : failure.execution.progress) {
    std::uint16_t steps = 0;
    for (std::uint16_t i = 0; i < segment.steps; i++) {
      const std::uint32_t step = ++made[segment.thread];
      bool keep = true;
      for (std::size_t op = 0; op < drop.size(); op++) {
        const exec::OpSteps& its = failure.execution.op_steps[op];
        if (drop[op] && failure.program.ops[op].thread == segment.thread && step >= its.first && step <= its.last)
          keep = false;
      }
      steps = static_cast<std::uint16_t>(steps + (keep ? 1 : 0));
    }
    segment.steps = steps;
    if (steps != 0) kept.push_back(std::move(segment));
  }
  return kept;
}

constexpr std::uint64_t kSeeds = 8;

// `program`, under any schedule under which it fails as `last` did.
std::optional<Failure> again(const Program& program, const Failure& last) {
  const auto tried = [&](trace::Schedule schedule, bool elastic) -> std::optional<Failure> {
    Failure now{.program = program, .execution = {}};
    now.program.schedule = std::move(schedule);
    now.execution = execute(now.program, {.elastic = elastic});
    if (!alike(now.execution, last.execution)) return std::nullopt;
    now.program = exec::with_schedule(std::move(now.program), now.execution);
    return now;
  };
  trace::Schedule schedule{.strategy = trace::Strategy::replay, .seed = 0, .bytes = {}, .segments = {}};
  if (program.ops.size() <= last.program.ops.size()) {
    schedule.segments = without_steps(last, gone(last.program.ops, program.ops));
    if (auto found = tried(schedule, true)) return found;
  }
  if (auto found = tried(program.schedule, false)) return found;
  schedule.segments.clear();
  if (auto found = tried(schedule, false)) return found;
  for (std::uint64_t seed = 0; seed < kSeeds && program.ops.size() < last.program.ops.size(); seed++)
    if (auto found = tried({.strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}}, false))
      return found;
  return std::nullopt;
}

}  // namespace

std::string passes(const Execution& execution) {
  if (execution.failed()) return execution.signature() + ": " + execution.finding.value;
  for (std::size_t i = 0; i < execution.results.size(); i++)
    if (execution.results[i] == INT64_MIN) return "op " + std::to_string(i) + " never ended";
  return "";
}

std::string passes(const Program& program) { return passes(execute(program)); }

void expect_passes(Trial& trial, const Shape& shape, int percent) { expect_passes(trial, programs(shape), percent); }

void expect_passes(Trial& trial, const rc::Gen<Program>& drawn, int percent) {
  std::optional<Failure> last;
  trial.run(
      [&] {
        Program program = *drawn;
        if (last.has_value()) {
          std::optional<Failure> smaller = again(program, *last);
          if (!smaller.has_value()) return;
          last = std::move(smaller);
        } else {
          Execution execution = execute(program);
          if (passes(execution).empty()) return;
          program = exec::with_schedule(std::move(program), execution);
          last = Failure{.program = std::move(program), .execution = std::move(execution)};
        }
        const std::string why = passes(last->execution);
        trial.failed(
            why,
            [&trial, failure = *last, why] {
              return as_daxt(failure.program, trial.property(), trial.search(), why, failure.execution);
            },
            true);
      },
      percent);
}

}  // namespace daxfuzz::properties
