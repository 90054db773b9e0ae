// SPDX-License-Identifier: GPL-2.0-only
// Strategy: directed by reads-from constraints (Wolff, Zhao, Mathur and Roychoudhury 2024, "Greybox
// Fuzzing for Concurrency Testing"). A constraint says which write a read is to see. After each
// run, pairs of a read and a write of one word that never met are candidates; the next run
// tries one of them, by itself or with those that came about in a run which had shown a new one: seldom at first,
// when there is more to be seen near by, every second time later. Tasks that do the same write from the same place, and
// which of them it was matters less than which place: so it is a read with a place whose turn it is.
//
// A constraint is followed by holding tasks back: the reader until the write was made, other
// writers from then until it was read; all writers that are known, if the read is to see what the word held before.
// Who else runs is decided by priorities drawn for the run, in
// some runs with those first whose write is waited for, in some by lot at each step. What cannot
// be followed is given up. Reads and writes are named by task, place and how often the
// task was there, so they mean the same in the next run. An attempt at a lock is a read and a write.
#pragma once

#include <array>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sched/choice.h"
#include "sched/scheduler.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

// The n-th step of a task from a place, as a hash; 0: what a word held before the first write.
using EventName = std::uint64_t;

struct ReadsFrom {
  EventName read = 0, write = 0;
  TaskId writer = kNoTask;
  bool operator==(const ReadsFrom&) const = default;
};

// What runs have shown. One for all runs of the same tasks.
class ReadsFromMemory {
  friend class ReadsFromChoice;
  struct Candidate {
    ReadsFrom pair;
    std::uint64_t kind = 0;  // kind()
    std::uint32_t tried = 0;
  };
  static std::uint64_t key(const ReadsFrom& pair) { return pair.read * 0x9e3779b97f4a7c15u ^ pair.write; }
  // Of all pairs of a read with writes from one place, or with none (0).
  static std::uint64_t kind(EventName read, std::uint64_t place) { return read * 0xbf58476d1ce4e5b9u ^ place; }
  std::unordered_set<std::uint64_t> seen_, known_;  // keys of pairs; known_: those seen, and candidates
  std::vector<Candidate> candidates_;
  std::unordered_map<std::uint64_t, std::uint32_t> tries_;  // by kind; one that came by itself counts as one
  std::uint32_t drawn_ = 0;                         // candidates, so far
  std::vector<std::vector<ReadsFrom>> fruitful_;    // pairs of two tasks in runs that showed a new one
};

class ReadsFromChoice final : public ChoiceSource {
 public:
  // memory: outlives this; the next run's gets the same.
  ReadsFromChoice(std::uint64_t seed, ReadsFromMemory& memory);
  ~ReadsFromChoice() override;  // the run has ended
  ReadsFromChoice(const ReadsFromChoice&) = delete;
  ReadsFromChoice& operator=(const ReadsFromChoice&) = delete;
  TaskId next(const Choice& choice) override;
  void stepped(TaskId task, const Pending& step) override;

 private:
  static constexpr std::size_t kConstraintsMax = 6;
  // With pairs of a fruitful run, of 16: one that was not tried yet, in the first runs and in later ones; one that was.
  static constexpr std::uint32_t kFirstRuns = 16, kJoinedFirst = 2, kJoinedLater = 8, kJoinedAgain = 10;
  struct Constraint {
    ReadsFrom pair;
    enum class State : std::uint8_t { open, written, over } state = State::open;
    const void* object = nullptr;  // once it was written
  };
  struct Write {
    EventName name = 0;  // 0: what was there first
    TaskId writer = kNoTask;
    std::uint64_t place = 0;
  };
  struct Word {
    Write last;
    std::vector<EventName> reads;
    std::vector<Write> writes;
  };

  Word& word(const void* object);
  [[nodiscard]] EventName name(TaskId task, const Pending& step) const;
  void draw_constraints();
  [[nodiscard]] TaskId first_of(std::uint32_t tasks);
  [[nodiscard]] bool held(TaskId task, const Pending& step) const;
  void learn();

  Seeded random_;
  ReadsFromMemory& memory_;
  std::vector<Constraint> constraints_;
  std::array<std::uint32_t, kTasksMax> priority_{};
  std::array<std::unordered_map<std::uint64_t, std::uint32_t>, kTasksMax> times_;  // by place
  // In the order of their first access: addresses are not the same in each process.
  std::vector<Word> words_;
  std::unordered_map<const void*, std::size_t> index_;
  std::vector<ReadsFrom> pairs_;  // of two tasks, in this run
  bool hurries_ = false, walks_ = false;
  bool fruitful_ = false;         // one of them is new
};

}  // namespace daxfuzz::sched
