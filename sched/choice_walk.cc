// SPDX-License-Identifier: GPL-2.0-only
// Walks weighted by the steps that are left. See choice_walk.h.
#include "sched/choice_walk.h"

#include <algorithm>
#include <bit>

#include "sched/check.h"
#include "sched/running.h"

namespace daxfuzz::sched {
namespace {

// One of the set, in proportion to the steps left; at least 1 for each.
TaskId drawn(std::uint32_t tasks, const StepCounts& left, Seeded& random) {
  CHECK(tasks != 0);
  std::uint32_t sum = 0;
  for (TaskId t = 0; tasks >> t != 0; t++)
    if ((tasks & bit(t)) != 0) sum += std::max(left[t], 1u);
  std::uint32_t at = random.below(sum);
  for (TaskId t = 0;; t++) {
    if ((tasks & bit(t)) == 0) continue;
    const std::uint32_t weight = std::max(left[t], 1u);
    if (at < weight) return t;
    at -= weight;
  }
}

void made(std::uint32_t& left) { left -= left > 0 ? 1 : 0; }

}  // namespace

TaskId UrwChoice::next(const Choice& choice) { return drawn(choice.runnable, left_, random_); }

void UrwChoice::stepped(TaskId task, const Pending&) { made(left_[task]); }

TaskId SurwChoice::next(const Choice& choice) {
  CHECK(choice.runnable != 0 && choice.pending != nullptr);
  std::uint32_t at_place = 0;
  for (TaskId t = 0; choice.runnable >> t != 0; t++)
    if ((choice.runnable & bit(t)) != 0 && choice.pending[t].at == place_) at_place |= bit(t);
  const std::uint32_t elsewhere = choice.runnable & ~at_place;
  // Who cannot run, or has none left, may not be waited for.
  if (intended_ != kNoTask && ((choice.runnable & bit(intended_)) == 0 || left_[intended_] == 0)) intended_ = kNoTask;
  if (intended_ == kNoTask) intended_ = drawn(choice.runnable, left_, random_);
  if ((at_place & bit(intended_)) != 0) return intended_;
  // On the way there: it, or another that is not about to make a counted step.
  return nth_task(elsewhere, random_.below(static_cast<std::uint32_t>(std::popcount(elsewhere))));
}

void SurwChoice::stepped(TaskId task, const Pending& step) {
  if (step.at != place_) return;
  made(left_[task]);
  if (task == intended_) intended_ = kNoTask;
}

}  // namespace daxfuzz::sched
