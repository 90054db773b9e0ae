// SPDX-License-Identifier: GPL-2.0-only
// See choice_random.h.
#include "sched/choice_random.h"

namespace daxfuzz::sched {

TaskId RandomChoice::next(const Choice& choice) {
  return nth_task(choice.runnable, random_.below(task_count(choice.runnable)));
}

}  // namespace daxfuzz::sched
