// SPDX-License-Identifier: GPL-2.0-only
// Wait queues as in kernel/sched/wait.c: a head is a lock and a list of entries
// that live on the waiters' stacks. What is hashed onto heads (DAX entries,
// variables) is the model's: model/wait.h.
#pragma once

#include <cstdint>

#include "sched/primitives.h"

namespace daxfuzz::sched {

enum class TaskState : std::uint8_t { running, interruptible, uninterruptible };

// current->__state = state, with the barrier of set_current_state().
void set_current_state(TaskState state);
// __set_current_state(): without. No step of its own.
void set_current_state_unordered(TaskState state);
// Gives up the CPU until woken if the state is not running; returns running. A
// wake-up that came after set_current_state() makes it return at once.
void schedule(const WaitReason& reason);
// try_to_wake_up(): makes the task running. False if it was running already.
bool wake_up_process(TaskId task);

struct WaitQueueEntry {
  TaskId task = kNoTask;
  bool exclusive = false;
  // Decides whether `key` concerns this entry and wakes it: returns true if it
  // woke the task (counts against nr_exclusive).
  bool (*func)(WaitQueueEntry& entry, const void* key) = nullptr;
  WaitQueueEntry* next = nullptr;
  bool queued = false;
  class WaitQueueHead* head = nullptr;  // that it was queued on last
};

// autoremove_wake_function(): wakes the task; off the queue if that woke it.
bool autoremove_wake_function(WaitQueueEntry& entry, const void* key);

class WaitQueueHead {
 public:
  constexpr WaitQueueHead() : lock_("wq_lock") {}

  // add_wait_queue(): queues the entry once, at the head; the caller sets the state.
  void add_wait_queue(WaitQueueEntry& entry);
  // prepare_to_wait[_exclusive](): queues the entry once and sets the state, with
  // set_current_state()'s barrier: what the task looks at next it looks at after others can find it.
  void prepare_to_wait(WaitQueueEntry& entry, TaskState state);            // at the head
  void prepare_to_wait_exclusive(WaitQueueEntry& entry, TaskState state);  // at the tail
  void finish_wait(WaitQueueEntry& entry);
  // waitqueue_active(): a plain look without the lock.
  [[nodiscard]] bool active() const;
  // __wake_up(): nr_exclusive = 0 wakes all; others stop after that many
  // exclusive entries. Entries whose func returns false do not count.
  void wake_up(int nr_exclusive, const void* key);
  [[nodiscard]] std::uint32_t queued_tasks() const;  // bit t; for oracles

 private:
  void add(WaitQueueEntry& entry);
  void remove(WaitQueueEntry& entry);
  SpinLock lock_;
  Plain<WaitQueueEntry*> first_;
  friend bool autoremove_wake_function(WaitQueueEntry& entry, const void* key);
};

}  // namespace daxfuzz::sched
