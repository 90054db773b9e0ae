// SPDX-License-Identifier: GPL-2.0-only
// Priorities of next steps, and which are drawn anew. See choice_pos.h.
#include "sched/choice_pos.h"

#include "sched/check.h"
#include "sched/running.h"

namespace daxfuzz::sched {

TaskId PosChoice::next(const Choice& choice) {
  CHECK(choice.runnable != 0);
  TaskId best = kNoTask;
  for (TaskId t = 0; choice.runnable >> t != 0; t++) {
    if ((choice.runnable & bit(t)) == 0) continue;
    if ((drawn_ & bit(t)) == 0) priority_[t] = random_.below(UINT32_MAX);
    drawn_ |= bit(t);
    if (best == kNoTask || priority_[t] > priority_[best]) best = t;
  }
  if (choice.pending == nullptr) return best;
  for (TaskId t = 0; drawn_ >> t != 0; t++)
    if (t != best && conflict(choice.pending[t].access, choice.pending[best].access)) drawn_ &= ~bit(t);
  return best;
}

// Also where there was no choice: what the task does next is another step.
void PosChoice::stepped(TaskId task, const Pending&) { drawn_ &= ~bit(task); }

}  // namespace daxfuzz::sched
