// SPDX-License-Identifier: GPL-2.0-only
// See choice_random.h.
#include "sched/choice_random.h"

#include <bit>

namespace daxfuzz::sched {

TaskId RandomChoice::next(const Choice& choice) {
  const auto tasks = static_cast<std::uint32_t>(std::popcount(choice.runnable));
  return nth_task(choice.runnable, random_.below(tasks));
}

}  // namespace daxfuzz::sched
