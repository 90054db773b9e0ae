// SPDX-License-Identifier: GPL-2.0-only
// Strategies: uniform random walks over the orders of what tasks do (Zhao, Wolff, Mathur and Roychoudhury
// 2025, "Selectively Uniform Concurrency Testing"). A task is drawn in proportion to the steps that it
// has left, so that each interleaving of independent tasks is as likely as any other; a plain
// random walk favours those in which the long task runs late.
//
// The steps left are those that a run before had, less what was made: an estimate, and at
// least 1 for a task that can run. UrwChoice counts all steps. SurwChoice counts those that begin at one
// place (a label): the order of these is uniform, and other steps are made by whoever may, at random.
#pragma once

#include <array>

#include "sched/choice.h"
#include "sched/scheduler.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

using StepCounts = std::array<std::uint32_t, kTasksMax>;

class UrwChoice final : public ChoiceSource {
 public:
  // counts: steps of each task in a run.
  UrwChoice(std::uint64_t seed, const StepCounts& counts) : random_(seed), left_(counts) {}
  TaskId next(const Choice& choice) override;
  void stepped(TaskId task, const Pending& step) override;

 private:
  Seeded random_;
  StepCounts left_;
};

class SurwChoice final : public ChoiceSource {
 public:
  // counts: of each task, the steps from `place`.
  SurwChoice(std::uint64_t seed, Label place, const StepCounts& counts)
      : random_(seed), place_(place), left_(counts) {}
  TaskId next(const Choice& choice) override;
  void stepped(TaskId task, const Pending& step) override;

 private:
  Seeded random_;
  Label place_;
  StepCounts left_;
  TaskId intended_ = kNoTask;  // who makes the next step from `place`
};

}  // namespace daxfuzz::sched
