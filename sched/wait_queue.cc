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

}  // namespace

void set_current_state(TaskState state) {
  access_point("set_current_state", {&current_cell().state, AccessKind::write});
  set_state(current_cell(), state);
}

void schedule(const WaitReason& reason) {
  TaskCell& cell = current_cell();
  access_point("schedule", {&cell.state, AccessKind::read});
  while (state_of(cell) != TaskState::running) running.scheduler->block(reason);
  order_acquire(&cell.woken);
}

bool wake_up_process(TaskId task) {
  CHECK(running.scheduler != nullptr && task < running.scheduler->tasks());
  TaskCell& cell = running.cells[task];
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

void WaitQueueHead::prepare_to_wait(WaitQueueEntry& entry, TaskState state) {
  lock_.lock();
  entry.exclusive = false;
  if (!entry.queued) {
    entry.head = this;
    entry.queued = true;
    entry.next = first_.peek();
    first_.init(&entry);
  }
  // No yield point of its own: a waker needs the lock to find this task.
  set_state(current_cell(), state);
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
      first_.init(&entry);
    } else {
      last->next = &entry;
    }
  }
  set_state(current_cell(), state);
  lock_.unlock();
}

void WaitQueueHead::finish_wait(WaitQueueEntry& entry) {
  set_state(current_cell(), TaskState::running);
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
    first_.init(entry.next);
  } else {
    WaitQueueEntry* before = first_.peek();
    while (before != nullptr && before->next != &entry) before = before->next;
    CHECK(before != nullptr);
    before->next = entry.next;
  }
  entry.next = nullptr;
  order_release(&entry.queued);
  __atomic_store_n(&entry.queued, false, __ATOMIC_RELEASE);  // from here on its owner may leave
}

}  // namespace daxfuzz::sched
