// SPDX-License-Identifier: GPL-2.0-only
// Strategy: PCT, probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and
// Nagarakatte 2010, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs").
// The task of the highest priority runs. Priorities are drawn at the start; at each of
// depth - 1 steps, drawn too, the running task's becomes one of depth - 1 low ones. A bug that needs
// `depth` ordered events is found in one run with a probability of at least
// 1 / (tasks * steps^(depth - 1)), if `steps` is at least what the run takes.
//
// Differs from the paper: a task that has made kPatience steps while others could run falls
// behind all of them, or a task that spins until another goes on would be taken for a livelock.
// The bound holds for runs in which that never happens.
#pragma once

#include "sched/choice.h"
#include "sched/scheduler.h"

namespace daxfuzz::sched {

class PctChoice final : public ChoiceSource {
 public:
  static constexpr std::uint32_t kDepthMax = 8;
  static constexpr std::uint32_t kPatience = 400;

  // depth 1..kDepthMax; steps >= 1: how long a run is thought to be.
  PctChoice(std::uint64_t seed, std::uint32_t depth, std::uint64_t steps);
  TaskId next(const Choice& choice) override;

 private:
  struct Change {
    std::uint64_t step;
    std::int32_t priority;  // of who runs then
  };

  std::int32_t priority_[kTasksMax] = {};  // the highest runs; no two are the same
  std::int32_t lowest_ = 0;                // given out so far
  Change changes_[kDepthMax] = {};         // in the order of their steps
  std::uint32_t count_ = 0, passed_ = 0;
  TaskId favourite_ = kNoTask;             // chosen last
  std::uint32_t patience_ = 0;             // how often in a row
};

}  // namespace daxfuzz::sched
