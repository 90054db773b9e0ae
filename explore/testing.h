// SPDX-License-Identifier: GPL-2.0-only
// For tests: tasks on the primitives of sched/ as subjects of a search.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "explore/arena.h"
#include "explore/search.h"
#include "sched/primitives.h"
#include "sched/scheduler.h"

namespace daxfuzz::explore::testing {

// Shared is what the tasks share: `tasks()` of them run `task(t)`; text() is what they came
// to, with a '!' in it if they should not have. Made anew for each run by `make`.
template <class Shared>
class Tasks final : public Subject {
 public:
  using Make = Shared (*)();
  explicit Tasks(Make make = [] { return Shared(); }) : make_(make) {
    sched::ChoiceSource* first = new DecidedChoice({});
    (void)run(*first, false);  // stacks are made before the arena is used
    delete first;
  }

  Outcome run(sched::ChoiceSource& choices) override {
    const ArenaScope scope;
    const Outcome outcome = run(choices, true);
    const ArenaPause pause;
    Outcome copy = outcome;
    copy.key = std::string(outcome.key);
    return copy;
  }

  bool fingerprint(sched::Fingerprint& out) const override {
    if (!arena_available()) return false;
    scheduler_->fingerprint(out);
    arena_fingerprint(out);
    return true;
  }

 private:
  struct Task {
    Shared* shared;
    std::uint32_t number;
  };

  Outcome run(sched::ChoiceSource& choices, bool parked) {
    auto shared = std::make_unique<Shared>(make_());
    sched::EventLog log(false);
    Task tasks[sched::kTasksMax];
    sched::Scheduler scheduler(choices, log, kStepsMax);
    scheduler_ = &scheduler;
    if (parked) scheduler.park_tasks();
    for (std::uint32_t t = 0; t < shared->tasks(); t++) {
      tasks[t] = {shared.get(), t};
      scheduler.spawn([](void* arg) {
        auto* task = static_cast<Task*>(arg);
        task->shared->task(task->number);
      }, &tasks[t]);
    }
    static constexpr const char* kNames[] = {"finished", "stuck!", "budget!", "stopped"};
    Outcome outcome;
    outcome.key = kNames[static_cast<std::size_t>(scheduler.run())];
    outcome.key += " " + shared->text();
    outcome.failed = outcome.key.find('!') != std::string::npos;
    outcome.steps = scheduler.steps();
    scheduler_ = nullptr;
    return outcome;
  }

  static constexpr std::uint64_t kStepsMax = 2000;
  Make make_;
  const sched::Scheduler* scheduler_ = nullptr;
};

// The outcomes' keys, a line each.
inline std::string keys(const Report& report) {
  std::string text;
  for (const auto& [key, found] : report.outcomes) text += key + "\n";
  return text;
}

}  // namespace daxfuzz::explore::testing
