// SPDX-License-Identifier: GPL-2.0-only
// Strategy: POS, partial order sampling (Yuan, Yang and Gu 2018, "Partial Order Aware
// Concurrency Sampling"). Each next step has a random priority and the highest is made; then
// the next steps that conflict with it, as far as Choice::pending tells, get new ones. So
// orders of steps that do not matter to each other are drawn less often than by a random walk.
#pragma once

#include "sched/choice.h"
#include "sched/scheduler.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

class PosChoice final : public ChoiceSource {
 public:
  explicit PosChoice(std::uint64_t seed) : random_(seed) {}
  TaskId next(const Choice& choice) override;
  void stepped(TaskId task, const Pending& step) override;

 private:
  Seeded random_;
  std::uint32_t priority_[kTasksMax] = {};
  std::uint32_t drawn_ = 0;  // bit t: priority_[t] is of t's next step
};

}  // namespace daxfuzz::sched
