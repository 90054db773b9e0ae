// SPDX-License-Identifier: GPL-2.0-only
// Well-known small concurrent programs, each with its bug and without, on the
// primitives of sched/: what other checkers were measured on (README.md has the
// numbers). `kFixed` is the twin without the bug.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sched/primitives.h"
#include "sched/scheduler.h"

namespace daxfuzz::explore::testing {

// A word with a compare-and-exchange; each access is a step.
class Word {
 public:
  Word() = default;
  explicit Word(int value) { word_.init(value); }
  int get() const { return word_.read("get"); }
  void put(int value) { word_.set(value, "put"); }
  int add(int delta) { return word_.add_return(delta, "add"); }  // the new value
  int swap(int value) { return word_.xchg(value, "swap"); }
  // True if it was `expected` and is `desired` now; else `expected` is what it was.
  bool replace(int& expected, int desired) {
    sched::access_point("replace", {&word_, sched::AccessKind::update});
    const int was = word_.peek();
    if (was == expected) word_.init(desired);
    const bool done = was == expected;
    expected = was;
    return done;
  }
  [[nodiscard]] int peek() const { return word_.peek(); }

 private:
  sched::Atomic<int> word_;
};

class Semaphore {
 public:
  void up() {
    sched::access_point("up", {this, sched::AccessKind::update});
    count_++;
    for (sched::TaskId t = 0; sleepers_ != 0; t++) {
      if ((sleepers_ >> t & 1u) == 0) continue;
      sleepers_ &= ~(1u << t);
      sched::Scheduler::current()->wake(t);
    }
  }
  void down() {
    sched::access_point("down", {this, sched::AccessKind::update});
    while (count_ == 0) {
      sleepers_ |= 1u << sched::Scheduler::current_task();
      sched::Scheduler::current()->block({.what = "semaphore", .kind = sched::WaitReason::Kind::event});
    }
    count_--;
  }

 private:
  int count_ = 0;
  std::uint32_t sleepers_ = 0;
};

// What all have: a claim that may turn out wrong.
struct Claims {
  bool wrong = false;
  void expect(bool condition) { wrong = wrong || !condition; }
  [[nodiscard]] std::string text() const { return wrong ? "wrong!" : "right"; }
};

// Who unlocks wakes those that it sees waiting; who waits looks at the lock before it
// says so, and not again (the missed wake-ups of DAX entries).
template <bool kFixed>
struct LostWake : Claims {
  static std::uint32_t tasks() { return 3; }
  Word locked{1}, waiters{0};
  Semaphore wake;

  void task(std::uint32_t t) {
    if (t == 0) {
      locked.put(0);
      for (int left = waiters.get(); left > 0; left--) wake.up();
      return;
    }
    if (!kFixed) {
      if (locked.get() == 0) return;
      waiters.add(1);
      wake.down();
      return;
    }
    waiters.add(1);
    if (locked.get() != 0) {
      wake.down();
    } else {
      waiters.add(-1);
    }
  }
};

// A look-up takes a reference unless there is none, while a truncate frees the page and a
// fault takes it for another index: without a second look at the slot the reader has a
// page of somebody else.
template <bool kFixed>
struct RefGet : Claims {
  static std::uint32_t tasks() { return 3; }
  Word old_slot{1}, new_slot{0}, is_free{0}, count{1}, index{0};

  void release() {
    if (count.add(-1) != 0) return;
    index.put(-1);
    is_free.put(1);
  }
  void look_up() {
    if (old_slot.get() == 0) return;
    int seen = count.get();
    do {
      if (seen == 0) return;
    } while (!count.replace(seen, seen + 1));
    if (kFixed && old_slot.get() == 0) return release();
    expect(index.get() == 0);
    release();
  }
  void task(std::uint32_t t) {
    if (t == 0) return look_up();
    if (t == 1) {
      if (old_slot.swap(0) != 0) release();
      return;
    }
    if (is_free.swap(0) == 0) return;
    index.put(1);
    count.put(1);
    new_slot.put(1);
  }
};

// A stack of three nodes: one task pops two, the other pops two and pushes the first one
// back. Without a version beside the head a pop takes an old next for the new one.
template <bool kFixed>
struct Aba : Claims {
  static std::uint32_t tasks() { return 2; }
  static constexpr int kNode = 255;
  static constexpr int kVersion = 256;
  Word head{1};
  std::array<Word, 4> next{Word(0), Word(2), Word(3), Word(0)};
  std::array<Word, 4> taken;

  static int changed(int head_was, int node) {
    return kFixed ? ((head_was & ~kNode) + kVersion) | node : node;
  }
  int pop() {
    int was = head.get();
    while ((was & kNode) != 0) {
      const auto node = static_cast<std::size_t>(was & kNode);
      if (!head.replace(was, changed(was, next[node].get()))) continue;
      expect(taken[node].swap(1) == 0);
      return static_cast<int>(node);
    }
    return 0;
  }
  void push(int node) {
    taken[static_cast<std::size_t>(node)].put(0);
    int was = head.get();
    do next[static_cast<std::size_t>(node)].put(was & kNode);
    while (!head.replace(was, changed(was, node)));
  }
  void task(std::uint32_t t) {
    const int first = pop();
    pop();
    if (t == 1 && first != 0) push(first);
  }
};

// Five steps over three tasks that must come in one order, with private work between.
template <bool kFixed>
struct Deep4 : Claims {
  static std::uint32_t tasks() { return 3; }
  Word reached{0};
  std::array<Word, 3> own;

  void work(std::uint32_t t, int times) {
    for (int i = 0; i < times; i++) own[t].add(1);
  }
  void step(int from) {
    if (reached.get() == from) reached.put(from + 1);
  }
  void task(std::uint32_t t) {
    if (t == 0) {
      work(t, 10);
      step(0);
      step(3);
      work(t, 5);
    } else if (t == 1) {
      step(1);
      work(t, 10);
      step(4);
      expect(kFixed || reached.get() != 5);
    } else {
      step(2);
      work(t, 10);
    }
  }
};

// All but one set a, then b; the last looks at both.
template <bool kFixed, std::uint32_t kTasks>
struct Reorder : Claims {
  static std::uint32_t tasks() { return kTasks; }
  Word a{0}, b{0};

  void task(std::uint32_t t) {
    if (t + 1 < kTasks) {
      a.put(1);
      b.put(-1);
      return;
    }
    const bool untouched = a.get() == 0 && b.get() == 0;
    const bool fine = untouched || (a.get() == 1 && b.get() == -1);
    expect(kFixed || fine);
  }
};
template <bool kFixed>
using Reorder5 = Reorder<kFixed, 5>;
template <bool kFixed>
using Reorder20 = Reorder<kFixed, 20>;  // with //sched:wide only

}  // namespace daxfuzz::explore::testing
