// SPDX-License-Identifier: GPL-2.0-only
// A fiber: a stack and where it stands. The only platform code of daxfuzz: a
// hand-written switch for x86-64, System V. Sanitizers are told of every switch,
// TSan without synchronisation. Private to sched/; read next: sanitizer.h.
//
// Not saved: mxcsr, the x87 control word, the signal mask. Nothing here changes them.
#pragma once

#include <cstddef>
#include <span>

namespace daxfuzz::sched {

inline constexpr std::size_t kStackBytes = 128 * 1024;  // and a guard page below

struct Fiber {
  using Entry = void (*)(void* arg);

  void* sp = nullptr;             // where it stands, while it does not run
  void* stack = nullptr;          // null: the thread's own stack
  Entry entry = nullptr;          // never returns; ends by fiber_exit()
  void* arg = nullptr;
  bool started = false;
  Fiber* from = nullptr;          // who switched to it last
  const void* bottom = nullptr;   // lowest address and size, for ASan
  std::size_t size = 0;
  void* fake_stack = nullptr;     // ASan's, while it does not run
  void* tsan = nullptr;           // TSan's fiber
  Fiber* next_free = nullptr;     // in the pool
};

// A fiber from this thread's pool, standing before entry(arg).
[[nodiscard]] Fiber* fiber_take(Fiber::Entry entry, void* arg);
// Back to the pool. A fiber that was abandoned in the middle (finished = false)
// is not unwound: what its frames own is lost, what the sanitizers keep of it is
// cleared, and what it did happens before what the caller does next.
void fiber_give_back(Fiber* fiber, bool finished);

// For fingerprints, of a fiber that does not run: its stack from where it stands, and
// making the `bytes` below that, as far as there are so many, zero.
[[nodiscard]] std::span<const char> fiber_live_stack(const Fiber& fiber);
void fiber_wipe(const Fiber& fiber, std::size_t bytes);

// Makes `self` stand for the running thread and its stack.
void fiber_adopt_thread(Fiber& self);
// Leaves `self`, which must be the one that runs, and goes on with `to`.
void fiber_switch(Fiber& self, Fiber& to);
// The same, for good.
[[noreturn]] void fiber_exit(Fiber& self, Fiber& to);

}  // namespace daxfuzz::sched
