// SPDX-License-Identifier: GPL-2.0-only
// Runs whose tasks all stand between two steps when the strategy is asked: what of the
// scheduler is state, and going back to an earlier one. For explore/. Read first:
// scheduler_impl.h.
#include <cstring>

#include "sched/check.h"
#include "sched/scheduler_impl.h"

namespace daxfuzz::sched {

[[gnu::noinline]] void forget_calls() {
  volatile char calls[2048];
  for (volatile char& byte : calls) byte = 0;
}

void Scheduler::park_tasks() {
  CHECK(!impl_->began);
  impl_->parks = true;
}

// Laps count while they may come to an end (unstick()); what is left of them afterwards
// is never looked at. A returned task has no stack.
void Scheduler::fingerprint(Fingerprint& out) const {
  const Impl& run = *impl_;
  CHECK(run.parks && run.began && running.task == kNoTask);
  for (const std::uint32_t set : {run.runnable, run.blocked, run.parked, run.returned, run.marked,
                                  run.looping, run.lapped})
    out.word(set);
  for (std::uint32_t t = 0; t < run.count; ++t) {
    const Task& task = run.tasks[t];
    if ((run.returned >> t & 1u) != 0) continue;
    const auto stack = fiber_live_stack(*task.fiber);
    out.bytes(stack.data(), stack.size());
    out.word(static_cast<std::uint64_t>(run.cells[t].state));
    if ((run.looping >> t & 1u) != 0) out.label(task.spins_at), out.word(task.lap_steps);
    if ((run.lapped >> t & 1u) != 0) out.word(task.laps);
    if ((run.blocked >> t & 1u) == 0) continue;
    out.label(task.reason.what);
    out.word(static_cast<std::uint64_t>(task.reason.kind) << 32 | task.reason.holders);
    out.word(static_cast<std::uint64_t>(task.reason.object));
    out.word(reinterpret_cast<std::uintptr_t>(task.reason.satisfied));
    out.word(reinterpret_cast<std::uintptr_t>(task.reason.arg));
  }
  if (run.buffers_stores) run.fingerprint_buffers(out);
}

// A Fiber says where its stack ends; the bytes follow it, for each task.
void Scheduler::save_stacks(std::vector<char>& to) const {
  const Impl& run = *impl_;
  CHECK(run.parks && run.began && running.task == kNoTask);
  to.clear();
  for (std::uint32_t t = 0; t < run.count; ++t) {
    const Fiber& fiber = *run.tasks[t].fiber;
    const auto* as_bytes = reinterpret_cast<const char*>(&fiber);
    to.insert(to.end(), as_bytes, as_bytes + sizeof fiber);
    const auto stack = fiber_live_stack(fiber);
    to.insert(to.end(), stack.begin(), stack.end());
  }
}

void Scheduler::restore_stacks(const std::vector<char>& from) {
  const Impl& run = *impl_;
  CHECK(run.parks && run.began && running.task == kNoTask);
  const char* at = from.data();
  for (std::uint32_t t = 0; t < run.count; ++t) {
    Fiber& fiber = *run.tasks[t].fiber;
    const void* stack_was = fiber.stack;
    std::memcpy(static_cast<void*>(&fiber), at, sizeof fiber);
    CHECK(fiber.stack == stack_was);
    at += sizeof fiber;
    const std::size_t live = fiber_live_stack(fiber).size();
    std::memcpy(fiber.sp, at, live);
    at += live;
    fiber_wipe(fiber, kWipedBytes);
  }
  CHECK(at == from.data() + from.size());
}

}  // namespace daxfuzz::sched
