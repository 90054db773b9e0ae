// SPDX-License-Identifier: GPL-2.0-only
// The tasks of a Scheduler on real threads, for TSan and ASan and for stress: another
// implementation of scheduler.h and primitives.h, chosen when a program is linked
// (//sched:os_threads ahead of //sched). The model is the same object either way.
//
// NOT REPLAYABLE: the machine says who runs when. There is no event log, no schedule and no
// digest; a ChoiceSource is not asked; steps are counted by task. A seed makes where threads
// yield the same, not what comes of it. What stays exact: when nobody can go on the
// StuckHook is asked, so a lost wake-up ends as Outcome::stuck and not as a test that hangs.
//
// HarnessScope is one lock here, for all threads, that TSan does not see. What fibers give
// for nothing is not here: a step may be interrupted anywhere. Where the model takes a step
// for one action, exec/one_step.patch holds that lock.
// Read next: os_impl.h (bookkeeping), os_primitives.cc (locks), exec/threads.h (running a program).
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/event_log.h"

namespace daxfuzz::sched {

struct OsThreads {
  std::uint64_t seed = 1;     // of the yields
  bool yields = false;        // sched_yield(), a short spin or a nap at some of the yield points
  // The watchdog: if no thread makes a step for so long, and one of them waits for nobody,
  // it will not come back. What all do is printed, and the process ends by abort().
  std::uint32_t patience_ms = 30000;
  // What a task does, for that report; may be null. Called while the task runs.
  void (*describe)(const void* arg, TaskId task, char* to, std::size_t size) = nullptr;
  // A CHECK that fails on a task ends the run if this is not null, else the process.
  void (*check_failed)(void* arg, const char* condition, const char* file, int line) = nullptr;
  void* arg = nullptr;
};

// Of the runs that this thread begins from now on. At most one run at a time in a process.
void set_os_threads(const OsThreads& settings);

}  // namespace daxfuzz::sched
