// SPDX-License-Identifier: GPL-2.0-only
// Runs: spawning tasks, beginning, ending, and what happens when nobody can go
// on. All of it but task_main() is on the scheduler's own stack. Read first:
// scheduler_impl.h; steps are in scheduler.cc.
#include "sched/check.h"
#include "sched/sanitizer.h"
#include "sched/scheduler_impl.h"

namespace daxfuzz::sched {

Scheduler::Scheduler(ChoiceSource& choices, EventLog& log, std::uint64_t steps_max)
    : impl_(new Impl(choices, log, steps_max)) {}

Scheduler::~Scheduler() {
  CHECK(running.scheduler != this);
  delete impl_;
}

TaskId Scheduler::spawn(Entry entry, void* arg, bool parked) {
  Impl& run = *impl_;
  CHECK(entry != nullptr && !run.began);
  CHECK(run.count < (run.buffers_stores ? kBuffers : kTasksMax));
  const auto id = static_cast<TaskId>(run.count++);
  Task& task = run.tasks[id];
  task.run = &run;
  task.entry = entry;
  task.arg = arg;
  run.pending[id].at = parked ? Label("parked") : Label("start");
  (parked ? run.parked : run.runnable) |= bit(id);
  return id;
}

void Scheduler::Impl::task_main(void* arg) {
  Task& task = *static_cast<Task*>(arg);
  Impl& run = *task.run;
  const TaskId self = running.task;
  tsan_acquire(&run.start_edge);
  order_acquire(&run.cells[self].woken);  // of a parked task
  task.entry(task.arg);
  CHECK(running.task == self);
  tsan_release(&run.end_edge);
  run.pending[self].at = "exit";
  run.runnable &= ~bit(self);
  run.returned |= bit(self);
  run.marked = 0;
  run.left_loop(self);
  running.task = kNoTask;
  fiber_exit(*task.fiber, run.main);
}

bool Scheduler::Impl::unstick(StuckHook* hook) {
  if ((runnable | blocked | parked) == 0) {
    outcome = Outcome::finished;
    return false;
  }
  // The hook looks at what tasks wrote, and no edge leads from them to here.
  tsan_ignore_begin();
  const bool woke = hook != nullptr && hook->stuck();
  tsan_ignore_end();
  if (woke) {
    CHECK(runnable != 0);
    marked = 0;
    progress();
    return true;
  }
  if (runnable == 0) {
    outcome = blocked != 0 ? Outcome::stuck : Outcome::finished;
    return false;
  }
  if (idle()) {
    outcome = blocked != 0 ? Outcome::stuck : Outcome::budget;
    return false;
  }
  // A lone spinner may still leave its loop by itself: a retry after a failed
  // allocation does. It gets its laps.
  marked = 0;
  return true;
}

Outcome Scheduler::run(StuckHook* hook) {
  Impl& run = *impl_;
  CHECK(!run.began && running.scheduler == nullptr);
  run.began = true;
  running = {.scheduler = this, .cells = run.cells, .task = kNoTask, .harness = 0, .parks = run.parks};
  CHECK(!run.buffers_stores || run.count <= kBuffers);
  buffered_run = run.buffers_stores ? &run : nullptr;
  fiber_adopt_thread(run.main);
  tsan_release(&run.start_edge);
  for (std::uint32_t t = 0; t < run.count; ++t)
    run.tasks[t].fiber = fiber_take(&Impl::task_main, &run.tasks[t]);
  for (std::uint32_t t = 0; t < run.count && run.parks; ++t) fiber_wipe(*run.tasks[t].fiber, 2 * kWipedBytes);

  for (;;) {
    const TaskId next = run.begin_step();
    if (run.over) break;
    if (next == kNoTask) {
      if (!run.unstick(hook)) break;
      continue;
    }
    running.task = next;
    fiber_switch(run.main, *run.tasks[next].fiber);
    if (run.over) break;
    if (run.parks) fiber_wipe(*run.tasks[next].fiber, kWipedBytes);
  }

  running = {};
  buffered_run = nullptr;
  tsan_acquire(&run.end_edge);
  // Last first: the next run's tasks get the stacks that this one's had.
  for (std::uint32_t t = run.count; t-- > 0;) {
    fiber_give_back(run.tasks[t].fiber, (run.returned & bit(static_cast<TaskId>(t))) != 0);
    run.tasks[t].fiber = nullptr;
  }
  run.close_segment();
  if (run.outcome == Outcome::finished) run.returned |= run.parked;
  return run.outcome;
}

std::uint64_t Scheduler::steps() const { return impl_->steps; }
std::uint32_t Scheduler::progress_of(TaskId task) const {
  CHECK(task < impl_->count);
  return impl_->tasks[task].progress;
}
std::span<const Ran> Scheduler::schedule() const { return impl_->schedule; }
std::size_t Scheduler::tasks() const { return impl_->count; }
EventLog& Scheduler::log() { return impl_->log; }

const WaitReason* Scheduler::waiting(TaskId task) const {
  CHECK(task < impl_->count);
  return (impl_->blocked & bit(task)) != 0 ? &impl_->tasks[task].reason : nullptr;
}

bool Scheduler::done(TaskId task) const {
  CHECK(task < impl_->count);
  return (impl_->returned & bit(task)) != 0;
}

namespace {

[[gnu::always_inline]] inline void append(EventKind kind, Label what, std::int64_t a, std::int64_t b, std::int64_t c) {
  const std::uint64_t step = running.scheduler->steps();
  running.scheduler->log().append(
      {.step = step, .task = running.task, .kind = kind, .what = what, .a = a, .b = b, .c = c});
}

// By itself, so that forget_calls() finds it below its caller.
[[gnu::noinline]] void append_of_parked(EventKind kind, Label what, std::int64_t a, std::int64_t b, std::int64_t c) {
  append(kind, what, a, b, c);
}

}  // namespace

void note(EventKind kind, Label what, std::int64_t a, std::int64_t b, std::int64_t c) {
  if (running.scheduler == nullptr) return;
  if (!running.parks) [[likely]] return append(kind, what, a, b, c);
  append_of_parked(kind, what, a, b, c);
  forget_calls();
}

HarnessScope::HarnessScope() {
  tsan_ignore_begin();
  ++running.harness;
}
HarnessScope::~HarnessScope() {
  --running.harness;
  tsan_ignore_end();
  if (running.parks) forget_calls();
}

}  // namespace daxfuzz::sched
