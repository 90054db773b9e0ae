// SPDX-License-Identifier: GPL-2.0-only
// See race_detector.h.
#include "sched/race_detector.h"

#include <algorithm>

namespace daxfuzz::sched {

RaceDetector::RaceDetector(Function function, const void* arg) : function_(function), arg_(arg) {
  for (std::size_t t = 0; t < kTasksMax; t++) clocks_[t][t] = 1;
}

void RaceDetector::accessed(TaskId task, const Access& access, Label at) {
  const bool load = access.kind == AccessKind::plain_read;
  if (!load && !access.writes()) return;
  Word& word = words_[access.object];
  const RaceSide self = {.task = task, .function = function_(arg_, task), .at = at};
  Last& own = load ? word.load : word.write;
  own.when[task] = clocks_[task][task];
  own.side[task] = self;
  const Last& other = load ? word.write : word.load;
  for (TaskId t = 0; t < kTasksMax; t++) {
    if (t == task || other.when[t] <= clocks_[task][t]) continue;
    found({.word = access.object, .load = load ? self : other.side[t],
           .write = load ? other.side[t] : self, .load_first = !load});
  }
}

void RaceDetector::acquired(TaskId task, const void* edge) {
  const auto at = edges_.find(edge);
  if (at == edges_.end()) return;
  for (std::size_t t = 0; t < kTasksMax; t++) clocks_[task][t] = std::max(clocks_[task][t], at->second[t]);
}

void RaceDetector::released(TaskId task, const void* edge) {
  Clock& clock = edges_[edge];
  for (std::size_t t = 0; t < kTasksMax; t++) clock[t] = std::max(clock[t], clocks_[task][t]);
  clocks_[task][task]++;
}

void RaceDetector::found(const Race& race) {
  const bool known = std::any_of(races_.begin(), races_.end(), [&](const Race& other) {
    return other.word == race.word && other.load == race.load && other.write == race.write;
  });
  if (!known) races_.push_back(race);
}

}  // namespace daxfuzz::sched
