// SPDX-License-Identifier: GPL-2.0-only
// Strategy: PCT, probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and
// Nagarakatte 2010, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs").
// The task of the highest priority runs. Priorities are drawn at the start; at each of
// depth - 1 steps, drawn too, the running task's becomes one of depth - 1 low ones. A bug that needs
// `depth` ordered events is found in one run with a probability of at least
// 1 / (tasks * steps^(depth - 1)), if `steps` is at least what the run takes.
//
// Differs from the paper: a task that has made kPatience steps while others could run falls
// behind all of them, or a task that spins until another goes on would be taken for a livelock;
// one that could have run kStarved times comes before all others, or two that spin by turns for a
// third would; and two that are in step by turns (kInStepLaps) are got out of it, or they would undo what the
// other did to the end.
// The bound holds for runs in which that never happens.
#pragma once

#include <vector>

#include "sched/choice.h"
#include "sched/scheduler.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

class PctChoice final : public ChoiceSource {
 public:
  static constexpr std::uint32_t kDepthMax = 8;
  static constexpr std::uint32_t kPatience = 400, kStarved = 4 * kPatience;

  // depth 1..kDepthMax; steps >= 1: how long a run is thought to be. places: hashes of labels; if
  // there are any, only steps from them are counted, and in `steps` too; then no two changes are at
  // one step and none before the first. Where what other steps do concerns their task alone, the
  // bound holds with the smaller number.
  PctChoice(std::uint64_t seed, std::uint32_t depth, std::uint64_t steps, std::vector<std::uint64_t> places = {});
  TaskId next(const Choice& choice) override;
  void stepped(TaskId task, const Pending& step) override;
  // All that was drawn, of the first so many tasks, as a hash.
  [[nodiscard]] std::uint64_t plan(std::uint32_t tasks) const;

 private:
  struct Change {
    std::uint64_t step;
    std::int32_t priority;  // of who runs then
  };

  [[nodiscard]] std::uint64_t another(Seeded& random, std::uint32_t steps, std::uint32_t drawn) const;

  std::int32_t priority_[kTasksMax] = {};  // the highest runs; no two are the same
  std::int32_t lowest_ = 0, highest_ = kTasksMax;  // given out so far, and before all
  Change changes_[kDepthMax] = {};         // in the order of their steps
  std::uint32_t count_ = 0, passed_ = 0;
  std::vector<std::uint64_t> places_;
  std::uint64_t counted_ = 0;              // steps from places_
  TaskId favourite_ = kNoTask;             // chosen last
  std::uint32_t patience_ = 0;             // how often in a row
  std::uint32_t passed_over_[kTasksMax] = {};  // how often in a row a task could run and did not
};

}  // namespace daxfuzz::sched
