// SPDX-License-Identifier: GPL-2.0-only
// What a run did, as far as strategies want to know it of the next run of the same tasks: how
// many steps each task made, from where, and which places are contended: there, tasks
// access words that another task accesses too, and one of them writes, or nobody knows what. The order of other steps
// decides nothing by itself. Places are labels, so a profile is of use in every process.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sched/choice.h"
#include "sched/choice_walk.h"

namespace daxfuzz::sched {

struct Place {
  Label at;
  StepCounts steps{};  // of each task, from here
  bool contended = false;
};

struct Profile {
  StepCounts steps{};         // of each task
  std::vector<Place> places;  // in the order in which they were come to
  // Of several runs: the most steps that one had, all places, contended if they were in one.
  void add(const Profile& run);
  // Of all tasks from these places (hashes of labels); from all, if there are none.
  [[nodiscard]] std::uint32_t steps_at(const std::vector<std::uint64_t>& some) const;
  [[nodiscard]] std::vector<std::uint64_t> contended_places() const;  // hashes of their labels
};

// A strategy that has another one choose, and profiles the run.
class ProfiledChoice final : public ChoiceSource {
 public:
  explicit ProfiledChoice(ChoiceSource& choices) : choices_(choices) {}
  TaskId next(const Choice& choice) override { return choices_.next(choice); }
  void switched(TaskId to, Label at) override { choices_.switched(to, at); }
  void waited(TaskId task) override { choices_.waited(task); }
  void stepped(TaskId task, const Pending& step) override;
  [[nodiscard]] Profile profile() const;

 private:
  struct Use {
    std::uint32_t users = 0, writers = 0;  // bit t: task t
    std::vector<std::uint64_t> places;     // hashes of labels
  };
  ChoiceSource& choices_;
  std::unordered_map<const void*, Use> uses_;
  std::unordered_map<std::uint64_t, std::size_t> index_;  // by label, into profile_.places
  Profile profile_;
};

}  // namespace daxfuzz::sched
