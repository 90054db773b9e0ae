// SPDX-License-Identifier: GPL-2.0-only
// Queues of stores, and their steps. Bookkeeping is the scheduler's (scheduler_impl.h), so that
// a run that is put back (parked.cc) has the buffers that it had. See store_buffer.h.
#include "sched/store_buffer.h"

#include "sched/check.h"
#include "sched/primitives.h"
#include "sched/scheduler_impl.h"

namespace daxfuzz::sched {
namespace {

// What is no task's own code sees what all have stored.
bool sees_all() { return running.harness != 0 || running.task >= kBuffers; }

const BufferedStore* newest(const StoreBuffer& buffer, const void* word) {
  for (std::uint64_t i = buffer.count; i-- > 0;)
    if (buffer.stores[i].word == word) return &buffer.stores[i];
  return nullptr;
}

}  // namespace

DAXFUZZ_HOT_THREAD_LOCAL Scheduler::Impl* buffered_run = nullptr;

void Scheduler::buffer_stores() {
  CHECK(!impl_->began);
  impl_->buffers_stores = true;
}

// Of the task's own, else of the first other one: words that two tasks store to without a lock
// are not looked at by the harness.
void see_buffered(const void* word, void* value, std::size_t size) {
  const Scheduler::Impl& run = *buffered_run;
  const BufferedStore* found = running.task < kBuffers ? newest(run.buffers[running.task], word) : nullptr;
  if (sees_all())
    for (std::uint32_t t = 0; t < kBuffers && found == nullptr; ++t) found = newest(run.buffers[t], word);
  if (found == nullptr) return;
  CHECK(found->size == size);
  std::memcpy(value, &found->value, size);
}

bool buffer_store(void* word, const void* value, std::size_t size) {
  if (sees_all()) return drain_stores(), false;
  BufferedStore store{.word = word, .value = 0, .size = size, .at = {}};
  CHECK(size > 0 && size <= sizeof store.value);
  std::memcpy(&store.value, value, size);
  buffered_run->add(running.task, store);
  return true;
}

bool buffer_unlock(SpinLock& lock) {
  if (sees_all()) return drain_stores(), false;
  buffered_run->add(running.task, {.word = &lock, .value = 0, .size = 0, .at = {}});
  return true;
}

void drain_stores() {
  if (running.task >= kBuffers) return;
  while (buffered_run->buffers[running.task].count != 0) buffered_run->drain_one(running.task);
}

void Scheduler::Impl::add(TaskId task, const BufferedStore& store) {
  StoreBuffer& buffer = buffers[task];
  if (buffer.count == kBufferedMax) drain_one(task);
  buffer.stores[buffer.count] = store;
  buffer.stores[buffer.count++].at = pending[task].at;
  if (buffer.count == 1) head_changed(task);
}

// The oldest store of the task becomes what others see.
void Scheduler::Impl::drain_one(TaskId task) {
  StoreBuffer& buffer = buffers[task];
  CHECK(buffer.count > 0);
  const BufferedStore store = buffer.stores[0];
  --buffer.count;
  for (std::uint64_t i = 0; i < buffer.count; ++i) buffer.stores[i] = buffer.stores[i + 1];
  buffer.stores[buffer.count] = {};
  progress();
  const auto put = [&]<class Word>(Word) {
    __atomic_store_n(static_cast<Word*>(store.word), static_cast<Word>(store.value), __ATOMIC_RELEASE);
  };
  switch (store.size) {
    case 0: static_cast<SpinLock*>(store.word)->let_go(); break;
    case 1: put(std::uint8_t{}); break;
    case 2: put(std::uint16_t{}); break;
    case 4: put(std::uint32_t{}); break;
    case 8: put(std::uint64_t{}); break;
    default: CHECK(!"a word of another size");
  }
  head_changed(task);  // last: a wake-up is told with the label of the store that made it
}

void Scheduler::Impl::head_changed(TaskId task) {
  const StoreBuffer& buffer = buffers[task];
  const TaskId self = buffer_of(task);
  if (buffer.count == 0) {
    runnable &= ~bit(self);
    return;
  }
  const BufferedStore& next = buffer.stores[0];
  const void* word = next.size == 0 ? &static_cast<SpinLock*>(next.word)->word_ : next.word;
  runnable |= bit(self);
  pending[self] = {.at = next.at, .access = {word, AccessKind::drained}};
}

// A step of a buffer, wherever it is made: no task's code runs, but who waits for a lock is
// woken by the buffer.
void Scheduler::Impl::step_of_buffer(TaskId buffer) {
  const TaskId before = running.task;
  running.task = buffer;
  marked = 0;
  drain_one(task_of(buffer));
  running.task = before;
}

void Scheduler::Impl::fingerprint_buffers(Fingerprint& out) const {
  for (const StoreBuffer& buffer : buffers) {
    out.word(buffer.count);
    out.bytes(buffer.stores, buffer.count * sizeof(BufferedStore));
  }
}

}  // namespace daxfuzz::sched
