// SPDX-License-Identifier: GPL-2.0-only
// Strategy: what was not tried. Over many runs of the same tasks it remembers which task was
// chosen in which state, and which choices lead to nothing but ends that were come to: a random
// walk that avoids these.
//
// A state is known by its happens-before fingerprint (Musuvathi and Qadeer 2007, "Partial-Order Reduction
// for Context-Bounded State Exploration"): a hash a task of what it accessed and of the writes
// that it saw, so orders of steps that do not conflict come to one state. Steps that access
// nothing that is known count as conflicting with nothing. A heuristic, never a proof: explore/ has those.
#pragma once

#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sched/choice.h"
#include "sched/scheduler.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

// What was chosen in each state. One for all runs of the same tasks.
class Visits {
 public:
  // All choices of all states lead to ends that were come to.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  friend class FreshChoice;
  struct Node {
    std::uint32_t runnable = 0, exhausted = 0;  // bit t: task t
  };
  std::unordered_map<std::uint64_t, Node> nodes_;
  bool exhausted_ = false;
};

class FreshChoice final : public ChoiceSource {
 public:
  // visits: outlives this; the next run's FreshChoice gets the same. contended: hashes of places
  // (Profile); steps from others are made at once, without a choice. Empty: every place is one.
  FreshChoice(std::uint64_t seed, Visits& visits, std::vector<std::uint64_t> contended)
      : random_(seed), visits_(visits), contended_(std::move(contended)) {}
  ~FreshChoice() override;  // the run has ended
  FreshChoice(const FreshChoice&) = delete;
  FreshChoice& operator=(const FreshChoice&) = delete;
  TaskId next(const Choice& choice) override;
  void stepped(TaskId task, const Pending& step) override;

 private:
  struct Word {
    std::uint64_t written = 0;  // the history of the last writer, at its write
    std::uint64_t read = 0;     // of those that read since: a sum, for they have no order
  };
  [[nodiscard]] bool alone(const Pending& step) const;
  [[nodiscard]] std::uint64_t state() const;

  Seeded random_;
  Visits& visits_;
  std::vector<std::uint64_t> contended_;
  std::array<std::uint64_t, kTasksMax> history_{};
  std::unordered_map<const void*, Word> words_;
  std::vector<std::pair<Visits::Node*, TaskId>> path_;  // of this run
};

}  // namespace daxfuzz::sched
