// SPDX-License-Identifier: GPL-2.0-only
// Data races of one run, in every build: an access watcher with a vector clock a task
// (Fidge 1988, Mattern 1988). A race is a plain load and a write of the same word by two
// tasks that no release and acquire orders: what KCSAN reports under
// CONFIG_KCSAN_ASSUME_PLAIN_WRITES_ATOMIC, and what ThreadSanitizer reports of the port.
// As with these, it need not have done harm, nor the two have come together in this run.
//
// Differs from TSan: it sees the words of primitives.h only, and of each word the last load and
// the last write of each task, so whether a word races is always told, and of the places that race
// the last. TSan keeps the last few accesses, and does not report a word again that it has reported.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sched/access.h"
#include "sched/scheduler.h"

namespace daxfuzz::sched {

struct RaceSide {
  TaskId task = kNoTask;
  Label function;  // that the task was in
  Label at;        // of the access; empty for a write that is no step of its own
  bool operator==(const RaceSide&) const = default;
};

struct Race {
  const void* word = nullptr;
  RaceSide load, write;
  bool load_first = false;  // in the order of the run
};

class RaceDetector final : public AccessWatcher {
 public:
  // function(arg, task): where the task is.
  using Function = Label (*)(const void* arg, TaskId task);
  RaceDetector(Function function, const void* arg);

  void accessed(TaskId task, const Access& access, Label at) override;
  void acquired(TaskId task, const void* edge) override;
  void released(TaskId task, const void* edge) override;

  // In the order in which they showed; each pair of places of a word once.
  [[nodiscard]] const std::vector<Race>& races() const { return races_; }

 private:
  using Clock = std::array<std::uint32_t, kTasksMax>;
  // The last access of a kind by each task: when, by its own clock; 0: none.
  struct Last {
    Clock when{};
    std::array<RaceSide, kTasksMax> side;
  };
  struct Word {
    Last load, write;
  };

  void found(const Race& race);

  Function function_;
  const void* arg_;
  std::array<Clock, kTasksMax> clocks_{};
  std::unordered_map<const void*, Clock> edges_;
  std::unordered_map<const void*, Word> words_;
  std::vector<Race> races_;
};

}  // namespace daxfuzz::sched
