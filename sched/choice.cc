// SPDX-License-Identifier: GPL-2.0-only
// What strategies share. Read first: choice.h.
#include "sched/choice.h"

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
  std::uint8_t count[1u << kListed];  // x86-64 as such has no instruction for it
};

constexpr Members list_members() {
  Members members{};
  for (std::uint32_t tasks = 0; tasks < 1u << kListed; ++tasks)
    for (std::uint32_t t = 0; t < kListed; ++t)
      if ((tasks >> t & 1u) != 0) members.id[tasks][members.count[tasks]++] = static_cast<TaskId>(t);
  return members;
}

constexpr Members kMembers = list_members();

}  // namespace

std::uint32_t task_count(std::uint32_t tasks) {
  std::uint32_t count = kMembers.count[tasks % (1u << kListed)];
  if constexpr (kTasksMax > kListed)
    while ((tasks >>= kListed) != 0) count += kMembers.count[tasks % (1u << kListed)];
  return count;
}

TaskId nth_task(std::uint32_t tasks, std::uint32_t index) {
  CHECK(tasks < 1u << kTasksMax);
  CHECK(index < task_count(tasks));
  TaskId first = 0;
  if constexpr (kTasksMax > kListed) {
    for (;; first += kListed, tasks >>= kListed) {
      const std::uint32_t here = kMembers.count[tasks % (1u << kListed)];
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
  return nth_task(choice.runnable, random.below(task_count(choice.runnable)));
}

TaskId go_on(const Choice& choice) {
  return choice.laps < kInStepLaps ? keep_current(choice) : out_of_step(choice);
}

}  // namespace daxfuzz::sched
