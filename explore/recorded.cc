// SPDX-License-Identifier: GPL-2.0-only
// What a step did, by looking at stacks and heap before and after. See recorded.h.
#include "explore/recorded.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "explore/arena.h"
#include "explore/node.h"
#include "sched/fiber.h"

namespace daxfuzz::explore {
namespace {

// Elsewhere changes are not seen: on stacks, among the scheduler's own words, in global memory.
bool on_heap(std::uintptr_t word) {
  for (std::size_t r = 0; r < kArenaRegions; r++) {
    const std::span<const char> region = arena_region(r);
    const auto begin = reinterpret_cast<std::uintptr_t>(region.data());
    if (word >= begin && word < begin + region.size()) return true;
  }
  return false;
}

}  // namespace

Place Places::of(sched::TaskId task, Status status, const sched::Fingerprint::Value& stack) {
  const Known known = {.task = task, .status = status, .stack = stack};
  const auto [at, made] = numbers_.try_emplace(known, static_cast<Place>(all_.size()));
  if (made) all_.push_back(known);
  return at->second;
}

Place Places::woken(Place blocked) {
  const Known known = all_[blocked];
  return of(known.task, Status::ready, known.stack);
}

void Recorder::begin(std::vector<sched::TaskId> path) {
  path_ = std::move(path);
  run_ = {};
  open_ = began_ = asked_ = stop_ = false;
  touched_ = 0;
}

Run Recorder::take(Outcome outcome) {
  // It was stopped at the beginning of a step.
  if (!run_.ended && open_) run_.steps.pop_back();
  run_.outcome = std::move(outcome);
  return std::move(run_);
}

// Not after a run, when stacks are gone: then all have returned, or this is not asked for.
void Recorder::look_at_places(const sched::Scheduler& scheduler, std::vector<Place>& to) {
  to.clear();
  const bool over = sched::Scheduler::current() == nullptr;
  if (!over) scheduler.save_stacks(stacks_);
  const char* at = stacks_.data();
  for (std::size_t t = 0; t < scheduler.tasks(); t++) {
    const auto task = static_cast<sched::TaskId>(t);
    std::span<const char> stack;
    if (!over) {
      sched::Fiber fiber;
      std::memcpy(static_cast<void*>(&fiber), at, sizeof fiber);
      stack = {at + sizeof fiber, sched::fiber_live_stack(fiber).size()};
      at += sizeof fiber + stack.size();
    }
    sched::Fingerprint print;
    Places::Status status = Places::Status::done;
    if (!scheduler.done(task)) {
      if (over) return refuse("a run ended before its tasks did");
      print.bytes(stack.data(), stack.size());
      status = scheduler.waiting(task) != nullptr ? Places::Status::blocked : Places::Status::ready;
    }
    to.push_back(places_.of(task, status, print.value()));
  }
}

void Recorder::look_at_heap(std::vector<Change>* changes) {
  const auto compare = [changes](std::uintptr_t at, const char* was, const char* is, std::size_t size) {
    if (changes == nullptr || std::memcmp(was, is, size) == 0) return;
    for (std::size_t i = 0; i < size; i++)
      if (was[i] != is[i]) changes->push_back({at + i, was[i], is[i]});
  };
  heap_.resize(kArenaRegions);
  for (std::size_t r = 0; r < kArenaRegions; r++) {
    const std::span<const char> is = arena_region(r);
    Region& was = heap_[r];
    const auto begin = reinterpret_cast<std::uintptr_t>(is.data());
    // Where the next block comes from is state, too: it has the address of the word before the region.
    const std::size_t used = is.size();
    compare(begin - sizeof used, reinterpret_cast<const char*>(&was.used), reinterpret_cast<const char*>(&used),
            sizeof used);
    was.used = used;
    // What is freed is cleared, and what is not used yet is clear.
    if (was.bytes.size() < used) was.bytes.resize(used);
    compare(begin, was.bytes.data(), is.data(), was.bytes.size());
    std::memcpy(was.bytes.data(), is.data(), was.bytes.size());
  }
}

std::uint32_t Recorder::ready() const {
  std::uint32_t tasks = 0;
  for (std::size_t t = 0; t < now_.size(); t++)
    if (places_.status(now_[t]) == Places::Status::ready) tasks |= bit(static_cast<sched::TaskId>(t));
  return tasks;
}

void Recorder::settle(const sched::Scheduler& scheduler) {
  if (!began_) {
    began_ = true;
    look_at_places(scheduler, now_);
    look_at_heap(nullptr);
    run_.start = now_;
  }
  if (!open_) return;
  open_ = false;
  Step& step = run_.steps.back();
  step.touches.assign(touches_.begin(), touches_.begin() + static_cast<std::ptrdiff_t>(touched_));
  touched_ = 0;
  for (const Touch& touch : step.touches)
    if (!touch.edge && !on_heap(touch.object)) refuse("a step tells of a word that is not on the heap");
  look_at_heap(&step.changes);
  std::swap(then_, now_);
  look_at_places(scheduler, now_);
  if (untold_ != nullptr) return;
  step.after = now_[step.task];
  for (std::size_t t = 0; t < now_.size(); t++) {
    if (t == step.task || now_[t] == then_[t]) continue;
    if (places_.status(then_[t]) == Places::Status::blocked && now_[t] == places_.woken(then_[t])) {
      step.woken |= bit(static_cast<sched::TaskId>(t));
    } else {
      refuse("a step changed another task's stack");
    }
  }
}

sched::TaskId Recorder::next(const sched::Choice& choice) {
  const ArenaPause pause;
  settle(*sched::Scheduler::current());
  asked_ = true;
  if (choice.runnable != ready()) refuse("a task spins, or is parked");
  if (untold_ != nullptr) return sched::kNoTask;
  const std::size_t at = run_.steps.size();
  const sched::TaskId chosen = at < path_.size() ? path_[at] : guide_(run_, now_, choice.runnable);
  if (chosen == sched::kNoTask) {
    run_.ended = false;
    return chosen;
  }
  if ((choice.runnable & bit(chosen)) == 0) {
    refuse("a step depends on more than what it told");
    return sched::kNoTask;
  }
  run_.decisions.push_back(chosen);
  return chosen;
}

void Recorder::stepped(sched::TaskId task, const sched::Pending& pending) {
  const ArenaPause pause;
  settle(*sched::Scheduler::current());
  const bool asked = std::exchange(asked_, false);
  if (!asked && !std::has_single_bit(ready())) refuse("a task spins, or is parked");
  const std::size_t at = run_.steps.size();
  if (at < path_.size() && path_[at] != task) refuse("a step depends on more than what it told");
  const bool tells = pending.access.kind != sched::AccessKind::none;
  if (!tells && pending.at != sched::Label("start")) refuse("a step says nothing of what it accesses");
  stop_ = !asked && tells && at >= path_.size() && guide_(run_, now_, bit(task)) == sched::kNoTask;
  run_.steps.push_back({.task = task, .before = now_[task], .touches = {}, .changes = {}});
  open_ = true;
  if (tells) touch(pending.access);
}

void Recorder::accessed(sched::TaskId, const sched::Access& access, sched::Label) {
  if (stop_) {
    run_.ended = false;
    sched::Scheduler::current()->stop();
  }
  touch(access);
}

void Recorder::acquired(sched::TaskId, const void* edge) {
  touch({.object = reinterpret_cast<std::uintptr_t>(edge), .reads = true, .edge = true});
}

void Recorder::released(sched::TaskId, const void* edge) {
  touch({.object = reinterpret_cast<std::uintptr_t>(edge), .reads = true, .writes = true, .edge = true});
}

void Recorder::touch(const sched::Access& access) {
  const bool blind = access.kind == sched::AccessKind::write;
  touch({.object = reinterpret_cast<std::uintptr_t>(access.object), .reads = !blind, .writes = access.writes()});
}

void Recorder::touch(const Touch& touch) {
  if (touched_ == kTouchesMax) return refuse("a step makes too many accesses");
  touches_[touched_++] = touch;
}

// At a standstill while the tasks' stacks are there, and again when all is over.
void Recorder::ended(const sched::Scheduler& scheduler) {
  const ArenaPause pause;
  if (untold_ != nullptr || !run_.ended) return;
  settle(scheduler);
  if (untold_ == nullptr && ready() != 0) refuse("a run ended before its tasks did");
}

}  // namespace daxfuzz::explore
