// SPDX-License-Identifier: GPL-2.0-only
// Shared memory and locks with the kernel's meaning, each access a yield point.
// Under ThreadSanitizer they make exactly the happens-before edges that the
// kernel's make, so that it judges the port as KCSAN would judge the kernel.
// Wait queues are in wait_queue.h.
//
// Off a task (set-up, oracles) nothing yields and locks must be free.
//
// With store buffers (store_buffer.h) stores are x86's: plain ones and an unlock of a spin lock
// wait in the task's buffer; what reads and writes at once, all other lock operations and
// smp_mb() empty it.
#pragma once

#include <cstdint>

#include "sched/access.h"
#include "sched/check.h"
#include "sched/scheduler.h"
#include "sched/store_buffer.h"

namespace daxfuzz::sched {

// All that the task has stored is visible to others before anything that it does next.
// No step of its own.
void smp_mb();

// A field that the kernel reads and writes without atomics. Plain reads race
// with concurrent writes; plain writes are atomic words, as under
// CONFIG_KCSAN_ASSUME_PLAIN_WRITES_ATOMIC. Each access is one step.
template <class T>
class Plain {
 public:
  constexpr Plain() = default;
  explicit constexpr Plain(T value) : value_(value) {}

  [[nodiscard]] T load(Label at) const {
    access_point(at, {this, AccessKind::plain_read});
    T value = value_;
    if (buffered_run != nullptr) [[unlikely]] see_buffered(&value_, &value, sizeof value);
    return value;
  }
  void store(T value, Label at) {
    access_point(at, {this, AccessKind::write});
    store_word(value_, value);
  }
  // A store that is a full barrier: smp_store_mb(), and what x86 does by xchg or with a LOCK prefix.
  void store_mb(T value, Label at) {
    access_point(at, {this, buffered_run != nullptr ? AccessKind::update : AccessKind::write});
    store_word(value_, value);
    smp_mb();
  }
  // READ_ONCE()
  [[nodiscard]] T read_once(Label at) const {
    access_point(at, {this, AccessKind::read});
    return peek();
  }
  // For the harness and for asserts: no yield, no race.
  [[nodiscard]] T peek() const { return load_word(value_); }
  // A write within a step that something else began. Part of one action with what else the step
  // does, as under a lock that the port does not have: others see it at once.
  void init(T value) {
    if (access_watcher != nullptr) report_access({this, AccessKind::write});
    lock_prefix();
    __atomic_store_n(&value_, value, __ATOMIC_RELAXED);
  }
  // The same of a plain store: the kernel has nothing there that would hurry it.
  void put(T value) {
    if (access_watcher != nullptr) report_access({this, AccessKind::write});
    store_word(value_, value);
  }

 private:
  T value_{};
};

// atomic_t: RMWs that return a value are fully ordered, reads are relaxed.
template <class T>
class Atomic {
 public:
  constexpr Atomic() = default;
  explicit constexpr Atomic(T value) : value_(value) {}

  [[nodiscard]] T read(Label at) const {
    access_point(at, {this, AccessKind::read});
    return peek();
  }
  void set(T value, Label at) {
    access_point(at, {this, AccessKind::write});
    store_word(value_, value);
  }
  T add_return(T delta, Label at) {
    access_point(at, {this, AccessKind::update});
    lock_prefix();
    return updated(__atomic_add_fetch(&value_, delta, __ATOMIC_ACQ_REL));
  }
  T sub_return(T delta, Label at) {
    access_point(at, {this, AccessKind::update});
    lock_prefix();
    return updated(__atomic_sub_fetch(&value_, delta, __ATOMIC_ACQ_REL));
  }
  // Adds unless the value is `unless`; true if it added. One step, as cmpxchg
  // loops that fail on contention only are one atomic action. Orders nothing if it did not add.
  bool add_unless(T delta, T unless, Label at) {
    access_point(at, {this, AccessKind::update});
    if (peek() == unless) return false;
    lock_prefix();
    updated(__atomic_add_fetch(&value_, delta, __ATOMIC_ACQ_REL));
    return true;
  }
  T xchg(T value, Label at) {
    access_point(at, {this, AccessKind::update});
    lock_prefix();
    return updated(__atomic_exchange_n(&value_, value, __ATOMIC_ACQ_REL));
  }
  [[nodiscard]] T peek() const { return load_word(value_); }
  void init(T value) {
    lock_prefix();
    __atomic_store_n(&value_, value, __ATOMIC_RELAXED);
  }

 private:
  // Ordered both ways with every other update.
  T updated(T result) const {
    if (access_watcher != nullptr) report_acquire(&value_), report_release(&value_);
    return result;
  }
  T value_{};
};

// spinlock_t. Not recursive: taking it twice is a CHECK failure.
class SpinLock {
 public:
  explicit constexpr SpinLock(Label name, std::int64_t id = 0) : name_(name), id_(id) {}
  void lock();
  void unlock();
  [[nodiscard]] bool held() const { return owner() == Scheduler::current_task(); }  // by the caller
  // Or the buffer of who has let it go, until others see that.
  [[nodiscard]] TaskId owner() const { return __atomic_load_n(&owner_, __ATOMIC_RELAXED); }

 private:
  friend struct Scheduler::Impl;  // store_buffer.cc
  void let_go();
  Label name_;
  std::int64_t id_;
  std::uint32_t word_ = 0;     // carries the happens-before edge
  TaskId owner_ = kNoTask;
  std::uint32_t waiters_ = 0;  // bit t: task t waits
};

// struct rw_semaphore. A reader queues behind a waiting writer, as in
// kernel/locking/rwsem.c (RWSEM_READ_FAILED_MASK has RWSEM_FLAG_WAITERS).
class RwSem {
 public:
  explicit constexpr RwSem(Label name, std::int64_t id = 0) : name_(name), id_(id) {}
  void down_read();
  void up_read();
  void down_write();
  void up_write();
  void downgrade_write();
  [[nodiscard]] bool held_write() const;  // by the caller
  [[nodiscard]] bool held() const;        // by the caller, either way
  [[nodiscard]] bool locked() const { return writer_ != kNoTask || readers_ != 0; }  // by anybody

 private:
  void wait_among(std::uint32_t& waiters);
  void wake_waiters();
  Label name_;
  std::int64_t id_;
  std::uint32_t word_ = 0;            // carries the happens-before edge
  TaskId writer_ = kNoTask;
  std::uint32_t readers_ = 0;         // bit t: task t holds it shared
  std::uint32_t waiting_readers_ = 0;
  std::uint32_t waiting_writers_ = 0;
};

}  // namespace daxfuzz::sched
