// SPDX-License-Identifier: GPL-2.0-only
// Wait queues, with the order of accesses that kernel/sched/wait.c has: queue and
// set the state under the lock, test the condition, schedule(). Lists are short,
// so they are singly linked. On real threads (os_threads.h) it is the same code: what is
// looked at without the lock is atomic. Read first: wait_queue.h.
#include "sched/wait_queue.h"

#include "sched/check.h"
#include "sched/running.h"
#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

TaskCell& current_cell() {
  CHECK(running.task != kNoTask);
  return running.cells[running.task];
}

TaskState state_of(const TaskCell& cell) {
  TaskState state;
  __atomic_load(&cell.state, &state, __ATOMIC_SEQ_CST);
  return state;
}
void set_state(TaskCell& cell, TaskState state) { __atomic_store(&cell.state, &state, __ATOMIC_SEQ_CST); }

// current->__state, in a step that something else began.
void set_own_state(TaskState state) {
  if (buffered_run != nullptr && buffer_store(&current_cell().state, &state, sizeof state)) return;
  set_state(current_cell(), state);
}
void set_own_state_mb(TaskState state) {
  set_own_state(state);
  lock_prefix();
}

}  // namespace

void set_current_state(TaskState state) {
  // Its own barrier drains it: others see it at once, as they do store_mb().
  access_point("set_current_state",
               {&current_cell().state, buffered_run != nullptr ? AccessKind::update : AccessKind::write});
  set_own_state_mb(state);
}

void set_current_state_unordered(TaskState state) {
  if (buffered_run != nullptr && buffer_store(&current_cell().state, &state, sizeof state)) return;
  __atomic_store(&current_cell().state, &state, __ATOMIC_RELAXED);
}

void schedule(const WaitReason& reason) {
  TaskCell& cell = current_cell();
  access_point("schedule", {&cell.state, AccessKind::read});
  lock_prefix();  // __schedule(): rq_lock() and smp_mb__after_spinlock()
  while (state_of(cell) != TaskState::running) running.scheduler->block(reason);
  order_acquire(&cell.woken);
}

bool wake_up_process(TaskId task) {
  CHECK(running.scheduler != nullptr && task < running.scheduler->tasks());
  TaskCell& cell = running.cells[task];
  lock_prefix();  // try_to_wake_up(): pi_lock and smp_mb__after_spinlock()
  if (state_of(cell) == TaskState::running) return false;
  order_release(&cell.woken);
  set_state(cell, TaskState::running);
  running.scheduler->wake(task);
  return true;
}

bool autoremove_wake_function(WaitQueueEntry& entry, const void*) {
  if (!wake_up_process(entry.task)) return false;
  if (entry.queued) entry.head->remove(entry);
  return true;
}

void WaitQueueHead::add(WaitQueueEntry& entry) {
  entry.exclusive = false;
  if (entry.queued) return;
  entry.head = this;
  entry.queued = true;
  entry.next = first_.peek();
  first_.put(&entry);
}

void WaitQueueHead::add_wait_queue(WaitQueueEntry& entry) {
  lock_.lock();
  add(entry);
  lock_.unlock();
}

void WaitQueueHead::prepare_to_wait(WaitQueueEntry& entry, TaskState state) {
  lock_.lock();
  add(entry);
  // No yield point of its own: a waker needs the lock to find this task.
  set_own_state_mb(state);
  lock_.unlock();
}

void WaitQueueHead::prepare_to_wait_exclusive(WaitQueueEntry& entry, TaskState state) {
  lock_.lock();
  entry.exclusive = true;
  if (!entry.queued) {
    entry.head = this;
    entry.queued = true;
    entry.next = nullptr;
    WaitQueueEntry* last = first_.peek();
    while (last != nullptr && last->next != nullptr) last = last->next;
    if (last == nullptr) {
      first_.put(&entry);
    } else {
      last->next = &entry;
    }
  }
  set_own_state_mb(state);
  lock_.unlock();
}

void WaitQueueHead::finish_wait(WaitQueueEntry& entry) {
  set_own_state(TaskState::running);  // __set_current_state()
  yield_point("finish_wait");
  // As list_empty_careful(): off the queue already needs no lock, and what the
  // remover did before is visible.
  if (!__atomic_load_n(&entry.queued, __ATOMIC_ACQUIRE)) return order_acquire(&entry.queued);
  lock_.lock();
  if (entry.queued) remove(entry);
  lock_.unlock();
}

bool WaitQueueHead::active() const { return first_.read_once("waitqueue_active") != nullptr; }

void WaitQueueHead::wake_up(int nr_exclusive, const void* key) {
  CHECK(nr_exclusive >= 0);
  lock_.lock();
  WaitQueueEntry* next = nullptr;
  for (WaitQueueEntry* entry = first_.peek(); entry != nullptr; entry = next) {
    next = entry->next;  // func may take the entry off
    CHECK(entry->func != nullptr);
    const bool exclusive = entry->exclusive;
    if (entry->func(*entry, key) && exclusive && --nr_exclusive == 0) break;
  }
  lock_.unlock();
}

std::uint32_t WaitQueueHead::queued_tasks() const {
  std::uint32_t tasks = 0;
  for (const WaitQueueEntry* entry = first_.peek(); entry != nullptr; entry = entry->next) tasks |= bit(entry->task);
  return tasks;
}

void WaitQueueHead::remove(WaitQueueEntry& entry) {
  CHECK(entry.queued && entry.head == this);
  if (first_.peek() == &entry) {
    first_.put(entry.next);
  } else {
    WaitQueueEntry* before = first_.peek();
    while (before != nullptr && before->next != &entry) before = before->next;
    CHECK(before != nullptr);
    before->next = entry.next;
  }
  entry.next = nullptr;
  order_release(&entry.queued);
  // From here on its owner may leave. The owner itself does: no store may come to its frame later.
  constexpr bool kOff = false;
  if (buffered_run != nullptr && entry.task != running.task && buffer_store(&entry.queued, &kOff, sizeof kOff)) return;
  __atomic_store_n(&entry.queued, kOff, __ATOMIC_RELEASE);
}

}  // namespace daxfuzz::sched
