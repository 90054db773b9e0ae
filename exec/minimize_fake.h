// SPDX-License-Identifier: GPL-2.0-only
// A toy executor for the tests of the minimiser: every op is two steps ("enter"
// and "leave"), nothing blocks, and a condition looks at the steps made so far
// and says with which signature the run fails, if it does. Test only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::exec {

struct FakeStep {
  const trace::Op* op = nullptr;
  std::size_t index = 0;  // of the op in the program
  bool leave = false;     // its second step
  std::size_t segment = 0;
};

// The id of what is broken after these steps; empty: nothing.
using FakeCondition =
    std::function<std::string(const trace::Program&, const std::vector<FakeStep>&)>;

// Segments are told as the scheduler tells them, unless `tell_segments` is false.
[[nodiscard]] inline Execution fake_execute(const trace::Program& program,
                                            const FakeCondition& condition,
                                            bool tell_segments = true) {
  std::vector<std::vector<std::size_t>> todo(trace::kThreadsMax);  // op indices of each thread
  for (std::size_t i = 0; i < program.ops.size(); ++i) todo[program.ops[i].thread].push_back(i);
  std::vector<std::size_t> made(trace::kThreadsMax);  // steps
  auto runnable = [&](std::size_t t) { return made[t] < 2 * todo[t].size(); };

  Execution execution;
  execution.results.assign(program.ops.size(), INT64_MIN);
  std::vector<FakeStep> steps;
  const trace::Schedule& schedule = program.schedule;
  std::uint64_t random = schedule.seed;
  std::size_t segment = 0, in_segment = 0, turn = 0;
  std::string broken;
  for (;;) {
    std::vector<std::uint8_t> can;
    for (std::uint8_t t = 0; t < trace::kThreadsMax; ++t)
      if (runnable(t)) can.push_back(t);
    broken = condition(program, steps);
    if (!broken.empty() || can.empty()) break;
    std::uint8_t thread = can[turn++ % can.size()];
    if (schedule.strategy == trace::Strategy::random) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      thread = can[(random >> 33) % can.size()];
    } else if (schedule.strategy == trace::Strategy::bytes) {
      if (steps.size() < schedule.bytes.size()) thread = can[schedule.bytes[steps.size()] % can.size()];
    } else {
      while (segment < schedule.segments.size()) {
        const trace::Segment& s = schedule.segments[segment];
        if (in_segment < s.steps && s.thread < trace::kThreadsMax && runnable(s.thread)) break;
        if (in_segment < s.steps) execution.diverged = true;
        ++segment, in_segment = 0;
      }
      if (segment < schedule.segments.size()) thread = schedule.segments[segment].thread, ++in_segment;
    }
    const std::size_t index = todo[thread][made[thread] / 2];
    const bool leave = made[thread]++ % 2 == 1;
    std::vector<trace::Segment>& ran = execution.segments;
    if (ran.empty() || ran.back().thread != thread)
      ran.push_back({thread, 0, ran.empty() ? "" : steps.back().leave ? "leave" : "enter"});
    ++ran.back().steps;
    steps.push_back({&program.ops[index], index, leave, ran.size() - 1});
    if (leave) execution.results[index] = 0;
  }
  // What is left of the schedule when the run ends was not followed either.
  if (schedule.strategy == trace::Strategy::replay && broken.empty() && segment + 1 < schedule.segments.size())
    execution.diverged = true;
  execution.steps = steps.size();
  if (!broken.empty()) {
    execution.verdict = Verdict::invariant;
    execution.finding.id = broken;
    execution.finding.function = "fake";
  }
  execution.progress = execution.segments;  // nothing waits
  for (trace::Segment& s : execution.progress) s.label.clear();
  if (!tell_segments) execution.segments.clear();
  return execution;
}

// --- conditions --------------------------------------------------------------

// A truncate of file f ran between a pin of a page of f and its unpin, by another
// thread: the classic, five ops and two switches of which three and one are left.
[[nodiscard]] inline std::string truncated_under_pin(const trace::Program&,
                                                     const std::vector<FakeStep>& steps) {
  struct Slot { bool mapped = false; std::uint8_t file = 0; };
  std::vector<Slot> maps(trace::kMapsMax);
  struct Pin { bool taken = false; std::uint8_t file = 0, thread = 0; };
  std::vector<Pin> pins(trace::kPinsMax);
  for (const FakeStep& step : steps) {
    const trace::Op& op = *step.op;
    if (!step.leave) continue;
    switch (op.code) {
      case trace::OpCode::mmap: maps[op.map] = {true, op.file}; break;
      case trace::OpCode::munmap: maps[op.map].mapped = false; break;
      case trace::OpCode::pin:
        if (maps[op.map].mapped) pins[op.pin] = {true, maps[op.map].file, op.thread};
        break;
      case trace::OpCode::unpin: pins[op.pin].taken = false; break;
      case trace::OpCode::truncate:
        for (const Pin& pin : pins)
          if (pin.taken && pin.file == op.file && pin.thread != op.thread) return "truncated-under-pin";
        break;
      default: break;
    }
  }
  return "";
}

// A read and a write of two threads overlap: entered, entered, left, left in this
// order. Two ops, three switches, none of which can go.
[[nodiscard]] inline std::string overlapping(const trace::Program&, const std::vector<FakeStep>& steps) {
  const FakeStep* read = nullptr;
  const FakeStep* write = nullptr;  // entered after it
  bool read_left = false;
  for (const FakeStep& step : steps) {
    if (step.op->code == trace::OpCode::read && !step.leave && read == nullptr) read = &step;
    if (step.op->code == trace::OpCode::write && !step.leave && read != nullptr && !read_left &&
        step.op->file == read->op->file)
      write = &step;
    if (read != nullptr && step.leave && step.index == read->index) {
      read_left = write != nullptr;
      if (!read_left) read = nullptr;
    }
    if (read_left && step.leave && step.index == write->index) return "overlapping";
  }
  return "";
}

// Needs a setting and the very operand: the second allocation of a fault fails.
[[nodiscard]] inline std::string failed_insert(const trace::Program& program,
                                               const std::vector<FakeStep>& steps) {
  if (program.settings.empty() || program.geometry.blocks < 3) return "";
  for (const FakeStep& step : steps)
    if (step.op->code == trace::OpCode::fault && step.op->fail_nth == 2 && step.op->page == 1)
      return "failed-insert";
  return "";
}

}  // namespace daxfuzz::exec
