// SPDX-License-Identifier: GPL-2.0-only
// Of twenty tasks, more than a run has elsewhere (//sched:wide): strategies that draw orders of all steps get lost,
// constraints do not. Read next: strategy_medians.h, strategies_test.cc, sched/choice_reads_from.h.
#include <memory>

#include "explore/classic_programs.h"
#include "explore/strategy_medians.h"
#include "sched/scheduler.h"

namespace daxfuzz::explore::testing {
namespace {

// By itself: what testing.h makes of a program knows explore/, which is not there with so many tasks.
template <class Program>
class Bare {
 public:
  bool fails(sched::ChoiceSource& choices) {
    program_ = std::make_unique<Program>();
    sched::EventLog log{false};
    sched::Scheduler scheduler(choices, log, kStepsMax);
    for (std::uint32_t t = 0; t < Program::tasks(); t++) {
      tasks_[t] = {program_.get(), t};
      scheduler.spawn([](void* task) {
        const Task& own = *static_cast<Task*>(task);
        own.program->task(own.number);
      }, &tasks_[t]);
    }
    return scheduler.run() != sched::Outcome::finished || program_->wrong;
  }

 private:
  static constexpr std::uint64_t kStepsMax = 2000;
  struct Task {
    Program* program = nullptr;
    std::uint32_t number = 0;
  };
  std::unique_ptr<Program> program_;
  std::array<Task, sched::kTasksMax> tasks_;
};

TEST(Strategies, Reorder20) {
  const Medians medians = expect_found<Bare<Reorder20<false>>, Bare<Reorder20<true>>>("reorder_20", 3);
  EXPECT_LE(medians[static_cast<std::size_t>(sched::Strategy::reads_from)], 3u);
}

}  // namespace
}  // namespace daxfuzz::explore::testing
