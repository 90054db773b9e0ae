// SPDX-License-Identifier: GPL-2.0-only
// Sleeping and waking on a word, and a mutex of it, for os_threads. Bare system calls: TSan
// intercepts none of them, so that what the harness locks for itself orders nothing in its
// eyes; edges of the kernel's own primitives are told by hand (sanitizer.h). Private to
// sched/os_*.cc.
#pragma once

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>

namespace daxfuzz::sched {

// Sleeps while the word is `expected`, at most so long; 0: for ever. May return for nothing.
inline void futex_wait(std::uint32_t& word, std::uint32_t expected, std::uint32_t microseconds = 0) {
  const timespec most{.tv_sec = microseconds / 1000000, .tv_nsec = static_cast<long>(microseconds % 1000000) * 1000};
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, microseconds == 0 ? nullptr : &most, nullptr, 0);
}
inline void futex_wake_all(std::uint32_t& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
}

// 0: free, 1: held, 2: held and waited for (Drepper 2011, "Futexes Are Tricky").
class FutexMutex {
 public:
  void lock() {
    std::uint32_t was = 0;
    if (__atomic_compare_exchange_n(&word_, &was, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
    while (__atomic_exchange_n(&word_, 2, __ATOMIC_ACQUIRE) != 0) futex_wait(word_, 2);
  }
  void unlock() {
    if (__atomic_exchange_n(&word_, 0, __ATOMIC_RELEASE) == 2) futex_wake_all(word_);
  }

 private:
  std::uint32_t word_ = 0;
};

class FutexGuard {
 public:
  explicit FutexGuard(FutexMutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~FutexGuard() { mutex_.unlock(); }
  FutexGuard(const FutexGuard&) = delete;
  FutexGuard& operator=(const FutexGuard&) = delete;

 private:
  FutexMutex& mutex_;
};

}  // namespace daxfuzz::sched
