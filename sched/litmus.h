// SPDX-License-Identifier: GPL-2.0-only
// For tests: the programs by which memory models are told apart, of words x and y, and what
// each may come to under sequential consistency and on x86. Names and verdicts as in Sewell and
// others 2010, "x86-TSO", and in Alglave, Maranget and Tautschnig 2014, "Herding Cats".
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sched/primitives.h"
#include "sched/testing.h"
#include "sched/wait_queue.h"

namespace daxfuzz::sched::testing {

// What the tasks of one run share. Registers are the test's.
struct LitmusWords {
  Plain<int> x, y;
  Atomic<int> counter;
  SpinLock lock{"lock"};
  RwSem sem{"sem"};
  Count r[4];
};

struct Litmus {
  const char* name;
  std::vector<void (*)(LitmusWords&)> tasks;
  bool final_words;             // x and y at the end are part of the outcome
  std::set<std::string> sc;     // registers, then words: "01" is r0=0 r1=1
  std::set<std::string> tso_too;  // what x86 adds

  [[nodiscard]] std::set<std::string> tso() const {
    std::set<std::string> both = sc;
    both.insert(tso_too.begin(), tso_too.end());
    return both;
  }
};

inline void put(Plain<int>& word, int value) { word.store(value, "store"); }
inline void get(LitmusWords& w, int reg, const Plain<int>& word) { w.r[reg] += word.read_once("load"); }

inline const std::vector<Litmus>& litmus() {
  using W = LitmusWords;
  static const std::vector<Litmus> all = {
      {"SB", {[](W& w) { put(w.x, 1), get(w, 0, w.y); }, [](W& w) { put(w.y, 1), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {"00"}},
      {"SB+mbs", {[](W& w) { put(w.x, 1), smp_mb(), get(w, 0, w.y); },
                  [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      {"SB+mb+po", {[](W& w) { put(w.x, 1), smp_mb(), get(w, 0, w.y); },
                    [](W& w) { put(w.y, 1), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {"00"}},
      {"SB+store-mbs", {[](W& w) { w.x.store_mb(1, "store"), get(w, 0, w.y); },
                        [](W& w) { w.y.store_mb(1, "store"), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      // What was stored first does not stay behind.
      {"SB+two+mbs", {[](W& w) { put(w.x, 1), put(w.x, 2), smp_mb(), get(w, 0, w.y); },
                      [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"02", "10", "11", "12"}, {}},
      // Any read-modify-write is a full barrier, one that fails is none.
      {"SB+rmws", {[](W& w) { put(w.x, 1), (void)w.counter.add_return(1, "add"), get(w, 0, w.y); },
                   [](W& w) { put(w.y, 1), (void)w.counter.xchg(1, "xchg"), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      {"SB+more-rmws", {[](W& w) { put(w.x, 1), (void)w.counter.sub_return(1, "sub"), get(w, 0, w.y); },
                        [](W& w) { put(w.y, 1), (void)w.counter.add_unless(1, 7, "add"), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      {"SB+failed-add", {[](W& w) { put(w.x, 1), (void)w.counter.add_unless(1, 0, "add"), get(w, 0, w.y); },
                         [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {"00"}},
      // To take a spin lock is one, to let it go is a plain store.
      {"SB+lock", {[](W& w) { put(w.x, 1), w.lock.lock(), get(w, 0, w.y), w.lock.unlock(); },
                   [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      {"SB+unlock", {[](W& w) { w.lock.lock(), put(w.x, 1), w.lock.unlock(), get(w, 0, w.y); },
                     [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {"00"}},
      // atomic_set() is a plain store.
      {"SB+set", {[](W& w) { w.counter.set(1, "set"), get(w, 0, w.y); },
                  [](W& w) { put(w.y, 1), smp_mb(), w.r[1] += w.counter.read("load"); }},
       false, {"01", "10", "11"}, {"00"}},
      // Of an rw-semaphore all is one. A step lies between the load and the release, which is one as well.
      {"SB+down", {[](W& w) {
                     put(w.x, 1), w.sem.down_read(), get(w, 0, w.y);
                     (void)w.counter.read("load"), w.sem.up_read();
                   },
                   [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      {"SB+up-read", {[](W& w) { w.sem.down_read(), put(w.x, 1), w.sem.up_read(), get(w, 0, w.y); },
                      [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      {"SB+up-write", {[](W& w) { w.sem.down_write(), put(w.x, 1), w.sem.up_write(), get(w, 0, w.y); },
                       [](W& w) { put(w.y, 1), smp_mb(), get(w, 1, w.x); }},
       false, {"01", "10", "11"}, {}},
      // Stores are seen in the order in which they were made.
      {"MP", {[](W& w) { put(w.x, 1), put(w.y, 1); }, [](W& w) { get(w, 0, w.y), get(w, 1, w.x); }},
       false, {"00", "01", "11"}, {}},
      {"LB", {[](W& w) { get(w, 0, w.x), put(w.y, 1); }, [](W& w) { get(w, 1, w.y), put(w.x, 1); }},
       false, {"00", "01", "10"}, {}},
      {"S", {[](W& w) { put(w.x, 2), put(w.y, 1); }, [](W& w) { get(w, 0, w.y), put(w.x, 1); }},
       true, {"0 1 1", "0 2 1", "1 1 1"}, {}},
      {"2+2W", {[](W& w) { put(w.x, 1), put(w.y, 2); }, [](W& w) { put(w.y, 1), put(w.x, 2); }},
       true, {" 1 2", " 2 1", " 2 2"}, {}},
      {"R", {[](W& w) { put(w.x, 1), put(w.y, 1); }, [](W& w) { put(w.y, 2), get(w, 0, w.x); }},
       true, {"0 1 1", "1 1 1", "1 1 2"}, {"0 1 2"}},
      // A task sees its own stores first.
      {"SB+rfis", {[](W& w) { put(w.x, 1), get(w, 0, w.x), get(w, 1, w.y); },
                   [](W& w) { put(w.y, 1), get(w, 2, w.y), get(w, 3, w.x); }},
       false, {"1011", "1110", "1111"}, {"1010"}},
      // Also where the load is plain.
      {"SB+plain-rfi", {[](W& w) { put(w.x, 1), w.r[0] += w.x.load("load"), get(w, 1, w.y); },
                        [](W& w) { put(w.y, 1), smp_mb(), get(w, 2, w.x); }},
       false, {"101", "110", "111"}, {"100"}},
      // The newest of them.
      {"SB+rfi+two", {[](W& w) { put(w.x, 1), put(w.x, 2), get(w, 0, w.x), get(w, 1, w.y); },
                      [](W& w) { put(w.y, 1), smp_mb(), get(w, 2, w.x); }},
       false, {"202", "210", "211", "212"}, {"200", "201"}},
      {"CoRR", {[](W& w) { put(w.x, 1), put(w.x, 2); }, [](W& w) { get(w, 0, w.x), get(w, 1, w.x); }},
       false, {"00", "01", "02", "11", "12", "22"}, {}},
      // A store that one other task has seen, all have.
      {"WRC", {[](W& w) { put(w.x, 1); }, [](W& w) { get(w, 0, w.x), put(w.y, 1); },
               [](W& w) { get(w, 1, w.y), get(w, 2, w.x); }},
       false, {"000", "001", "010", "011", "100", "101", "111"}, {}},
  };
  return all;
}

// Two readers see two writers' stores in the same order. Too many schedules to go through one by one.
inline const Litmus& iriw() {
  using W = LitmusWords;
  static const Litmus program = {
      "IRIW", {[](W& w) { put(w.x, 1); }, [](W& w) { put(w.y, 1); },
               [](W& w) { get(w, 0, w.x), get(w, 1, w.y); }, [](W& w) { get(w, 2, w.y), get(w, 3, w.x); }},
      false, {"0000", "0001", "0010", "0011", "0100", "0101", "0110", "0111", "1000", "1001", "1011",
              "1100", "1101", "1110", "1111"}, {}};
  return program;
}

// What they have come to.
inline std::string text(const Litmus& litmus, const LitmusWords& words) {
  const std::string& like = *litmus.sc.begin();  // as many registers as the outcomes that are named have
  std::string text;
  for (std::size_t i = 0; i < like.size() && like[i] != ' '; ++i) text += std::to_string(words.r[i]);
  if (litmus.final_words) text += " " + std::to_string(words.x.peek()) + " " + std::to_string(words.y.peek());
  return text;
}

// What one run of it comes to.
inline std::string outcome(const Litmus& litmus, ChoiceSource& choices, Memory memory, Result* result = nullptr) {
  LitmusWords words;
  std::vector<std::function<void()>> bodies;
  for (auto* task : litmus.tasks) bodies.emplace_back([task, &words] { task(words); });
  const Result ran = run(choices, std::move(bodies), 1000, memory);
  if (result != nullptr) *result = ran;
  return ran.outcome == Outcome::finished ? text(litmus, words) : "not finished";
}

// A waiter that asks for a flag, and a waker that sets it and looks at the queue without the
// lock (waitqueue_active()). Which barriers are there?
struct Sleep {
  bool waiter_mb = true, waker_mb = true;
  WaitQueueHead head;
  Plain<int> done;

  void wait() {
    WaitQueueEntry entry;
    entry.task = Scheduler::current_task();
    entry.func = &autoremove_wake_function;
    for (;;) {
      if (waiter_mb) {
        head.prepare_to_wait(entry, TaskState::uninterruptible);
      } else {
        head.add_wait_queue(entry);
        set_current_state_unordered(TaskState::uninterruptible);
      }
      if (done.read_once("done_read") != 0) break;
      schedule({.what = "event", .kind = WaitReason::Kind::event, .holders = 0, .object = 0, .satisfied = nullptr,
                .arg = nullptr});
    }
    head.finish_wait(entry);
  }
  void wake() {
    done.store(1, "done_store");
    if (waker_mb) smp_mb();
    if (head.active()) head.wake_up(0, nullptr);
  }
};

}  // namespace daxfuzz::sched::testing
