// SPDX-License-Identifier: GPL-2.0-only
// Draws, runs and saves what parallel.h describes.
#include "properties/parallel.h"

#include <algorithm>
#include <climits>
#include <memory>

#include "properties/execute.h"
#include "properties/linearize.h"
#include "properties/programs.h"
#include "sched/check.h"
#include "sched/choice_bytes.h"
#include "sched/choice_random.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::Program;

// Keeps T0 to its phases; in between another strategy chooses. An op begins with the step that leaves the
// label "op" (exec/execute.cc).
class Phases final : public sched::ChoiceSource {
 public:
  explicit Phases(const Parallel& parallel) : prefix_(parallel.prefix) {
    const auto mine = [](const Op& op) { return op.thread == 0; };
    const auto ops = static_cast<std::size_t>(std::ranges::count_if(parallel.program.ops, mine));
    last_ = ops - parallel.suffix;
    const trace::Schedule& schedule = parallel.program.schedule;
    CHECK(schedule.strategy != trace::Strategy::replay);
    if (schedule.strategy == trace::Strategy::random)
      inner_ = std::make_unique<sched::RandomChoice>(schedule.seed);
    else
      inner_ = std::make_unique<sched::BytesChoice>(schedule.bytes.data(), schedule.bytes.size());
  }

  sched::TaskId next(const sched::Choice& choice) override {
    const bool can = (choice.runnable & 1u) != 0, between = choice.pending[0].at == sched::Label("op");
    const bool before = begun_ < prefix_ || (begun_ == prefix_ && !between && prefix_ != 0);
    if (before && can) return 0;
    sched::Choice others = choice;
    if (begun_ > last_ || (between && begun_ == last_)) others.runnable &= ~1u;
    if (others.runnable == 0) return 0;
    if ((others.runnable & (others.runnable - 1)) == 0) return sched::nth_task(others.runnable, 0);
    others.current_runnable = choice.current_runnable && (others.runnable >> choice.current & 1u) != 0;
    return inner_->next(others);
  }
  void stepped(sched::TaskId task, const sched::Pending& step) override {
    if (task == 0 && step.at == sched::Label("op")) begun_++;
  }

 private:
  std::unique_ptr<sched::ChoiceSource> inner_;
  std::size_t prefix_, last_ = 0;
  std::size_t begun_ = 0;
};

constexpr std::size_t kBranchOpsMax = 14;

Parallel built(const ParallelShape& shape, trace::ProtocolId protocol, const trace::Geometry& geometry,
               const std::vector<Op>& before, std::vector<Op> branches, const trace::Schedule& schedule) {
  Parallel parallel;
  Program& program = parallel.program;
  program.protocol = protocol;
  program.geometry = geometry;
  program.schedule = schedule;
  program.ops = prefix_ops(shape.shape, geometry, true);
  for (Op& op : program.ops) op.thread = 0;
  program.ops.insert(program.ops.end(), before.begin(),
                     before.begin() + std::min<std::ptrdiff_t>(shape.before_max, std::ssize(before)));
  parallel.prefix = program.ops.size();
  if (branches.size() > kBranchOpsMax) branches.resize(kBranchOpsMax);
  std::vector<Op> unpins;
  for (Op op : branches) {
    if (shape.apart) shape.apart(op);
    op = trace::canonical(op, geometry);
    program.ops.push_back(op);
    if (op.code != trace::OpCode::pin || shape.shape.pins == Pins::kept) continue;
    const Op unpin{.code = trace::OpCode::unpin, .thread = op.thread, .pin = op.pin};
    if (shape.shape.pins == Pins::momentary) program.ops.push_back(unpin);
    else unpins.push_back(unpin);
  }
  program.ops.insert(program.ops.end(), unpins.begin(), unpins.end());
  if (shape.last)
    for (std::uint8_t thread = 0; thread < trace::kThreadsMax; thread++) {
      const std::vector<Op> last = shape.last(thread);
      program.ops.insert(program.ops.end(), last.begin(), last.end());
    }
  if (shape.after) {
    const std::vector<Op> after = shape.after(program);
    parallel.suffix = after.size();
    program.ops.insert(program.ops.end(), after.begin(), after.end());
  }
  CHECK(program.ops.size() <= trace::kOpsMax);
  program = trace::clamped(std::move(program));
  return parallel;
}

rc::Gen<Parallel> drawn(const ParallelShape& shape) {
  const Shape& s = shape.shape;
  return rc::gen::mapcat(
      rc::gen::tuple(geometry_of(s), swarm(s.allowed),
                     rc::gen::inRange<int>(s.threads_min, s.threads_max + 1)),
      [shape](const std::tuple<trace::Geometry, Kinds, int>& fixed) {
        const trace::Geometry geometry = std::get<0>(fixed);
        const Kinds present = std::get<1>(fixed);
        const int threads = std::get<2>(fixed);
        const Shape& of = shape.shape;
        const Kinds before = shape.before != 0 ? shape.before : of.allowed;
        return rc::gen::apply(
            [shape, geometry](std::size_t protocol, const std::vector<Op>& first,
                                         const std::vector<Op>& branches, const trace::Schedule& schedule) {
              return built(shape, shape.shape.protocols[protocol], geometry, first, branches, schedule);
            },
            rc::gen::inRange<std::size_t>(0, of.protocols.size()),
            rc::gen::container<std::vector<Op>>(op_of(of, before, geometry, 1)),
            rc::gen::container<std::vector<Op>>(op_of(of, present, geometry, threads)), drawn_schedule());
      });
}

}  // namespace

void showValue(const Parallel& parallel, std::ostream& out) { trace::showValue(parallel.program, out); }

exec::Execution run(const Parallel& parallel, std::uint32_t checkers) {
  Phases phases(parallel);
  return execute(parallel.program, {.keep_events = true, .checkers = checkers, .choices = &phases});
}

void expect_in_parallel(Trial& trial, const ParallelShape& shape, std::uint32_t checkers, const ParallelClaim& claim,
                        int percent) {
  trial.run(
      [&] {
        const Parallel parallel = *drawn(shape);
        const exec::Execution execution = run(parallel, checkers);
        const std::string why = claim(parallel, execution);
        if (why.empty()) return;
        trial.failed(
            why,
            // The schedule is that of the run that the claim is about; verdict and digest are what `daxfuzz replay`
            // finds in it: with all checkers it may end sooner.
            [&trial, parallel, why, checkers] {
              return as_daxt(exec::with_schedule(parallel.program, run(parallel, checkers)), trial.property(),
                             trial.search(), why, run(parallel, exec::kCheckAll));
            },
            true);
      },
      percent);
}

std::string all_end(const Parallel& parallel, const exec::Execution& execution) {
  if (execution.failed())
    return execution.signature() + ": " + execution.finding.value + (execution.finding.waits.empty() ? "" : "; ") +
           execution.finding.waits;
  const auto found = std::ranges::find(execution.results, INT64_MIN);
  if (found == execution.results.end()) return "";
  const auto number = static_cast<std::size_t>(found - execution.results.begin());
  return "op " + std::to_string(number) + " (" + trace::print(parallel.program.ops[number]) + ") never ended";
}

std::string linearizes(const Parallel& parallel, const exec::Execution& execution) {
  const std::string stuck = all_end(parallel, execution);
  if (!stuck.empty()) return stuck;
  return not_linearizable(parallel.program, execution.results, intervals(parallel.program, execution));
}

std::vector<Op> reads_of_all(const Program& program) {
  std::vector<Op> ops;
  for (std::uint8_t file = 0; file < program.geometry.files; file++)
    for (std::uint16_t page = 0; page < kFilePages; page++)
      ops.push_back({.code = trace::OpCode::read, .file = file, .page = page, .len = 1});
  return ops;
}

}  // namespace daxfuzz::properties
