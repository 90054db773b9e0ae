// SPDX-License-Identifier: GPL-2.0-only
// A run on real threads: its begin and end, what happens when nobody can go on, and the
// watchdog. All of it but thread_main() is on the thread that called run(). See os_impl.h.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "sched/check.h"
#include "sched/os_impl.h"
#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

constexpr std::uint32_t kLookMilliseconds = 100;

constinit thread_local OsThreads settings_of_thread;

std::uint64_t milliseconds() {
  timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000000;
}

}  // namespace

constinit thread_local Scheduler::Impl* os_current_run = nullptr;

void set_os_threads(const OsThreads& settings) { settings_of_thread = settings; }

Scheduler::Scheduler(ChoiceSource&, EventLog& log, std::uint64_t steps_max) : impl_(new Impl(log, steps_max)) {}

Scheduler::~Scheduler() {
  CHECK(running.scheduler != this);
  delete impl_;
}

TaskId Scheduler::spawn(Entry entry, void* arg, bool parked) {
  Impl& run = *impl_;
  CHECK(entry != nullptr && !run.began && run.count < kTasksMax);
  const auto id = static_cast<TaskId>(run.count++);
  OsThread& thread = run.threads[id];
  thread.run = &run;
  thread.entry = entry;
  thread.arg = arg;
  thread.id = id;
  thread.awake = parked ? 0 : 1;
  thread.reason.what = "parked";
  if (parked) run.parked |= bit(id);
  return id;
}

void* Scheduler::Impl::thread_main(void* arg) {
  OsThread& thread = *static_cast<OsThread*>(arg);
  Impl& run = *thread.run;
  running = {.scheduler = run.owner, .cells = run.cells, .task = thread.id, .harness = 0, .parks = false};
  os_current_run = &run;
  while (__atomic_load_n(&run.started, __ATOMIC_ACQUIRE) == 0) futex_wait(run.started, 0);
  if (setjmp(thread.end) == 0) {
    run.wait(thread);  // of a parked task
    order_acquire(&run.cells[thread.id].woken);
    thread.entry(thread.arg);
    CHECK(running.harness == 0);
    const FutexGuard guard(run.mutex);
    ++thread.progress;
    run.returned |= bit(thread.id);
    run.signal();
  }
  running = {};
  return nullptr;
}

// All exist before the first begins, or the first would be alone for most of its ops.
void Scheduler::Impl::start() {
  for (std::uint32_t t = 0; t < count; ++t) {
    threads[t].random = settings.seed * 0x9e3779b97f4a7c15u + t;
    CHECK(pthread_create(&threads[t].thread, nullptr, &thread_main, &threads[t]) == 0);
  }
  __atomic_store_n(&started, 1, __ATOMIC_RELEASE);
  futex_wake_all(started);
}

void Scheduler::Impl::wake_sleepers() {
  for (std::uint32_t t = 0; t < count; ++t) {
    __atomic_store_n(&threads[t].awake, 1, __ATOMIC_RELEASE);
    futex_wake_all(threads[t].awake);
  }
}

// What made them idle still holds, or one has not yet noticed that it can go on.
bool Scheduler::Impl::idle_ones_are() const {
  for (std::uint32_t t = 0; t < count; ++t)
    if ((idle >> t & 1u) != 0 && progress_but(static_cast<TaskId>(t)) != threads[t].seen) return false;
  return true;
}

// Nobody runs: true if the hook has changed that. The tasks' stacks exist meanwhile.
bool Scheduler::Impl::unstick(StuckHook* hook) {
  if (returned == all()) return false;
  mutex.unlock();
  // The hook looks at what tasks wrote, and no edge leads from them to here.
  tsan_ignore_begin();
  const bool woke = hook != nullptr && hook->stuck();
  tsan_ignore_end();
  mutex.lock();
  if (woke) {
    for (std::uint32_t t = 0; t < count; ++t) {
      if ((idle >> t & 1u) == 0) continue;
      __atomic_store_n(&threads[t].awake, 1, __ATOMIC_RELEASE);
      futex_wake_all(threads[t].awake);
    }
    idle = 0;  // they run, though they have not noticed yet
    return true;
  }
  if (over == 0) outcome = blocked != 0 ? Outcome::stuck : idle != 0 ? Outcome::budget : Outcome::finished;
  return false;
}

// No step since the last look, and somebody neither waits nor has returned.
void Scheduler::Impl::watch_for_steps() {
  std::uint64_t now = 0;
  for (std::uint32_t t = 0; t < count; ++t) now += __atomic_load_n(&threads[t].steps, __ATOMIC_RELAXED);
  if (now != steps_seen) still_since_ms = milliseconds();
  steps_seen = now;
  const std::uint64_t still = milliseconds() - still_since_ms;
  if (still < settings.patience_ms) return;
  tsan_ignore_begin();  // what is told of threads is theirs, and they may run
  std::fprintf(stderr, "watchdog: no thread has made a step for %llu ms\n", static_cast<unsigned long long>(still));
  for (std::uint32_t t = 0; t < count; ++t) {
    const OsThread& thread = threads[t];
    char what[256] = "";
    if (settings.describe != nullptr)
      settings.describe(settings.arg, static_cast<TaskId>(t), what, sizeof what);
    const bool waits = (blocked >> t & 1u) != 0;
    std::fprintf(stderr, "T%u: %s%s%s%s %s, %llu steps\n", t, what, *what != 0 ? ", " : "",
                 (returned >> t & 1u) != 0 ? "has returned" : waits ? "waits for " : "runs",
                 waits ? thread.reason.what.text() : "", __atomic_load_n(&thread.at, __ATOMIC_RELAXED),
                 static_cast<unsigned long long>(thread.steps));
  }
  std::abort();
}

Outcome Scheduler::run(StuckHook* hook) {
  Impl& run = *impl_;
  CHECK(!run.began && running.scheduler == nullptr);
  run.began = true;
  run.owner = this;
  run.settings = settings_of_thread;
  run.still_since_ms = milliseconds();
  running = {.scheduler = this, .cells = run.cells, .task = kNoTask, .harness = 0, .parks = false};
  run.start();

  run.mutex.lock();
  for (;;) {
    const std::uint32_t seen = __atomic_load_n(&run.event, __ATOMIC_ACQUIRE);
    if (run.over != 0) {
      run.wake_sleepers();
      if ((run.left | run.returned) == run.all()) break;
    } else if (run.settled() && run.idle_ones_are()) {
      if (run.unstick(hook)) continue;
      __atomic_store_n(&run.over, 1, __ATOMIC_RELEASE);
      continue;
    }
    run.watch_for_steps();
    run.mutex.unlock();
    futex_wait(run.event, seen, kLookMilliseconds * 1000);
    run.mutex.lock();
  }
  run.mutex.unlock();
  __atomic_store_n(&run.released, 1, __ATOMIC_RELEASE);
  futex_wake_all(run.released);
  for (std::uint32_t t = 0; t < run.count; ++t) CHECK(pthread_join(run.threads[t].thread, nullptr) == 0);
  running = {};
  if (run.outcome == Outcome::finished) run.returned |= run.parked;
  return run.outcome;
}

std::uint64_t Scheduler::steps() const {
  std::uint64_t sum = 0;
  for (std::uint32_t t = 0; t < impl_->count; ++t) sum += __atomic_load_n(&impl_->threads[t].steps, __ATOMIC_RELAXED);
  return sum;
}
std::uint32_t Scheduler::progress_of(TaskId task) const {
  CHECK(task < impl_->count);
  return static_cast<std::uint32_t>(impl_->threads[task].steps);
}
std::span<const Ran> Scheduler::schedule() const { return impl_->schedule; }
std::size_t Scheduler::tasks() const { return impl_->count; }
EventLog& Scheduler::log() { return impl_->log; }

// Asked when nobody runs, or after the run.
const WaitReason* Scheduler::waiting(TaskId task) const {
  CHECK(task < impl_->count);
  return (impl_->blocked & bit(task)) != 0 ? &impl_->threads[task].reason : nullptr;
}
bool Scheduler::done(TaskId task) const {
  CHECK(task < impl_->count);
  return (impl_->returned & bit(task)) != 0;
}

// Going back to an earlier state is for fibers only.
void Scheduler::buffer_stores() { CHECK(!"real threads have the machine's store buffers"); }
void Scheduler::park_tasks() { CHECK(!"tasks on real threads cannot be parked"); }
void Scheduler::fingerprint(Fingerprint&) const { CHECK(!"a run on real threads has no fingerprint"); }
void Scheduler::save_stacks(std::vector<char>&) const { CHECK(!"stacks of real threads cannot be saved"); }
void Scheduler::restore_stacks(const std::vector<char>&) { CHECK(!"stacks of real threads cannot be restored"); }

}  // namespace daxfuzz::sched
