// SPDX-License-Identifier: GPL-2.0-only
// Locks. A task that cannot have a lock blocks; whoever frees it wakes all that
// wait, and they try again in the order in which the schedule runs them. So every
// order in which the kernel may hand a lock over is some schedule here.
#include "sched/primitives.h"

#include "sched/running.h"
#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

// Wakes the tasks of the set and empties it.
void wake_all(std::uint32_t& waiters) {
  for (TaskId t = 0; waiters != 0; ++t) {
    if ((waiters & bit(t)) == 0) continue;
    waiters &= ~bit(t);
    running.scheduler->wake(t);
  }
}

}  // namespace

void smp_mb() { lock_prefix(); }

void SpinLock::lock() {
  access_point(name_, {&word_, AccessKind::update});
  lock_prefix();
  const TaskId self = running.task;
  if (self == kNoTask) CHECK(owner_ == kNoTask);
  while (owner_ != kNoTask) {
    CHECK(owner_ != self);
    waiters_ |= bit(self);
    running.scheduler->block(
        {.what = name_, .kind = WaitReason::Kind::spinlock, .holders = bit(owner_), .object = id_});
  }
  __atomic_store_n(&owner_, self, __ATOMIC_RELAXED);
  order_acquire(&word_);
}

void SpinLock::unlock() {
  CHECK(held());
  order_release(&word_);
  if (buffered_run != nullptr && buffer_unlock(*this)) {
    __atomic_store_n(&owner_, buffer_of(running.task), __ATOMIC_RELAXED);
    return;
  }
  let_go();
}

void SpinLock::let_go() {
  __atomic_store_n(&owner_, kNoTask, __ATOMIC_RELAXED);
  wake_all(waiters_);
}

void RwSem::wait_among(std::uint32_t& waiters) {
  CHECK(running.task != kNoTask);
  waiters |= bit(running.task);
  const std::uint32_t holders = writer_ != kNoTask ? bit(writer_) : readers_;
  running.scheduler->block(
      {.what = name_, .kind = WaitReason::Kind::rwsem, .holders = holders, .object = id_});
}

void RwSem::down_read() {
  access_point(name_, {&word_, AccessKind::update});
  lock_prefix();
  const TaskId self = running.task;
  if (self == kNoTask) {
    CHECK(writer_ == kNoTask && readers_ == 0);
    return order_acquire(&word_);
  }
  CHECK(writer_ != self && (readers_ & bit(self)) == 0);
  while (writer_ != kNoTask || waiting_writers_ != 0) wait_among(waiting_readers_);
  readers_ |= bit(self);
  order_acquire(&word_);
}

void RwSem::up_read() {
  lock_prefix();
  order_release(&word_);
  const TaskId self = running.task;
  if (self == kNoTask) return CHECK(writer_ == kNoTask && readers_ == 0);
  CHECK((readers_ & bit(self)) != 0);
  readers_ &= ~bit(self);
  if (readers_ == 0) wake_waiters();
}

void RwSem::down_write() {
  access_point(name_, {&word_, AccessKind::update});
  lock_prefix();
  const TaskId self = running.task;
  if (self == kNoTask) {
    CHECK(writer_ == kNoTask && readers_ == 0);
    return order_acquire(&word_);
  }
  CHECK(writer_ != self && (readers_ & bit(self)) == 0);
  while (writer_ != kNoTask || readers_ != 0) wait_among(waiting_writers_);
  writer_ = self;
  order_acquire(&word_);
}

void RwSem::up_write() {
  CHECK(held_write());
  lock_prefix();
  order_release(&word_);
  writer_ = kNoTask;
  wake_waiters();
}

void RwSem::downgrade_write() {
  CHECK(held_write());
  lock_prefix();
  order_release(&word_);
  if (running.task == kNoTask) return;
  writer_ = kNoTask;
  readers_ |= bit(running.task);
  wake_waiters();
}

bool RwSem::held_write() const {
  if (running.task == kNoTask) return writer_ == kNoTask && readers_ == 0;
  return writer_ == running.task;
}

bool RwSem::held() const {
  if (running.task == kNoTask) return held_write();
  return writer_ == running.task || (readers_ & bit(running.task)) != 0;
}

void RwSem::wake_waiters() {
  wake_all(waiting_writers_);
  wake_all(waiting_readers_);
}

}  // namespace daxfuzz::sched
