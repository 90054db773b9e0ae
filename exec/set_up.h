// SPDX-License-Identifier: GPL-2.0-only
// A strategy that lets thread 0 come to the end of its first ops before it asks another one, and what that took.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "exec/execution.h"
#include "sched/choice.h"
#include "trace/program.h"

namespace daxfuzz::exec {

class SetUpFirst final : public sched::ChoiceSource {
 public:
  SetUpFirst(sched::ChoiceSource& then, std::uint32_t ops) : then_(then), ops_(ops) {}
  SetUpFirst(std::unique_ptr<sched::ChoiceSource> then, std::uint32_t ops)
      : owned_(std::move(then)), then_(*owned_), ops_(ops) {}

  sched::TaskId next(const sched::Choice& choice) override {
    const bool can_run = (choice.runnable & 1u) != 0;
    // A set-up that waits for others, or that is all that thread 0 does, ends there: who is not asked
    // whenever T0 can run would miss where its ops end.
    if (!can_run || ops_ == 0 || (begun_ == ops_ && choice.current == 0 && choice.at == sched::Label("op")))
      over_ = true;
    if (over_) return then_.next(choice);
    return 0;
  }
  // The other strategy is told of what comes after only: it counts steps to choose among them.
  void stepped(sched::TaskId task, const sched::Pending& step) override {
    if (over_) return then_.stepped(task, step);
    if (task == 0 && step.at == sched::Label("op")) begun_++;
  }
  void switched(sched::TaskId to, sched::Label at) override {
    if (over_) then_.switched(to, at);
  }
  void waited(sched::TaskId task) override {
    if (over_) then_.waited(task);
  }

 private:
  std::unique_ptr<sched::ChoiceSource> owned_;
  sched::ChoiceSource& then_;
  std::uint32_t ops_;
  std::uint32_t begun_ = 0;  // ops of thread 0
  bool over_ = false;
};

// Steps of a run that ended Schedule::set_up; 0 if it did not come to an end.
[[nodiscard]] inline std::uint64_t set_up_steps(const trace::Program& program, const Execution& execution) {
  std::uint64_t steps = 0;
  for (std::size_t i = 0, left = program.schedule.set_up; left > 0; i++) {
    if (program.ops[i].thread != 0) continue;
    if (execution.op_steps[i].last == UINT32_MAX) return 0;
    steps = execution.op_steps[i].last;
    left--;
  }
  return steps;
}

}  // namespace daxfuzz::exec
