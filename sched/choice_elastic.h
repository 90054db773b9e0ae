// SPDX-License-Identifier: GPL-2.0-only
// Strategy: follows segments as places in each task's own progress, for a program
// that is not quite the recorded one. Steps that asked for a lock in vain are not
// counted, on either side: a lock that is free in one program and taken in the other
// does not move every pre-emption after it. If a task must wait before its segment is
// done, later segments run meanwhile, and it goes on as soon as it can. Nothing diverges;
// whoever uses this looks at what came of it. Exact replay is choice_replay.h.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/choice.h"
#include "sched/choice_replay.h"
#include "sched/scheduler.h"

namespace daxfuzz::sched {

class ElasticChoice final : public ChoiceSource {
 public:
  // Labels are not looked at. steps: of progress (Ran::steps less Ran::waits).
  explicit ElasticChoice(const std::vector<ReplaySegment>& segments);

  TaskId next(const Choice& choice) override;
  void stepped(TaskId task, const Pending& step) override;
  void waited(TaskId task) override;

 private:
  struct Goal {
    TaskId task = kNoTask;
    std::uint64_t progress = 0;  // of the task since the start, where the segment ends
  };
  std::vector<Goal> goals_;
  std::size_t at_ = 0;  // the first goal that may not have been reached
  std::uint64_t progress_[kTasksMax] = {};
};

}  // namespace daxfuzz::sched
