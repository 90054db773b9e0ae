// SPDX-License-Identifier: GPL-2.0-only
// What strategies share. Read first: choice.h.
#include "sched/choice.h"

#include <bit>

#include "sched/check.h"
#include "sched/scheduler.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {
namespace {

// For every set of tasks its members in order. A loop that clears low bits costs
// a mispredicted branch in nearly every random choice.
constexpr std::uint32_t kListed = 8;
struct Members {
  TaskId id[1u << kListed][kListed];
};

constexpr Members list_members() {
  Members members{};
  for (std::uint32_t tasks = 0; tasks < 1u << kListed; ++tasks)
    for (std::uint32_t t = 0, index = 0; t < kListed; ++t)
      if ((tasks >> t & 1u) != 0) members.id[tasks][index++] = static_cast<TaskId>(t);
  return members;
}

constexpr Members kMembers = list_members();

}  // namespace

TaskId nth_task(std::uint32_t tasks, std::uint32_t index) {
  CHECK(tasks < 1u << kTasksMax);
  CHECK(index < static_cast<std::uint32_t>(std::popcount(tasks)));
  TaskId first = 0;
  if constexpr (kTasksMax > kListed) {
    for (;; first += kListed, tasks >>= kListed) {
      const auto here = static_cast<std::uint32_t>(std::popcount(tasks % (1u << kListed)));
      if (index < here) break;
      index -= here;
    }
    tasks %= 1u << kListed;
  }
  return static_cast<TaskId>(first + kMembers.id[tasks][index]);
}

TaskId keep_current(const Choice& choice) {
  CHECK(choice.runnable != 0);
  return choice.current_runnable ? choice.current : nth_task(choice.runnable, 0);
}

TaskId out_of_step(const Choice& choice) {
  Seeded random(choice.step);
  return nth_task(choice.runnable, random.below(static_cast<std::uint32_t>(std::popcount(choice.runnable))));
}

TaskId go_on(const Choice& choice) {
  return choice.laps < kInStepLaps ? keep_current(choice) : out_of_step(choice);
}

}  // namespace daxfuzz::sched
