// SPDX-License-Identifier: GPL-2.0-only
// Runs tasks as fibers on the calling thread, one step at a time, in the order
// that a ChoiceSource asks for. A step is what a task does between two yield
// points. Knows nothing of DAX. Read next: primitives.h (what tasks call),
// choice.h (who runs), fiber.h (how a task is switched).
//
// Determinism: everything observable is a function of the tasks and of the
// ChoiceSource. ThreadSanitizer is told of switches without synchronisation, so
// it judges tasks as it would judge threads, by the interleaving alone.
//
// Ownership: an aborted run (stop(), stuck, out of steps) abandons its fibers
// without unwinding them, so nothing on a task's stack may own memory.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sched/access.h"
#include "sched/choice.h"
#include "sched/event_log.h"
#include "sched/fingerprint.h"
#include "sched/label.h"

namespace daxfuzz::sched {

// That a run has at most. More only in //sched:wide, for tests of strategies alone: sets of tasks are words, and
// what strategies draw of a seed is another.
#ifndef DAXFUZZ_TASKS_MAX
#define DAXFUZZ_TASKS_MAX 8
#endif
inline constexpr std::size_t kTasksMax = DAXFUZZ_TASKS_MAX;
static_assert(kTasksMax < 32);

// Why a task waits, for the wait-for report. All pointers outlive the wait.
struct WaitReason {
  Label what;                     // "mmap_lock", "dax_entry", "var"
  enum class Kind : std::uint8_t { none, spinlock, rwsem, event } kind = Kind::none;
  std::uint32_t holders = 0;      // bit t: task t holds it (locks)
  std::int64_t object = 0;        // which one: an index, a pfn
  // Events only: is what the task waits for true now? Called between steps; must
  // not yield. A blocked task whose event is true has lost its wake-up.
  bool (*satisfied)(const void* arg) = nullptr;
  const void* arg = nullptr;
};

enum class Outcome : std::uint8_t {
  finished,  // every task returned
  stuck,     // none can run, some have not returned
  budget,    // steps_max reached: livelock, also under a fair scheduler
  stopped,   // a task called stop(), or the strategy chose nobody
};

// Told when no task can make progress; may make one runnable.
class StuckHook {
 public:
  virtual ~StuckHook() = default;
  // True if it woke a task: the run goes on. Called on the scheduler's own stack.
  virtual bool stuck() = 0;
};

struct Ran {  // a segment of the schedule as it was
  TaskId task = kNoTask;
  std::uint32_t steps = 0;
  Label at;  // where the task before it stood; empty for the first
  std::uint32_t waits = 0;  // of the steps, those that asked for a lock in vain
};

class Scheduler {
 public:
  using Entry = void (*)(void* arg);

  // log: told of every step; outlives the run. From half of steps_max on the run is late: a hash of the step chooses
  // and no strategy. What two tasks do to each other only while they go in step, or one fifteen steps for the
  // other's one, is no livelock.
  Scheduler(ChoiceSource& choices, EventLog& log, std::uint64_t steps_max);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Adds a task; its id is the number of tasks before it. A parked task cannot
  // run until wake()d (from a StuckHook or a task). Only before run().
  TaskId spawn(Entry entry, void* arg, bool parked = false);
  // Runs until an Outcome. Once per Scheduler. A parked task that was never woken
  // counts as returned.
  Outcome run(StuckHook* hook = nullptr);

  // The tasks' stores go through buffers (store_buffer.h): at most kBuffers tasks. Before run().
  void buffer_stores();
  // From now on the strategy is asked on the scheduler's own stack, when every task
  // stands between two steps. Costs a switch a step. Before run().
  void park_tasks();
  // All that sched/ knows and that decides how the run goes on: the tasks' stacks, what
  // they wait for, who can run. Not the count of steps, nor who made the last one. Asked
  // by a strategy of a run with park_tasks().
  void fingerprint(Fingerprint& out) const;
  // The tasks' stacks, to be put back later in this run, or in another one of the same
  // tasks with everything else at the same addresses. Who does that puts back all other
  // memory of the run first, this object's included, and has its strategy answer kAgain.
  void save_stacks(std::vector<char>& to) const;
  void restore_stacks(const std::vector<char>& from);

  [[nodiscard]] std::uint64_t steps() const;
  // Steps that the task has begun, bar those that asked for a lock in vain: how often it
  // must ask depends on the others, this does not.
  [[nodiscard]] std::uint32_t progress_of(TaskId task) const;
  // What was run; complete after run(). Until the run goes on, or the scheduler goes.
  [[nodiscard]] std::span<const Ran> schedule() const;
  [[nodiscard]] const WaitReason* waiting(TaskId task) const;  // null if it does not wait
  [[nodiscard]] bool done(TaskId task) const;
  [[nodiscard]] std::size_t tasks() const;
  EventLog& log();

  // Makes a blocked or parked task runnable; nothing if it is neither.
  void wake(TaskId task);

  // The scheduler that runs the calling code, null outside of run().
  static Scheduler* current();
  static TaskId current_task();  // kNoTask on the scheduler's own stack

  // --- called by primitives, on a task's stack -----------------------------
  // End of step: anyone may run now. next: what this task's next step begins with.
  void yield(Label at, Access next = {});
  // End of step; not chosen again until another task has made a step (fairness:
  // a task that only waits for others does not run for ever). If all that can run
  // are in that state, the StuckHook is asked.
  void spin(Label at);
  void block(const WaitReason& reason);    // until wake(); no step is made meanwhile
  [[noreturn]] void stop();                // end the run now: Outcome::stopped

  struct Impl;  // private to sched/

 private:
  Impl* impl_;
};

// Yields if called on a task, else nothing (set-up, checks, tear-down).
void yield_point(Label at);
void spin_point(Label at);
// Appends an event of the running task (or of kNoTask) to the current log, if any.
void note(EventKind kind, Label what, std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0);

// Between construction and destruction ThreadSanitizer sees nothing of what this
// task does: for oracles and logs, which look at everything. No yield inside.
class HarnessScope {
 public:
  HarnessScope();
  ~HarnessScope();
  HarnessScope(const HarnessScope&) = delete;
  HarnessScope& operator=(const HarnessScope&) = delete;
};

}  // namespace daxfuzz::sched
