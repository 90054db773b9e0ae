// SPDX-License-Identifier: GPL-2.0-only
// Priorities and the steps at which they change. See choice_pct.h.
#include "sched/choice_pct.h"

#include <algorithm>
#include <utility>

#include "sched/check.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

PctChoice::PctChoice(std::uint64_t seed, std::uint32_t depth, std::uint64_t steps)
    : lowest_(1 - static_cast<std::int32_t>(depth)), count_(depth - 1) {
  CHECK(depth >= 1 && depth <= kDepthMax);
  CHECK(steps >= 1 && steps <= UINT32_MAX);
  Seeded random(seed);
  for (std::uint32_t t = 0; t < kTasksMax; t++) priority_[t] = static_cast<std::int32_t>(t);
  for (std::uint32_t t = kTasksMax; t > 1; t--)
    std::swap(priority_[t - 1], priority_[random.below(t)]);
  // Which of the low priorities comes first is drawn with the steps: sorting mixes them.
  for (std::uint32_t i = 0; i < count_; i++)
    changes_[i] = {random.below(static_cast<std::uint32_t>(steps)), -1 - static_cast<std::int32_t>(i)};
  std::sort(changes_, changes_ + count_,
            [](const Change& a, const Change& b) { return a.step < b.step; });
}

TaskId PctChoice::next(const Choice& choice) {
  CHECK(choice.runnable != 0);
  for (; passed_ < count_ && changes_[passed_].step <= choice.step; passed_++)
    if (choice.current != kNoTask) priority_[choice.current] = changes_[passed_].priority;
  if (patience_ >= kPatience) {
    priority_[favourite_] = --lowest_;
    patience_ = 0;
  }
  TaskId best = kNoTask;
  for (TaskId t = 0; t < kTasksMax; t++)
    if ((choice.runnable >> t & 1u) != 0 && (best == kNoTask || priority_[t] > priority_[best]))
      best = t;
  patience_ = best == favourite_ ? patience_ + 1 : 0;
  favourite_ = best;
  return best;
}

}  // namespace daxfuzz::sched
