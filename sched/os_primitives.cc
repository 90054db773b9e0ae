// SPDX-License-Identifier: GPL-2.0-only
// The kernel's locks on real threads. Who cannot have a lock sleeps in the scheduler, which
// so knows when nobody can go on; edges for TSan are those of primitives.cc. Wait queues are
// the same code for both (wait_queue.cc). Off a task, where locks are free but for a moment,
// the caller tries again. See os_threads.h.
#include "sched/futex.h"
#include "sched/primitives.h"
#include "sched/running.h"
#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

constexpr int kTries = 64;  // before it sleeps

void wake_all(std::uint32_t tasks) {
  for (TaskId t = 0; tasks != 0; ++t, tasks >>= 1)
    if ((tasks & 1) != 0) running.scheduler->wake(t);
}

bool take(std::uint32_t& word) {
  std::uint32_t free = 0;
  return __atomic_compare_exchange_n(&word, &free, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

// The fields of an RwSem, for as long as it takes to look at them.
class Fields {
 public:
  explicit Fields(std::uint32_t& word) : word_(word) {
    for (int tries = 1; !take(word_); ++tries)
      if (tries % kTries == 0) sched_yield();
  }
  ~Fields() { __atomic_store_n(&word_, 0, __ATOMIC_RELEASE); }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

 private:
  std::uint32_t& word_;
};

}  // namespace

void smp_mb() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

void SpinLock::lock() {
  access_point(name_, {&word_, AccessKind::update});
  const TaskId self = running.task;
  for (int tries = 1; !take(word_); ++tries) {
    CHECK(self == kNoTask || owner() != self);
    if (self == kNoTask) sched_yield();
    if (self == kNoTask || tries < kTries) continue;
    // Whoever frees it after this sees the bit; before, the lock is free now.
    __atomic_fetch_or(&waiters_, bit(self), __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&word_, __ATOMIC_SEQ_CST) == 0) continue;
    const TaskId holder = owner();
    running.scheduler->block({.what = name_,
                              .kind = WaitReason::Kind::spinlock,
                              .holders = holder == kNoTask ? 0 : bit(holder),
                              .object = id_});
  }
  __atomic_store_n(&owner_, self, __ATOMIC_RELAXED);
  order_acquire(&word_);
}

void SpinLock::unlock() {
  CHECK(held());
  order_release(&word_);
  __atomic_store_n(&owner_, kNoTask, __ATOMIC_RELAXED);
  __atomic_exchange_n(&word_, 0, __ATOMIC_SEQ_CST);  // a full barrier, as prepare_to_wait() needs one
  const std::uint32_t waiters = __atomic_exchange_n(&waiters_, 0, __ATOMIC_SEQ_CST);
  if (waiters != 0) wake_all(waiters);
}

// Under Fields, which are taken again when it returns: on its way to sleep a task is
// woken by a token (os_impl.h).
void RwSem::wait_among(std::uint32_t& waiters) {
  const TaskId self = running.task;
  std::uint32_t holders = writer_ != kNoTask ? bit(writer_) : readers_;
  if (self != kNoTask) waiters |= bit(self);
  __atomic_store_n(&word_, 0, __ATOMIC_RELEASE);
  if (self == kNoTask)
    sched_yield();
  else
    running.scheduler->block({.what = name_, .kind = WaitReason::Kind::rwsem, .holders = holders, .object = id_});
  while (!take(word_)) sched_yield();
}

void RwSem::down_read() {
  access_point(name_, {&word_, AccessKind::update});
  const TaskId self = running.task;
  {
    const Fields fields(word_);
    CHECK(self == kNoTask || (writer_ != self && (readers_ & bit(self)) == 0));
    while (writer_ != kNoTask || (self != kNoTask && waiting_writers_ != 0)) wait_among(waiting_readers_);
    if (self != kNoTask) readers_ |= bit(self);
  }
  order_acquire(&word_);
}

void RwSem::up_read() {
  order_release(&word_);
  const TaskId self = running.task;
  if (self == kNoTask) return;
  CHECK(held());
  bool last = false;
  {
    const Fields fields(word_);
    readers_ &= ~bit(self);
    last = readers_ == 0;
  }
  if (last) wake_waiters();
}

void RwSem::down_write() {
  access_point(name_, {&word_, AccessKind::update});
  const TaskId self = running.task;
  {
    const Fields fields(word_);
    CHECK(self == kNoTask || (writer_ != self && (readers_ & bit(self)) == 0));
    while (writer_ != kNoTask || readers_ != 0) wait_among(waiting_writers_);
    writer_ = self;
  }
  order_acquire(&word_);
}

void RwSem::up_write() {
  CHECK(held_write());
  order_release(&word_);
  {
    const Fields fields(word_);
    writer_ = kNoTask;
  }
  wake_waiters();
}

void RwSem::downgrade_write() {
  CHECK(held_write());
  order_release(&word_);
  if (running.task == kNoTask) return;
  {
    const Fields fields(word_);
    writer_ = kNoTask;
    readers_ |= bit(running.task);
  }
  wake_waiters();
}

bool RwSem::held_write() const {
  return __atomic_load_n(&writer_, __ATOMIC_RELAXED) == running.task &&
         (running.task != kNoTask || __atomic_load_n(&readers_, __ATOMIC_RELAXED) == 0);
}

bool RwSem::held() const {
  if (running.task == kNoTask) return held_write();
  return held_write() || (__atomic_load_n(&readers_, __ATOMIC_RELAXED) & bit(running.task)) != 0;
}

void RwSem::wake_waiters() {
  std::uint32_t waiters = 0;
  {
    const Fields fields(word_);
    waiters = waiting_writers_ | waiting_readers_;
    waiting_writers_ = waiting_readers_ = 0;
  }
  if (waiters != 0) wake_all(waiters);
}

}  // namespace daxfuzz::sched
