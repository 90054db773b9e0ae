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
#include "sched/testing.h"

namespace daxfuzz::explore::testing {

using sched::testing::Memory;

// Shared is what the tasks share: `tasks()` of them run `task(t)`; text() is what they came
// to, with a '!' in it if they should not have. Made anew for each run by `make`.
template <class Shared>
class Tasks final : public TaskSubject {
 public:
  using Make = Shared (*)();
  explicit Tasks(Make make = [] { return Shared(); }, Memory memory = Memory::sc) : make_(make), memory_(memory) {
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

  // A run outside of a search: any memory, and no task is parked.
  Outcome sample(sched::ChoiceSource& choices) { return run(choices, false); }

  bool fingerprint(sched::Fingerprint& out) const override {
    if (!arena_available()) return false;
    scheduler_->fingerprint(out);
    arena_fingerprint(out);
    return true;
  }

  void save(Snapshot& to) const override {
    arena_save(to.memory);
    scheduler_->save_stacks(to.stacks);
  }
  void restore(const Snapshot& from) override {
    arena_restore(from.memory);
    scheduler_->restore_stacks(from.stacks);
  }
  void tell(EndedHook* hook) override { hook_ = hook; }

 private:
  struct Task {
    Shared* shared;
    std::uint32_t number;
  };
  // What a run has beside what the tasks share; at one address in each run.
  struct Run {
    explicit Run(sched::ChoiceSource& choices) : scheduler(choices, log, kStepsMax) {}
    sched::EventLog log{false};
    sched::Scheduler scheduler;
    Task tasks[sched::kTasksMax];
  };
  // When nobody can go on, and stacks are still there.
  struct Stuck final : sched::StuckHook {
    explicit Stuck(Tasks& tasks_in) : tasks(tasks_in) {}
    bool stuck() override {
      if (tasks.hook_ != nullptr) tasks.hook_->ended(*tasks.scheduler_);
      return false;
    }
    Tasks& tasks;
  };
  static std::unique_ptr<Run> make_run(sched::ChoiceSource& choices) {
    const sched::Bookkeeping scope;
    return std::make_unique<Run>(choices);
  }

  Outcome run(sched::ChoiceSource& choices, bool parked) {
    auto shared = std::make_unique<Shared>(make_());
    const std::unique_ptr<Run> run = make_run(choices);
    scheduler_ = &run->scheduler;
    if (parked) scheduler_->park_tasks();
    if (memory_ == Memory::tso) scheduler_->buffer_stores();
    for (std::uint32_t t = 0; t < shared->tasks(); t++) {
      run->tasks[t] = {shared.get(), t};
      scheduler_->spawn([](void* arg) {
        auto* task = static_cast<Task*>(arg);
        task->shared->task(task->number);
      }, &run->tasks[t]);
    }
    static constexpr const char* kNames[] = {"finished", "stuck!", "budget!", "stopped"};
    Outcome outcome;
    Stuck stuck(*this);
    outcome.key = kNames[static_cast<std::size_t>(scheduler_->run(&stuck))];
    if (hook_ != nullptr) hook_->ended(*scheduler_);
    outcome.key += " " + shared->text();
    outcome.failed = outcome.key.find('!') != std::string::npos;
    outcome.steps = scheduler_->steps();
    // Of a late run nobody would be asked, and no search of it would be complete.
    CHECK(outcome.steps < kStepsMax / 2 || outcome.key.starts_with("budget!"));
    scheduler_ = nullptr;
    return outcome;
  }

  static constexpr std::uint64_t kStepsMax = 2000;
  Make make_;
  Memory memory_;
  sched::Scheduler* scheduler_ = nullptr;
  EndedHook* hook_ = nullptr;
};

// The outcomes' keys, a line each.
inline std::string keys(const Report& report) {
  std::string text;
  for (const auto& [key, found] : report.outcomes) text += key + "\n";
  return text;
}

}  // namespace daxfuzz::explore::testing
