// SPDX-License-Identifier: GPL-2.0-only
// Every schedule of a subject with few runs: what its tasks' steps do is learnt from runs, all
// states are gone through in what was learnt, and a run is made only for a step, or an end, that is not
// known yet. For tasks that tell what they access (sched/access.h); README.md says what that must
// cover and what is promised then. Read first: machine.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "explore/search.h"

namespace daxfuzz::explore {

// Of Report, merged: runs that were cut short, for nothing that was not known could follow.
struct Learnt : Report {
  // Why nothing is claimed: the tasks do not tell enough. Empty: they may.
  std::string untold;
  std::uint64_t steps = 0;        // that were learnt
  std::uint64_t transitions = 0;  // between states
  // UINT64_MAX: that or more; 0: not counted.
  std::uint64_t schedules = 0;
  std::uint64_t classes = 0;  // of schedules that differ in the order of steps that do not conflict only

  [[nodiscard]] bool complete() const { return untold.empty() && Report::complete(); }
};

// Of Limits: executions, states, steps, first_failure. No bound on pre-emptions, and no parts.
[[nodiscard]] Learnt learn(TaskSubject& subject, const Limits& limits, const std::function<bool()>& interrupted = {});

// By that, or if the tasks do not tell enough, by states (search.h).
[[nodiscard]] Report reduced(TaskSubject& subject, const Limits& limits, const std::function<bool()>& interrupted = {});

}  // namespace daxfuzz::explore
