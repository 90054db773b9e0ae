// SPDX-License-Identifier: GPL-2.0-only
// Strategy: follows segments that an earlier run recorded (Scheduler::schedule()).
// Counts all steps, also those where there was no choice, so that a place in the
// program is a place in the segments. After the last segment, and after a strict
// replay has diverged, a task runs as long as it can, then the lowest id.
//
// Strict: what does not fit is a divergence and ends the replay. Lenient: labels
// win over counts, for traces made before the port changed.
#pragma once

#include <string>
#include <vector>

#include "sched/choice.h"

namespace daxfuzz::sched {

// `steps` steps of `task`. label: where the task before it stood when this
// segment began; empty: not known, anything fits.
struct ReplaySegment {
  TaskId task = kNoTask;
  std::uint32_t steps = 0;
  std::string label;
};

struct Divergence {
  std::uint64_t step = 0;     // steps made before it
  std::size_t segment = 0;    // index
  std::string expected, found;
};

enum class ReplayMode : std::uint8_t { strict, lenient };

class ReplayChoice final : public ChoiceSource {
 public:
  explicit ReplayChoice(std::vector<ReplaySegment> segments, ReplayMode mode = ReplayMode::strict);

  TaskId next(const Choice& choice) override;
  void switched(TaskId to, Label at) override;
  void stepped(TaskId task, const Pending& step) override;

  [[nodiscard]] bool diverged() const { return diverged_; }
  [[nodiscard]] const Divergence& divergence() const { return divergence_; }  // the first
  // Lenient: how many segments did not begin where their label says, or were skipped.
  [[nodiscard]] std::uint32_t resyncs() const { return resyncs_; }
  // All segments were used to their end. A strict replay that is not complete
  // although it did not diverge ended earlier than its recording.
  [[nodiscard]] bool complete() const { return at_ == segments_.size() && !gave_up_; }

 private:
  [[nodiscard]] bool active() const { return at_ < segments_.size() && !gave_up_; }
  [[nodiscard]] bool fits(Label stood) const;
  TaskId next_strict(const Choice& choice);
  TaskId next_lenient(const Choice& choice);
  void advance();
  void diverge(std::string expected, std::string found);
  void resync(std::string expected, std::string found);

  std::vector<ReplaySegment> segments_;
  ReplayMode mode_;
  std::size_t at_ = 0;          // the segment that runs or is next
  std::uint32_t used_ = 0;      // its steps that were made
  std::uint32_t waited_ = 0;    // lenient: choices given to the running task for the label's sake
  bool resynced_ = false;       // lenient: this segment is counted already
  bool gave_up_ = false;        // strict: after a divergence
  bool diverged_ = false;
  Divergence divergence_;
  std::uint32_t resyncs_ = 0;
  std::uint64_t steps_ = 0;
  TaskId last_ = kNoTask;
  Label stood_;                 // where the task before the last switch stood
};

}  // namespace daxfuzz::sched
