// SPDX-License-Identifier: GPL-2.0-only
// For tests: small random programs on the primitives of sched/, for searches to agree on. Read
// first: testing.h, which makes a subject of them.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "explore/classic_programs.h"
#include "fuzz/draw.h"
#include "sched/primitives.h"
#include "sched/scheduler.h"
#include "sched/wait_queue.h"

namespace daxfuzz::explore::testing {

// What a task does to two words under two locks, a semaphore that counts and a wait queue. Up to
// `down` steps tell what they access; `hides` reads and writes a word that it does not tell of; the rest spins,
// or says nothing at some step.
enum class Action : std::uint8_t { put, add, get, swap, replace, locked, reads, writes, up, down,
                                   hides, sleeps, wakes, spins, none };
inline constexpr std::uint32_t kDrawnTasks = 3, kDrawnActions = 3;
struct Plan {
  std::uint32_t tasks = 2;
  std::array<std::array<Action, kDrawnActions>, kDrawnTasks> actions{};
  bool lies = false;  // `get` tells of another word than it reads
};

class Drawn {
 public:
  static inline Plan plan;  // of the next one that is made

  [[nodiscard]] std::uint32_t tasks() const { return plan_.tasks; }
  void task(std::uint32_t t) {
    int seen = 0;
    for (std::uint32_t i = 0; i < kDrawnActions; i++) {
      const int value = act(t, plan_.actions[t][i]);
      if (value == kNothing) continue;
      seen = seen * 10 + value + 1;
      seen_[t].init(seen);
    }
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& seen : seen_) text += std::to_string(seen.peek()) + " ";
    return text + std::to_string(a_.peek()) + " " + std::to_string(b_.peek());
  }

 private:
  static constexpr int kNothing = -100;

  // What it saw, if it is to be told.
  int act(std::uint32_t t, Action action) {
    const int own = static_cast<int>(t) + 1;
    switch (action) {
      case Action::put: return b_.put(own), kNothing;
      case Action::add: return a_.add(1);
      case Action::get:
        if (!plan_.lies) return b_.get();
        sched::access_point("get", {&a_, sched::AccessKind::read});
        return b_.peek();
      case Action::swap: return b_.swap(own);
      case Action::replace: {
        int expected = own - 1;
        b_.replace(expected, own);
        return expected;
      }
      case Action::locked:
        lock_.lock();
        a_.put(a_.get() + 1);
        return lock_.unlock(), kNothing;
      case Action::reads: {
        semaphore_.down_read();
        const int value = a_.get();
        semaphore_.up_read();
        return value;
      }
      case Action::writes:
        semaphore_.down_write();
        a_.put(own);
        return semaphore_.up_write(), kNothing;
      case Action::up: return counting_.up(), kNothing;
      case Action::down: return counting_.down(), kNothing;
      case Action::hides:
        (void)a_.get();
        hidden_ = hidden_ * 2 + own;
        return hidden_ % 10;
      case Action::sleeps: {
        sched::WaitQueueEntry entry{.task = static_cast<sched::TaskId>(t), .func = sched::autoremove_wake_function};
        queue_.prepare_to_wait(entry, sched::TaskState::uninterruptible);
        if (b_.get() == 0) sched::schedule({.what = "queue", .kind = sched::WaitReason::Kind::event});
        return queue_.finish_wait(entry), kNothing;
      }
      case Action::wakes:
        b_.put(1);
        return queue_.wake_up(0, nullptr), kNothing;
      case Action::spins:
        while (b_.get() == 0) sched::spin_point("retry");
        return kNothing;
      case Action::none: return kNothing;
    }
    return kNothing;
  }

  Plan plan_ = plan;
  Word a_, b_;
  sched::SpinLock lock_{"lock"};
  sched::RwSem semaphore_{"semaphore"};
  Semaphore counting_;
  sched::WaitQueueHead queue_;
  int hidden_ = 0;
  std::array<sched::Plain<int>, kDrawnTasks> seen_{};
};

// Of the actions before `end`.
inline Plan drawn_plan(fuzz::Random& random, Action end) {
  Plan plan;
  plan.tasks = random.one_in(3) ? 3 : 2;
  for (std::uint32_t t = 0; t < plan.tasks; t++)
    for (std::uint32_t i = 0; i < kDrawnActions; i++)
      plan.actions[t][i] = random.one_in(4) ? Action::none
                                            : random.number_below<Action>(static_cast<std::uint32_t>(end));
  return plan;
}

}  // namespace daxfuzz::explore::testing
