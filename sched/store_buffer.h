// SPDX-License-Identifier: GPL-2.0-only
// Store buffers: memory as x86 has it (Sewell, Sarkar, Owens, Zappa Nardelli and Myreen 2010,
// "x86-TSO"). With Scheduler::buffer_stores() a task's plain stores wait in a queue of its own, the
// oldest first; it sees them itself, others see what is in memory. What a LOCK prefix or
// smp_mb() does ends with an empty queue; else the strategy says when the oldest store goes out: each
// queue that is not empty is one more of the tasks that can run, from the place of its oldest store.
//
// Without it nothing of this is there but a null pointer that each access looks at. On real threads
// it always is: they have the machine's own buffers. The rules: docs/memory-model.md.
// Read next: primitives.h (who stores and who drains), store_buffer.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sched/scheduler.h"

namespace daxfuzz::sched {

// With store buffers a run has as many tasks at most, and the buffer of task t is
// task t + kBuffers: to strategies, schedules and the log.
inline constexpr std::uint32_t kBuffers = kTasksMax / 2;
// Stores that one buffer holds; with one more the oldest goes out at once.
inline constexpr std::uint32_t kBufferedMax = 16;

constexpr TaskId buffer_of(TaskId task) { return static_cast<TaskId>(task + kBuffers); }
constexpr TaskId task_of(TaskId buffer) { return static_cast<TaskId>(buffer - kBuffers); }

class SpinLock;

// Words only: it is hashed byte by byte.
struct BufferedStore {
  void* word = nullptr;     // or the lock that is let go
  std::uint64_t value = 0;  // its low bytes
  std::uint64_t size = 0;   // 0: a lock
  Label at;                 // where the step began that stored
};

struct StoreBuffer {
  std::uint64_t count = 0;
  BufferedStore stores[kBufferedMax];  // the oldest first
};

// The run on this thread, if its stores are buffered; else null.
extern DAXFUZZ_HOT_THREAD_LOCAL Scheduler::Impl* buffered_run;

// Of the running task, while buffered_run is not null. By themselves, so that accesses stay small:
// the newest store to the word that the task may see, if there is one, to *value. Harness code
// sees what was stored, drained or not, as if memory were sequentially consistent.
void see_buffered(const void* word, void* value, std::size_t size);
// False: not on a task, or in harness code; the caller stores, after what the task had stored.
bool buffer_store(void* word, const void* value, std::size_t size);
bool buffer_unlock(SpinLock& lock);
void drain_stores();

// What the task sees in the word.
template <class T>
[[nodiscard]] inline T load_word(const T& word) {
  T value;
  __atomic_load(&word, &value, __ATOMIC_RELAXED);
  if (buffered_run != nullptr) [[unlikely]] see_buffered(&word, &value, sizeof value);
  return value;
}

template <class T>
inline void store_word(T& word, T value) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  if (buffered_run != nullptr) [[unlikely]] {
    // The write that TSan is to judge is here, whenever others come to see it.
    T before;
    __atomic_load(&word, &before, __ATOMIC_RELAXED);
    __atomic_store(&word, &before, __ATOMIC_RELAXED);
    if (buffer_store(&word, &value, sizeof value)) return;
  }
  __atomic_store(&word, &value, __ATOMIC_RELAXED);
}

// As a LOCK prefix does to what was stored before.
inline void lock_prefix() {
  if (buffered_run != nullptr) [[unlikely]] drain_stores();
}

}  // namespace daxfuzz::sched
