// SPDX-License-Identifier: GPL-2.0-only
// Shared memory and locks with the kernel's meaning, each access a yield point.
// Under ThreadSanitizer they make exactly the happens-before edges that the
// kernel's make, so that it judges the port as KCSAN would judge the kernel.
// Wait queues are in wait_queue.h.
//
// Off a task (set-up, oracles) nothing yields and locks must be free.
#pragma once

#include <cstdint>

#include "sched/access.h"
#include "sched/check.h"
#include "sched/scheduler.h"

namespace daxfuzz::sched {

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
    return value_;
  }
  void store(T value, Label at) {
    access_point(at, {this, AccessKind::write});
    __atomic_store_n(&value_, value, __ATOMIC_RELAXED);
  }
  // READ_ONCE()
  [[nodiscard]] T read_once(Label at) const {
    access_point(at, {this, AccessKind::read});
    return peek();
  }
  // For the harness and for asserts: no yield, no race.
  [[nodiscard]] T peek() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  // A write within a step that something else began.
  void init(T value) {
    if (access_watcher != nullptr) report_access({this, AccessKind::write});
    __atomic_store_n(&value_, value, __ATOMIC_RELAXED);
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
    init(value);
  }
  T add_return(T delta, Label at) {
    access_point(at, {this, AccessKind::update});
    return updated(__atomic_add_fetch(&value_, delta, __ATOMIC_ACQ_REL));
  }
  T sub_return(T delta, Label at) {
    access_point(at, {this, AccessKind::update});
    return updated(__atomic_sub_fetch(&value_, delta, __ATOMIC_ACQ_REL));
  }
  // Adds unless the value is `unless`; true if it added. One step, as cmpxchg
  // loops that fail on contention only are one atomic action.
  bool add_unless(T delta, T unless, Label at) {
    access_point(at, {this, AccessKind::update});
    if (peek() == unless) return false;
    updated(__atomic_add_fetch(&value_, delta, __ATOMIC_ACQ_REL));
    return true;
  }
  T xchg(T value, Label at) {
    access_point(at, {this, AccessKind::update});
    return updated(__atomic_exchange_n(&value_, value, __ATOMIC_ACQ_REL));
  }
  [[nodiscard]] T peek() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  void init(T value) { __atomic_store_n(&value_, value, __ATOMIC_RELAXED); }

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
  [[nodiscard]] TaskId owner() const { return __atomic_load_n(&owner_, __ATOMIC_RELAXED); }

 private:
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
