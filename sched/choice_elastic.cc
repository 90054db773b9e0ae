// SPDX-License-Identifier: GPL-2.0-only
// Segments as places in each task's progress. Read first: choice_elastic.h.
#include "sched/choice_elastic.h"

#include "sched/check.h"

namespace daxfuzz::sched {

ElasticChoice::ElasticChoice(const std::vector<ReplaySegment>& segments) {
  std::uint64_t ends[kTasksMax] = {};
  goals_.reserve(segments.size());
  for (const ReplaySegment& segment : segments) {
    CHECK(segment.task < kTasksMax);
    goals_.push_back({.task = segment.task, .progress = ends[segment.task] += segment.steps});
  }
}

TaskId ElasticChoice::next(const Choice& choice) {
  while (at_ < goals_.size() && progress_[goals_[at_].task] >= goals_[at_].progress) ++at_;
  for (std::size_t i = at_; i < goals_.size(); ++i) {
    const Goal& goal = goals_[i];
    const bool runnable = (choice.runnable >> goal.task & 1u) != 0;
    if (runnable && progress_[goal.task] < goal.progress) return goal.task;
  }
  return go_on(choice);
}

void ElasticChoice::stepped(TaskId task, const Pending&) { ++progress_[task]; }
void ElasticChoice::waited(TaskId task) {
  CHECK(progress_[task] > 0);
  --progress_[task];
}

}  // namespace daxfuzz::sched
