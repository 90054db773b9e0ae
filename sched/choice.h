// SPDX-License-Identifier: GPL-2.0-only
// Who runs next: the interface of a strategy. One strategy a file:
// choice_random.h, choice_pct.h, choice_pos.h, choice_walk.h, choice_fresh.h, choice_reads_from.h draw
// (strategy.h has them by name); choice_bytes.h, choice_replay.h, choice_elastic.h follow.
#pragma once

#include <cstdint>

#include "sched/access.h"
#include "sched/event_log.h"
#include "sched/label.h"

namespace daxfuzz::sched {

// What a strategy may look at. Asked only when two or more tasks can run, and until the run is late (scheduler.h).
struct Choice {
  std::uint32_t runnable = 0;   // bit t: task t can run
  TaskId current = kNoTask;     // the task that ran the last step
  bool current_runnable = false;
  Label at;                     // where `current` stands
  std::uint64_t step = 0;       // steps made so far in the execution
  std::uint32_t laps = 0;       // of spin loops, that each who spins has made since anybody got on
  const Pending* pending = nullptr;  // by task; null only in tests of strategies that do not look
};

inline constexpr TaskId kAgain = kNoTask - 1;

class ChoiceSource {
 public:
  virtual ~ChoiceSource() = default;
  // A task whose bit is set in choice.runnable; or kNoTask: the run ends here
  // (Outcome::stopped); or kAgain: the run was put back to where it was asked before
  // (Scheduler::restore_stacks()), and must ask again. Anything else is a CHECK failure.
  virtual TaskId next(const Choice& choice) = 0;
  // Told whenever another task than before is about to step, chosen or not, the
  // first included. at: where the task that ran before stands; empty for the first.
  virtual void switched(TaskId to, Label at) { (void)to, (void)at; }
  // Told of every step when it begins, also of those where there was no choice.
  virtual void stepped(TaskId task, const Pending& step) { (void)task, (void)step; }
  // Told when the step that a task has begun asked for a lock in vain: it got nowhere.
  virtual void waited(TaskId task) { (void)task; }
};

[[nodiscard]] std::uint32_t task_count(std::uint32_t tasks);
// The index-th task of a set, in the order of ids; index < the set's size.
[[nodiscard]] TaskId nth_task(std::uint32_t tasks, std::uint32_t index);
// No switch that is not forced, and if one is, to the lowest id.
[[nodiscard]] TaskId keep_current(const Choice& choice);
// Choice::laps from which on two may be in step: by turns, each undoes what the other did, or both wait for a third.
inline constexpr std::uint32_t kInStepLaps = 8;
// Whom a hash of the step says. The same step, the same task.
[[nodiscard]] TaskId out_of_step(const Choice& choice);
// What a schedule that has ended goes on with: keep_current(), and out_of_step() where that leads to no end.
[[nodiscard]] TaskId go_on(const Choice& choice);

}  // namespace daxfuzz::sched
