// SPDX-License-Identifier: GPL-2.0-only
// Following segments, strictly or by labels. Read first: choice_replay.h.
#include "sched/choice_replay.h"

#include <utility>

#include "sched/check.h"
#include "sched/scheduler.h"

namespace daxfuzz::sched {
namespace {

// A label that a changed port reaches later than it did is looked for this far.
constexpr std::uint32_t kResyncStepsMax = 64;

std::string task_name(TaskId task) { return "T" + std::to_string(task); }

std::string at_label(TaskId task, const std::string& label) {
  return label.empty() ? task_name(task) : task_name(task) + "@" + label;
}

}  // namespace

ReplayChoice::ReplayChoice(std::vector<ReplaySegment> segments, ReplayMode mode)
    : segments_(std::move(segments)), mode_(mode) {
  for (const ReplaySegment& segment : segments_) CHECK(segment.task < kTasksMax);
  std::erase_if(segments_, [](const ReplaySegment& segment) { return segment.steps == 0; });
}

// Does the segment, if it is to begin now, begin where it was recorded to?
bool ReplayChoice::fits(Label stood) const {
  const std::string& label = segments_[at_].label;
  return used_ > 0 || at_ == 0 || label.empty() || fnv1a(label) == stood.hash();
}

void ReplayChoice::advance() {
  ++at_;
  used_ = waited_ = 0;
  resynced_ = false;
}

void ReplayChoice::diverge(std::string expected, std::string found) {
  if (!diverged_)
    divergence_ = {
        .step = steps_, .segment = at_, .expected = std::move(expected), .found = std::move(found)};
  diverged_ = true;
  gave_up_ = mode_ == ReplayMode::strict;
}

// The lenient form of a divergence: told once a segment, and the replay goes on.
void ReplayChoice::resync(std::string expected, std::string found) {
  if (resynced_) return;
  resynced_ = true;
  ++resyncs_;
  diverge(std::move(expected), std::move(found));
}

TaskId ReplayChoice::next(const Choice& choice) {
  return mode_ == ReplayMode::strict ? next_strict(choice) : next_lenient(choice);
}

TaskId ReplayChoice::next_strict(const Choice& choice) {
  if (!active()) return go_on(choice);
  const ReplaySegment& segment = segments_[at_];
  if ((choice.runnable >> segment.task & 1u) == 0) {
    diverge(task_name(segment.task) + " can run", task_name(segment.task) + " cannot");
  } else if (!fits(choice.at)) {
    diverge(at_label(choice.current, segment.label), at_label(choice.current, choice.at.text()));
  } else {
    return segment.task;
  }
  return go_on(choice);
}

TaskId ReplayChoice::next_lenient(const Choice& choice) {
  for (; active(); advance()) {
    const ReplaySegment& segment = segments_[at_];
      if ((choice.runnable >> segment.task & 1u) == 0) {
      resync(task_name(segment.task) + " can run", task_name(segment.task) + " cannot");
      continue;
    }
    if (fits(choice.at)) return segment.task;
    resync(at_label(choice.current, segment.label), at_label(choice.current, choice.at.text()));
    if (!choice.current_runnable || waited_ == kResyncStepsMax) return segment.task;
    ++waited_;
    return choice.current;
  }
  return go_on(choice);
}

void ReplayChoice::switched(TaskId, Label at) { stood_ = at; }

// Where there was no choice, or the run is late, next() was not asked, so this is the place that
// sees whether the step was the recorded one.
void ReplayChoice::stepped(TaskId task, const Pending& step) {
  if (active()) {
    const ReplaySegment& segment = segments_[at_];
    const Label stood = task == last_ ? step.at : stood_;
    const bool waits = mode_ == ReplayMode::lenient && waited_ > 0 && used_ == 0 && task == last_ && !fits(stood);
    if (mode_ == ReplayMode::strict && task != segment.task) {
      diverge(task_name(segment.task) + " is next", task_name(task) + " is, and nobody was asked");
    } else if (mode_ == ReplayMode::strict && !fits(stood)) {
      diverge(at_label(last_, segment.label), at_label(last_, stood.text()));
    } else if (task == segment.task && !waits) {
      if (++used_ == segment.steps) advance();
    }
  }
  ++steps_;
  last_ = task;
}

}  // namespace daxfuzz::sched
