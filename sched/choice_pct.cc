// SPDX-License-Identifier: GPL-2.0-only
// Priorities and the steps at which they change. See choice_pct.h.
#include "sched/choice_pct.h"

#include <algorithm>
#include <utility>

#include "sched/check.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

PctChoice::PctChoice(std::uint64_t seed, std::uint32_t depth, std::uint64_t steps,
                     std::vector<std::uint64_t> places)
    : lowest_(1 - static_cast<std::int32_t>(depth)), count_(depth - 1), places_(std::move(places)) {
  CHECK(depth >= 1 && depth <= kDepthMax);
  CHECK(steps >= 1 && steps <= UINT32_MAX);
  Seeded random(seed);
  for (std::uint32_t t = 0; t < kTasksMax; t++) priority_[t] = static_cast<std::int32_t>(t);
  for (std::uint32_t t = kTasksMax; t > 1; t--)
    std::swap(priority_[t - 1], priority_[random.below(t)]);
  // Which of the low priorities comes first is drawn with the steps: sorting mixes them.
  const auto all = static_cast<std::uint32_t>(steps);
  if (!places_.empty()) count_ = std::min(count_, all - 1);
  for (std::uint32_t i = 0; i < count_; i++)
    changes_[i] = {places_.empty() ? random.below(all) : another(random, all, i), -1 - static_cast<std::int32_t>(i)};
  std::sort(changes_, changes_ + count_,
            [](const Change& a, const Change& b) { return a.step < b.step; });
}

// One of 1..steps-1 that none of the first `drawn` changes is at.
std::uint64_t PctChoice::another(Seeded& random, std::uint32_t steps, std::uint32_t drawn) const {
  for (;;) {
    const std::uint64_t step = 1 + random.below(steps - 1);
    const bool taken = std::any_of(changes_, changes_ + drawn, [&](const Change& c) { return c.step == step; });
    if (!taken) return step;
  }
}

TaskId PctChoice::next(const Choice& choice) {
  CHECK(choice.runnable != 0);
  if (choice.laps >= kInStepLaps) return out_of_step(choice);
  const std::uint64_t now = places_.empty() ? choice.step : counted_;
  for (; passed_ < count_ && changes_[passed_].step <= now; passed_++)
    if (choice.current != kNoTask) priority_[choice.current] = changes_[passed_].priority;
  if (patience_ >= kPatience) {
    priority_[favourite_] = --lowest_;
    patience_ = 0;
  }
  TaskId best = kNoTask;
  for (TaskId t = 0; t < kTasksMax; t++)
    if ((choice.runnable >> t & 1u) != 0 && (best == kNoTask || priority_[t] > priority_[best]))
      best = t;
  for (TaskId t = 0; t < kTasksMax; t++) {
    const bool waits = (choice.runnable >> t & 1u) != 0 && t != best;
    passed_over_[t] = waits ? passed_over_[t] + 1 : 0;
    if (passed_over_[t] == kStarved) priority_[t] = highest_++;
  }
  patience_ = best == favourite_ ? patience_ + 1 : 0;
  favourite_ = best;
  return best;
}

std::uint64_t PctChoice::plan(std::uint32_t tasks) const {
  std::uint64_t hash = kFnvBasis;
  const auto add = [&](std::uint64_t word) { hash = (hash ^ word) * kFnvPrime; };
  for (std::uint32_t t = 0; t < tasks; t++) {
    const auto lower = [&](std::int32_t priority) { return priority < priority_[t]; };
    add(static_cast<std::uint64_t>(std::count_if(priority_, priority_ + tasks, lower)));
  }
  for (std::uint32_t i = 0; i < count_; i++) {
    add(changes_[i].step);
    add(static_cast<std::uint32_t>(changes_[i].priority));
  }
  return hash;
}

void PctChoice::stepped(TaskId, const Pending& step) {
  if (std::find(places_.begin(), places_.end(), step.at.hash()) != places_.end()) counted_++;
}

}  // namespace daxfuzz::sched
