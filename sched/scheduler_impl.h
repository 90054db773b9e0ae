// SPDX-License-Identifier: GPL-2.0-only
// The scheduler's bookkeeping. Sets of tasks are words, bit t for task t. Private
// to scheduler.cc (steps: who runs next, on the stack of whoever ends a step) and
// run.cc (runs: begin, end and what happens when nobody can go on).
//
// Only plain arrays and words here: all of it is touched from every task's stack,
// and a standard container's code may come from a file that TSan has instrumented.
#pragma once

#include "sched/fiber.h"
#include "sched/run_memory.h"
#include "sched/running.h"
#include "sched/store_buffer.h"

namespace daxfuzz::sched {

// Overwrites what calls that have returned left on this stack below the caller's frame, that of the
// event log above all: its digest is another in each run, and would lie in a gap of the next frame.
// For parked tasks.
void forget_calls();

// A task that comes back to spin() at one place makes laps. If all that can run
// have made this many while nothing else happened, none is going to leave.
inline constexpr std::uint32_t kIdleLaps = 64;
// More steps than this since its last spin(): it has left the loop. A lap with a fault of eight pages has 150.
inline constexpr std::uint32_t kLapStepsMax = 256;

// Of parked tasks (parked.cc): what a step leaves below a stack's end is cleared that far.
// Else it would lie in the gaps of later frames, and make equal states look different.
inline constexpr std::size_t kWipedBytes = 8192;

struct Task {
  Scheduler::Impl* run = nullptr;
  Scheduler::Entry entry = nullptr;
  void* arg = nullptr;
  Fiber* fiber = nullptr;
  WaitReason reason;
  Label spins_at;
  std::uint32_t laps = 0;
  std::uint32_t lap_steps = 0;
  std::uint32_t progress = 0;  // steps begun, bar those that ended in waiting
};

struct Scheduler::Impl {
  // No state: fingerprint() says what of it is.
  static void* operator new(std::size_t size) {
    const Bookkeeping scope;
    return run_memory_take(size);
  }
  static void operator delete(void* at, std::size_t size) { run_memory_give_back(at, size); }

  Impl(ChoiceSource& choices_in, EventLog& log_in, std::uint64_t steps_max_in)
      : choices(choices_in), log(log_in), steps_max(steps_max_in) {}

  // The next step: picks its task, counts and records it. kNoTask if run() must
  // decide: the run is over, or nobody can go on.
  TaskId begin_step();
  TaskId pick_step();  // of tasks and buffers; or kAgain
  // The running task has ended a step; returns when it begins its next.
  void end_step(TaskId self);
  // Something happened that a spinning task may wait for.
  void progress() { lapped = 0, fewest_laps = 0; }
  // All that can run make laps only.
  [[nodiscard]] bool idle() const { return fewest_laps >= kIdleLaps && (runnable & ~lapped) == 0; }
  // Half of the budget has gone: whether there is an end is not for the strategy to say (scheduler.h).
  [[nodiscard]] bool is_late() const { return steps >= steps_max / 2; }
  void left_loop(TaskId self) { looping &= ~bit(self), progress(); }
  void ended_by_yield(TaskId self);
  void ended_by_spin(TaskId self, Label at);
  [[gnu::noinline]] void append_of_parked(TaskId task, EventKind kind, Label what, std::int64_t a, std::int64_t b,
                                          std::int64_t c);
  void append(TaskId task, EventKind kind, Label what, std::int64_t a, std::int64_t b, std::int64_t c);
  [[noreturn]] static void task_main(void* task);
  // Nobody can go on: true if the hook, or another lap, may change that.
  bool unstick(StuckHook* hook);
  void close_segment();
  // With buffer_stores(): in store_buffer.cc.
  [[nodiscard]] bool is_buffer(TaskId task) const { return buffers_stores && task >= kBuffers && task < kTasksMax; }
  void step_of_buffer(TaskId buffer);
  void add(TaskId task, const BufferedStore& store);
  void drain_one(TaskId task);
  void head_changed(TaskId task);
  void fingerprint_buffers(Fingerprint& out) const;

  ChoiceSource& choices;
  EventLog& log;
  std::uint64_t steps_max;
  std::uint64_t steps = 0;
  std::uint32_t runnable = 0, blocked = 0, parked = 0, returned = 0;  // each task is in one
  std::uint32_t marked = 0;   // ended their last step by spin() and nobody has stepped since
  std::uint32_t looping = 0;  // in a spin loop as far as one can tell
  std::uint32_t lapped = 0;   // of these, back at their spin() since the last progress
  std::uint32_t fewest_laps = 0;  // of these, since the last progress
  bool over = false;
  bool began = false;
  bool parks = false;         // park_tasks()
  bool buffers_stores = false;
  Outcome outcome = Outcome::finished;
  std::uint32_t count = 0;
  TaskId last = kNoTask;      // the task of the last step, or the buffer
  TaskId last_task = kNoTask; // the task of the last one that was a task's
  Ran open;                   // the segment that grows
  Fiber main;
  Task tasks[kTasksMax];
  TaskCell cells[kTasksMax];
  Pending pending[kTasksMax];
  char start_edge = 0;        // set-up happens before every task
  char end_edge = 0;          // every task happens before run() returns
  RunVector<Ran> schedule;
  StoreBuffer buffers[kBuffers];  // by task
};

}  // namespace daxfuzz::sched
