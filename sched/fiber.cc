// SPDX-License-Identifier: GPL-2.0-only
// Stacks, the switch between them, and their pool. Read first: fiber.h.
#include "sched/fiber.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "sched/check.h"
#include "sched/sanitizer.h"

#if !defined(__x86_64__)
#error "the switch below is for x86-64"
#endif

// jump(save, load): pushes what the ABI lets a callee keep, stores the stack
// pointer to *save, loads `load` and pops the same there. It leaves by `ret`: the
// CPU predicts the place that it was called from, and who waits there was in the same
// call in fiber_switch(). An indirect jump would leave one return too many in the
// predictor, and the returns that follow would all miss.
// begin: the first instruction of a fiber; r12 and r13 come from first_frame().
extern "C" void daxfuzz_fiber_jump(void** save, void* load);
extern "C" void daxfuzz_fiber_begin();
asm(R"(
.text
.p2align 4
.globl daxfuzz_fiber_jump
.type daxfuzz_fiber_jump,@function
daxfuzz_fiber_jump:
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .cfi_endproc
.size daxfuzz_fiber_jump,.-daxfuzz_fiber_jump
.p2align 4
.globl daxfuzz_fiber_begin
.type daxfuzz_fiber_begin,@function
daxfuzz_fiber_begin:
  .cfi_startproc
  .cfi_undefined rip
  movq %r12, %rdi
  callq *%r13
  ud2
  .cfi_endproc
.size daxfuzz_fiber_begin,.-daxfuzz_fiber_begin
)");

namespace daxfuzz::sched {
namespace {

constexpr std::size_t kGuardBytes = 4096;

// Both halves keep no local variable in memory: ASan must not put one on the
// fake stack of the fiber that is being left.
[[gnu::always_inline]] inline void leave(Fiber& self, Fiber& to) {
  to.from = &self;
  if (__sanitizer_start_switch_fiber != nullptr)
    __sanitizer_start_switch_fiber(&self.fake_stack, to.bottom, to.size);
  tsan_switch(to.tsan);
}

[[gnu::always_inline]] inline void arrive(Fiber& self) {
  if (__sanitizer_finish_switch_fiber != nullptr)
    __sanitizer_finish_switch_fiber(self.fake_stack, &self.from->bottom, &self.from->size);
}

void first_call(Fiber* self) {
  arrive(*self);
  self->started = true;
  self->entry(self->arg);
  CHECK(!"a fiber's entry returned");
}

// What daxfuzz_fiber_jump() pops: r15 r14 r13 r12 rbx rbp rip. The two words
// above them end the call chain and keep the stack aligned to 16 at the call.
void* first_frame(Fiber& fiber) {
  void** top = reinterpret_cast<void**>(static_cast<char*>(fiber.stack) + kGuardBytes + kStackBytes);
  *--top = nullptr;
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(&daxfuzz_fiber_begin);
  *--top = nullptr;                                 // rbp
  *--top = nullptr;                                 // rbx
  *--top = &fiber;                                  // r12
  *--top = reinterpret_cast<void*>(&first_call);    // r13
  *--top = nullptr;                                 // r14
  *--top = nullptr;                                 // r15
  return top;
}

// ASan frees the fake stack of the fiber that runs only: for a moment `fiber` is
// that one, for ASan alone, while the caller's own stack stays.
void free_fake_stack(Fiber& fiber) {
  if (fiber.fake_stack == nullptr) return;
  Fiber self;
  __sanitizer_start_switch_fiber(&self.fake_stack, fiber.bottom, fiber.size);
  __sanitizer_finish_switch_fiber(fiber.fake_stack, &self.bottom, &self.size);
  __sanitizer_start_switch_fiber(nullptr, self.bottom, self.size);
  __sanitizer_finish_switch_fiber(self.fake_stack, nullptr, nullptr);
  fiber.fake_stack = nullptr;
}

// The same trick orders an abandoned fiber's last access before the caller. Its
// shadow call stack holds frames that never return: TSan's fiber is not used again.
void free_tsan_fiber(Fiber& fiber) {
  if (fiber.tsan == nullptr) return;
  void* self = __tsan_get_current_fiber();
  tsan_switch(fiber.tsan);
  tsan_release(&fiber);
  tsan_switch(self);
  tsan_acquire(&fiber);
  __tsan_destroy_fiber(fiber.tsan);
  fiber.tsan = nullptr;
}

// A stack costs a mapping, TSan's fiber 60 us, ASan's fake stack 40 us: all three
// are kept for the next run.
struct Pool {
  Fiber* free = nullptr;

  ~Pool() {
    while (free != nullptr) {
      Fiber* fiber = free;
      free = fiber->next_free;
      free_fake_stack(*fiber);
      free_tsan_fiber(*fiber);
      munmap(fiber->stack, kGuardBytes + kStackBytes);
      delete fiber;
    }
  }
};
thread_local Pool pool;

Fiber* make_fiber() {
  auto* fiber = new Fiber;
  fiber->stack = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(fiber->stack != MAP_FAILED);
  CHECK(mprotect(fiber->stack, kGuardBytes, PROT_NONE) == 0);
  fiber->bottom = static_cast<char*>(fiber->stack) + kGuardBytes;
  fiber->size = kStackBytes;
  return fiber;
}

}  // namespace

Fiber* fiber_take(Fiber::Entry entry, void* arg) {
  CHECK(entry != nullptr);
  Fiber* fiber = pool.free;
  if (fiber != nullptr) {
    pool.free = fiber->next_free;
  } else {
    fiber = make_fiber();
  }
  if (fiber->tsan == nullptr && __tsan_create_fiber != nullptr) fiber->tsan = __tsan_create_fiber(0);
  fiber->entry = entry;
  fiber->arg = arg;
  fiber->started = false;
  fiber->from = nullptr;
  fiber->sp = first_frame(*fiber);
  return fiber;
}

void fiber_give_back(Fiber* fiber, bool finished) {
  CHECK(fiber != nullptr && fiber->stack != nullptr);
  if (fiber->started && !finished) {
    free_fake_stack(*fiber);
    free_tsan_fiber(*fiber);
    // Frames that never returned have left their red zones behind.
    if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(fiber->bottom, fiber->size);
  }
  fiber->next_free = pool.free;
  pool.free = fiber;
}

std::span<const char> fiber_live_stack(const Fiber& fiber) {
  CHECK(fiber.stack != nullptr);
  const char* sp = static_cast<const char*>(fiber.sp);
  const char* end = static_cast<const char*>(fiber.bottom) + fiber.size;
  return {sp, end};
}

void fiber_wipe(const Fiber& fiber, std::size_t bytes) {
  CHECK(fiber.stack != nullptr);
  char* sp = static_cast<char*>(fiber.sp);
  const auto room = static_cast<std::size_t>(sp - static_cast<const char*>(fiber.bottom));
  const std::size_t wiped = std::min(bytes, room);
  // The task's own writes of its stack are in no order with this one that TSan knows.
  tsan_ignore_begin();
  std::memset(sp - wiped, 0, wiped);
  tsan_ignore_end();
}

void fiber_adopt_thread(Fiber& self) {
  CHECK(self.stack == nullptr);
  if (__tsan_get_current_fiber != nullptr) self.tsan = __tsan_get_current_fiber();
}

void fiber_switch(Fiber& self, Fiber& to) {
  leave(self, to);
  daxfuzz_fiber_jump(&self.sp, to.sp);
  arrive(self);
}

void fiber_exit(Fiber& self, Fiber& to) {
  leave(self, to);
  daxfuzz_fiber_jump(&self.sp, to.sp);
  __builtin_unreachable();
}

}  // namespace daxfuzz::sched
