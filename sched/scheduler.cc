// SPDX-License-Identifier: GPL-2.0-only
// Steps: how one ends and who makes the next. The choice is made on the stack of
// the task that ended its step, so that going on with it costs no switch and
// going on with another costs one. Read next: run.cc.
#include <algorithm>
#include <bit>

#include "sched/check.h"
#include "sched/sanitizer.h"
#include "sched/scheduler_impl.h"

namespace daxfuzz::sched {

constinit thread_local Running running;

TaskId Scheduler::Impl::begin_step() {
  for (;;) {
    const TaskId next = pick_step();
    if (is_buffer(next))
      step_of_buffer(next);
    else if (next != kAgain)
      return next;
  }
}

TaskId Scheduler::Impl::pick_step() {
  const std::uint32_t candidates = runnable & ~marked;
  if (candidates == 0 || idle()) return kNoTask;
  if (steps == steps_max) {
    outcome = Outcome::budget;
    over = true;
    return kNoTask;
  }
  auto next = static_cast<TaskId>(std::countr_zero(candidates));
  const Label stood = last_task == kNoTask ? Label() : pending[last_task].at;
  // A strategy may be any code, built with TSan, and is called from every task.
  tsan_ignore_begin();
  if ((candidates & (candidates - 1)) != 0) {
    const bool current_runnable = last_task != kNoTask && (candidates & bit(last_task)) != 0;
    const Choice choice{.runnable = candidates, .current = last_task, .current_runnable = current_runnable,
                        .at = stood, .step = steps, .laps = fewest_laps, .pending = pending};
    next = is_late() ? out_of_step(choice) : choices.next(choice);
    if (next == kNoTask) {
      outcome = Outcome::stopped;
      over = true;
    }
    if (next == kNoTask || next == kAgain) {
      tsan_ignore_end();
      return next;
    }
    CHECK(next < kTasksMax && (candidates & bit(next)) != 0);
  }
  ++steps;
  if (next != last) {
    close_segment();
    open = {.task = next, .steps = 0, .at = stood, .waits = 0};
    last = next;
    if (!is_buffer(next)) last_task = next;
    choices.switched(next, stood);
  }
  ++open.steps;
  ++tasks[next].progress;
  choices.stepped(next, pending[next]);
  tsan_ignore_end();
  append(next, EventKind::step, pending[next].at, 0, 0, 0);
  return next;
}

void Scheduler::Impl::end_step(TaskId self) {
  const TaskId next = parks ? kNoTask : begin_step();
  if (next == self) return;
  running.task = next;
  fiber_switch(*tasks[self].fiber, next == kNoTask ? main : *tasks[next].fiber);
}

void Scheduler::Impl::append(TaskId task, EventKind kind, Label what, std::int64_t a, std::int64_t b,
                             std::int64_t c) {
  append_event(task, kind, what, a, b, c);
  if (parks) forget_calls();
}

void Scheduler::Impl::append_event(TaskId task, EventKind kind, Label what, std::int64_t a, std::int64_t b,
                                   std::int64_t c) {
  log.append({.step = steps, .task = task, .kind = kind, .what = what, .a = a, .b = b, .c = c});
}

void Scheduler::Impl::close_segment() {
  if (open.steps == 0) return;
  tsan_ignore_begin();  // grown by one task, freed by another
  const Bookkeeping scope;
  schedule.push_back(open);
  tsan_ignore_end();
  open.steps = 0;
}

// A step of a task that is in no spin loop is progress, and so is one of a task
// that must have left its loop by now.
void Scheduler::Impl::ended_by_yield(TaskId self) {
  if ((looping & bit(self)) == 0) {
    progress();
  } else if (++tasks[self].lap_steps > kLapStepsMax) {
    left_loop(self);
  }
}

void Scheduler::Impl::ended_by_spin(TaskId self, Label at) {
  Task& task = tasks[self];
  task.lap_steps = 0;
  if ((looping & bit(self)) == 0 || task.spins_at != at) {
    looping |= bit(self);
    task.spins_at = at;
    return progress();
  }
  task.laps = (lapped & bit(self)) != 0 ? task.laps + 1 : 1;
  lapped |= bit(self);
  fewest_laps = task.laps;
  for (std::uint32_t t = 0; t < count; ++t)
    if ((runnable & lapped & bit(static_cast<TaskId>(t))) != 0) fewest_laps = std::min(fewest_laps, tasks[t].laps);
}

void Scheduler::yield(Label at, Access next) {
  const TaskId self = running.task;
  CHECK(self != kNoTask && running.scheduler == this);
  Impl& run = *impl_;
  if (run.buffers_stores && next.kind == AccessKind::write) next.kind = AccessKind::buffered;
  run.pending[self] = {.at = at, .access = next};
  run.marked = 0;
  if (run.looping != 0) run.ended_by_yield(self);
  run.end_step(self);
}

void Scheduler::spin(Label at) {
  const TaskId self = running.task;
  CHECK(self != kNoTask && running.scheduler == this);
  impl_->pending[self] = {.at = at, .access = {}};
  impl_->ended_by_spin(self, at);
  impl_->marked = bit(self);
  impl_->end_step(self);
}

void Scheduler::block(const WaitReason& reason) {
  const TaskId self = running.task;
  CHECK(self != kNoTask && running.scheduler == this);
  Impl& run = *impl_;
  run.pending[self].at = reason.what;
  run.tasks[self].reason = reason;
  run.runnable &= ~bit(self);
  run.blocked |= bit(self);
  run.marked = 0;
  run.left_loop(self);
  if (reason.kind != WaitReason::Kind::event) {  // who sleeps for an event has done things before
    --run.tasks[self].progress;
    ++run.open.waits;
    tsan_ignore_begin();
    run.choices.waited(self);
    tsan_ignore_end();
  }
  run.append(self, EventKind::block, reason.what, reason.object, reason.holders, 0);
  run.end_step(self);
  order_acquire(&run.cells[self].woken);
}

void Scheduler::wake(TaskId task) {
  Impl& run = *impl_;
  CHECK(task < run.count);
  if (((run.blocked | run.parked) & bit(task)) == 0) return;
  // A buffer orders nothing: who stored has told the edge of the lock when it let go.
  if (!run.is_buffer(running.task)) order_release(&run.cells[task].woken);
  run.append(running.task, EventKind::wake, run.pending[task].at, task, 0, 0);
  run.blocked &= ~bit(task);
  run.parked &= ~bit(task);
  run.runnable |= bit(task);
  run.progress();
}

void Scheduler::stop() {
  const TaskId self = running.task;
  CHECK(self != kNoTask && running.scheduler == this);
  impl_->outcome = Outcome::stopped;
  impl_->over = true;
  running.task = kNoTask;
  fiber_switch(*impl_->tasks[self].fiber, impl_->main);
  CHECK(!"a stopped task was resumed");
  __builtin_unreachable();
}

Scheduler* Scheduler::current() { return running.scheduler; }
TaskId Scheduler::current_task() { return running.task; }

void yield_point(Label at) {
  if (running.task != kNoTask) running.scheduler->yield(at);
}

void spin_point(Label at) {
  if (running.task != kNoTask) running.scheduler->spin(at);
}

}  // namespace daxfuzz::sched
