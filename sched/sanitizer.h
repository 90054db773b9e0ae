// SPDX-License-Identifier: GPL-2.0-only
// What the scheduler tells AddressSanitizer and ThreadSanitizer. All of it goes
// through weak symbols that are null when the runtime is not linked, so one
// object of sched/ fits every build. Private to sched/*.cc.
//
// sched/ is never instrumented by TSan itself: it runs on every task's stack and
// its own data would be reported as racing, and a function that leaves on one
// fiber and returns on another would unbalance TSan's shadow call stack. All
// edges between tasks are therefore told here by hand. The wrappers are always
// inlined so that no instrumented copy of one can be linked in their place.
#pragma once

#include <cstddef>

#include "sched/access.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#error "build sched/*.cc without -fsanitize=thread (features = [\"-tsan\"])"
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#error "build sched/*.cc without -fsanitize=thread (features = [\"-tsan\"])"
#endif

extern "C" {
__attribute__((weak)) void* __tsan_get_current_fiber();
__attribute__((weak)) void* __tsan_create_fiber(unsigned flags);
__attribute__((weak)) void __tsan_destroy_fiber(void* fiber);
__attribute__((weak)) void __tsan_switch_to_fiber(void* fiber, unsigned flags);
__attribute__((weak)) void __tsan_acquire(void* address);
__attribute__((weak)) void __tsan_release(void* address);
__attribute__((weak)) void __tsan_ignore_thread_begin();
__attribute__((weak)) void __tsan_ignore_thread_end();
__attribute__((weak)) void __sanitizer_start_switch_fiber(void** fake_stack_save, const void* bottom,
                                                          std::size_t size);
__attribute__((weak)) void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom_old,
                                                           std::size_t* size_old);
__attribute__((weak)) void __asan_unpoison_memory_region(const volatile void* address, std::size_t size);
}

namespace daxfuzz::sched {

#define DAXFUZZ_INLINE [[gnu::always_inline]] inline

// Everything before a release of `edge` happens before what follows an acquire
// of it that is made later.
DAXFUZZ_INLINE void tsan_acquire(void* edge) {
  if (__tsan_acquire != nullptr) __tsan_acquire(edge);
}
DAXFUZZ_INLINE void tsan_release(void* edge) {
  if (__tsan_release != nullptr) __tsan_release(edge);
}
// The same of edges between tasks, for whoever else judges their order: access.h.
DAXFUZZ_INLINE void order_acquire(void* edge) {
  tsan_acquire(edge);
  if (access_watcher != nullptr) report_acquire(edge);
}
DAXFUZZ_INLINE void order_release(void* edge) {
  tsan_release(edge);
  if (access_watcher != nullptr) report_release(edge);
}
// As HarnessScope, for sched/ itself.
DAXFUZZ_INLINE void tsan_ignore_begin() {
  if (__tsan_ignore_thread_begin != nullptr) __tsan_ignore_thread_begin();
}
DAXFUZZ_INLINE void tsan_ignore_end() {
  if (__tsan_ignore_thread_end != nullptr) __tsan_ignore_thread_end();
}
// Flag 1: without synchronisation. With it, all fibers would count as one thread.
DAXFUZZ_INLINE void tsan_switch(void* fiber) {
  if (__tsan_switch_to_fiber != nullptr) __tsan_switch_to_fiber(fiber, 1);
}

#undef DAXFUZZ_INLINE

}  // namespace daxfuzz::sched
