// SPDX-License-Identifier: GPL-2.0-only
// Bookkeeping of a run on real threads. Sets of tasks are words, bit t for task t, and
// change under `mutex`. Private to os_scheduler.cc (what tasks call) and os_run.cc (begin,
// end, and what happens when nobody can go on). Read first: os_threads.h.
#pragma once

#include <pthread.h>

#include <csetjmp>
#include <vector>

#include "sched/futex.h"
#include "sched/os_threads.h"
#include "sched/running.h"

namespace daxfuzz::sched {

// As scheduler_impl.h has them: laps of a spin loop without anybody's progress until it is
// taken for idle, and steps since its last spin() until it has left the loop.
inline constexpr std::uint32_t kOsIdleLaps = 64, kOsLapStepsMax = 64;

// Counters are written by their thread and read by others: each on cache lines of its own.
struct alignas(64) OsThread {
  Scheduler::Impl* run = nullptr;
  Scheduler::Entry entry = nullptr;
  void* arg = nullptr;
  TaskId id = kNoTask;
  pthread_t thread{};
  std::jmp_buf end;            // where a thread that must end goes, without unwinding
  const char* at = "start";    // the last yield point
  std::uint64_t steps = 0;     // yield points passed
  std::uint64_t progress = 0;  // of these, outside of spin loops; and waits that began
  std::uint64_t random = 0;
  // Of a spin loop.
  Label spins_at;
  std::uint32_t laps = 0, lap_steps = 0;
  bool looping = false;
  std::uint64_t seen = 0;      // everybody else's progress at the first of these laps
  // Of a wait. awake: the futex. token: a wake-up that came before the wait; under mutex.
  WaitReason reason;
  std::uint32_t awake = 0;
  bool token = false;
};

struct Scheduler::Impl {
  Impl(EventLog& log_in, std::uint64_t steps_max_in) : log(log_in), steps_max(steps_max_in) {}

  OsThread& self() { return threads[running.task]; }
  [[nodiscard]] std::uint32_t all() const { return (std::uint32_t{1} << count) - 1; }
  // Nobody runs; or, once the run is over, all have come to their ends.
  [[nodiscard]] bool settled() const { return (blocked | parked | returned | idle | left) == all(); }
  [[nodiscard]] std::uint64_t progress_but(TaskId task) const;
  void signal();                 // run() looks at what has changed
  void point(Label at);          // a yield point, of the running task
  void disturb(OsThread& thread);
  void end_run(Outcome how);     // the first to say so decides
  [[noreturn]] void leave();     // ends the running thread; its stack stays until all have come here
  void wait(OsThread& thread);   // in block(), until it is woken
  void nap(OsThread& thread);    // in spin(), until somebody else has made progress

  // In os_run.cc, on the thread that called run().
  static void* thread_main(void* thread);
  void start();
  void wake_sleepers();  // all of them: the run is over
  bool unstick(StuckHook* hook);
  void watch_for_steps();
  [[nodiscard]] bool idle_ones_are() const;

  Scheduler* owner = nullptr;
  EventLog& log;
  const std::uint64_t steps_max;
  OsThreads settings;
  FutexMutex mutex;
  std::uint32_t blocked = 0, parked = 0, returned = 0, idle = 0, left = 0;
  std::uint32_t count = 0;
  std::uint32_t event = 0;    // the futex that run() sleeps on
  std::uint32_t started = 0;  // futexes: threads wait for each other at both ends
  std::uint32_t released = 0;
  std::uint32_t over = 0;     // 1: every thread is to leave()
  bool began = false;
  Outcome outcome = Outcome::finished;
  std::uint64_t steps_seen = 0;  // of the watchdog
  std::uint64_t still_since_ms = 0;
  TaskCell cells[kTasksMax];
  OsThread threads[kTasksMax];
  std::vector<Ran> schedule;  // empty, or who ran out of steps
};

// Of the running task. Scheduler keeps its Impl to itself.
extern constinit thread_local Scheduler::Impl* os_current_run;
// Returns if the process is to end.
void os_check_failed(const char* condition, const char* file, int line);

}  // namespace daxfuzz::sched
