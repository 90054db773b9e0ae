// SPDX-License-Identifier: GPL-2.0-only
// What runs on this thread now, and what sched/ keeps of each task beside the
// scheduler's own bookkeeping. Private to sched/*.cc: others ask
// Scheduler::current() and current_task().
#pragma once

#include "sched/scheduler.h"
#include "sched/wait_queue.h"

namespace daxfuzz::sched {

struct TaskCell {
  TaskState state = TaskState::running;  // current->__state
  char woken = 0;                        // its address is the edge from waker to woken
};

struct Running {
  Scheduler* scheduler = nullptr;
  TaskCell* cells = nullptr;  // kTasksMax of them
  TaskId task = kNoTask;
  std::uint32_t harness = 0;  // HarnessScopes that are open
  bool parks = false;         // Scheduler::park_tasks()
};

extern DAXFUZZ_HOT_THREAD_LOCAL Running running;

[[gnu::always_inline]] inline std::uint32_t bit(TaskId task) { return std::uint32_t{1} << task; }

}  // namespace daxfuzz::sched
