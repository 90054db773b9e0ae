// SPDX-License-Identifier: GPL-2.0-only
// What tasks on real threads call: yield points, spin loops, waits and wake-ups. See
// os_impl.h; read next: os_run.cc.
#include <utility>

#include "sched/check.h"
#include "sched/os_impl.h"
#include "sched/sanitizer.h"
#include "sched/store_buffer.h"

namespace daxfuzz::sched {
namespace {

constexpr std::uint32_t kNapMicroseconds = 500, kSpinsAwake = 4;

FutexMutex harness;  // HarnessScope's

void count(std::uint64_t& counter) { __atomic_store_n(&counter, counter + 1, __ATOMIC_RELAXED); }

std::uint64_t next_random(std::uint64_t& state) {  // SplitMix64
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void sleep_microseconds(std::uint32_t microseconds) {
  std::uint32_t nobody = 0;
  futex_wait(nobody, 0, microseconds);
}

}  // namespace

DAXFUZZ_HOT_THREAD_LOCAL Running running;

std::uint64_t Scheduler::Impl::progress_but(TaskId task) const {
  std::uint64_t sum = 0;
  for (std::uint32_t t = 0; t < this->count; ++t)
    if (t != task) sum += __atomic_load_n(&threads[t].progress, __ATOMIC_RELAXED);
  return sum;
}

void Scheduler::Impl::signal() {
  __atomic_fetch_add(&event, 1, __ATOMIC_RELEASE);
  futex_wake_all(event);
}

void Scheduler::Impl::disturb(OsThread& thread) {
  const std::uint64_t draw = next_random(thread.random);
  const auto amount = static_cast<std::uint32_t>(draw >> 32);
  const auto kind = static_cast<std::uint32_t>(draw % 256);
  if (kind < 1) {
    sleep_microseconds(1 + amount % 64);
  } else if (kind < 9) {
    for (std::uint32_t i = amount % 512; i > 0; --i) __builtin_ia32_pause();
  } else if (kind < 41) {
    sched_yield();
  }
}

void Scheduler::Impl::point(Label at) {
  OsThread& thread = self();
  __atomic_store_n(&thread.at, at.text(), __ATOMIC_RELAXED);
  daxfuzz::sched::count(thread.steps);
  if (running.harness != 0) return;  // within one step
  if (__atomic_load_n(&over, __ATOMIC_ACQUIRE) != 0) leave();
  if (thread.looping && ++thread.lap_steps > kOsLapStepsMax) thread.looping = false;
  if (!thread.looping) daxfuzz::sched::count(thread.progress);
  if (thread.steps > steps_max) {
    {
      const FutexGuard guard(mutex);
      if (over == 0) schedule.push_back({.task = thread.id, .steps = 1, .at = at});
    }
    end_run(Outcome::budget);
    leave();
  }
  if (settings.yields) disturb(thread);
}

void Scheduler::Impl::end_run(Outcome how) {
  const FutexGuard guard(mutex);
  if (over == 0) outcome = how;
  __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
  signal();
}

// Others may still look at what is on this stack: a queue's entry, a batch.
void Scheduler::Impl::leave() {
  for (; running.harness > 0; --running.harness) {  // a scope that stop() ends
    if (running.harness == 1) harness.unlock();
    tsan_ignore_end();
  }
  OsThread& thread = self();
  {
    const FutexGuard guard(mutex);
    left |= bit(thread.id);
    signal();
  }
  while (__atomic_load_n(&released, __ATOMIC_ACQUIRE) == 0) futex_wait(released, 0);
  std::longjmp(thread.end, 1);
}

void Scheduler::Impl::wait(OsThread& thread) {
  while (__atomic_load_n(&thread.awake, __ATOMIC_ACQUIRE) == 0) futex_wait(thread.awake, 0);
  if (__atomic_load_n(&over, __ATOMIC_ACQUIRE) != 0) leave();
}

// The thread counts as one that cannot go on, and looks now and then whether it can.
void Scheduler::Impl::nap(OsThread& thread) {
  {
    const FutexGuard guard(mutex);
    __atomic_store_n(&thread.awake, 0, __ATOMIC_RELAXED);
    idle |= bit(thread.id);
    if (settled()) signal();
  }
  while (__atomic_load_n(&thread.awake, __ATOMIC_ACQUIRE) == 0 &&
         __atomic_load_n(&over, __ATOMIC_ACQUIRE) == 0 && progress_but(thread.id) == thread.seen)
    futex_wait(thread.awake, 0, kNapMicroseconds);
  const FutexGuard guard(mutex);
  idle &= ~bit(thread.id);
}

void Scheduler::yield(Label at, Access) {
  CHECK(running.task != kNoTask && running.scheduler == this);
  impl_->point(at);
}

void Scheduler::spin(Label at) {
  CHECK(running.task != kNoTask && running.scheduler == this);
  OsThread& thread = impl_->self();
  const std::uint64_t others = impl_->progress_but(thread.id);
  if (!thread.looping || thread.spins_at != at || others != thread.seen) {
    thread.looping = true;
    thread.spins_at = at;
    thread.laps = 0;
    thread.seen = others;
  }
  thread.lap_steps = 0;
  if (++thread.laps > kOsIdleLaps) {
    impl_->nap(thread);
    thread.laps = 0;
  } else if (thread.laps > kSpinsAwake) {
    sleep_microseconds(thread.laps);
  } else {
    sched_yield();
  }
  impl_->point(at);
}

void Scheduler::block(const WaitReason& reason) {
  Impl& run = *impl_;
  CHECK(running.task != kNoTask && running.scheduler == this && running.harness == 0);
  OsThread& thread = run.self();
  {
    const FutexGuard guard(run.mutex);
    thread.looping = false;
    count(thread.progress);
    thread.reason = reason;
    if (std::exchange(thread.token, false)) {
      __atomic_store_n(&thread.awake, 1, __ATOMIC_RELAXED);
    } else {
      __atomic_store_n(&thread.awake, run.over, __ATOMIC_RELAXED);
      run.blocked |= bit(thread.id);
      if (run.settled()) run.signal();
    }
  }
  run.wait(thread);
  order_acquire(&run.cells[thread.id].woken);
}

void Scheduler::wake(TaskId task) {
  Impl& run = *impl_;
  CHECK(task < run.count);
  order_release(&run.cells[task].woken);
  OsThread& thread = run.threads[task];
  const FutexGuard guard(run.mutex);
  if (((run.blocked | run.parked) & bit(task)) == 0) {
    thread.token = true;
    return;
  }
  run.blocked &= ~bit(task);
  run.parked &= ~bit(task);
  __atomic_store_n(&thread.awake, 1, __ATOMIC_RELEASE);
  futex_wake_all(thread.awake);
}

void Scheduler::stop() {
  CHECK(running.task != kNoTask && running.scheduler == this);
  impl_->end_run(Outcome::stopped);
  impl_->leave();
}

Scheduler* Scheduler::current() { return running.scheduler; }
TaskId Scheduler::current_task() { return running.task; }

void yield_point(Label at) {
  if (running.task != kNoTask) running.scheduler->yield(at);
}
void spin_point(Label at) {
  if (running.task != kNoTask) running.scheduler->spin(at);
}

// No log: there is no order in which things happened.
void note(EventKind, Label, std::int64_t, std::int64_t, std::int64_t) {}

HarnessScope::HarnessScope() {
  tsan_ignore_begin();
  if (running.harness++ == 0) harness.lock();
}
HarnessScope::~HarnessScope() {
  if (--running.harness == 0) harness.unlock();
  tsan_ignore_end();
}

// Nobody watches: a watcher is asked within steps that nothing else interrupts.
DAXFUZZ_HOT_THREAD_LOCAL AccessWatcher* access_watcher = nullptr;
void access_point(Label at, Access) { yield_point(at); }
void report_access(const Access&) {}
void report_acquire(const void*) {}
void report_release(const void*) {}

// Nor are stores buffered: the machine does that by itself.
DAXFUZZ_HOT_THREAD_LOCAL Scheduler::Impl* buffered_run = nullptr;
void see_buffered(const void*, void*, std::size_t) {}
bool buffer_store(void*, const void*, std::size_t) { return false; }
bool buffer_unlock(SpinLock&) { return false; }
void drain_stores() {}

}  // namespace daxfuzz::sched
