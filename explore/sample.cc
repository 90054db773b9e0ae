// SPDX-License-Identifier: GPL-2.0-only
// Runs of a program under drawn schedules, each with its decisions written down. See sample.h.
#include "explore/sample.h"

#include <algorithm>

#include "exec/set_up.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

// What another strategy decides, written down.
class RecordedChoice final : public sched::ChoiceSource {
 public:
  explicit RecordedChoice(sched::ChoiceSource& choices) : choices_(choices) {}
  sched::TaskId next(const sched::Choice& choice) override {
    decisions_.push_back(choices_.next(choice));
    return decisions_.back();
  }
  void switched(sched::TaskId to, sched::Label at) override { choices_.switched(to, at); }
  void stepped(sched::TaskId task, const sched::Pending& step) override { choices_.stepped(task, step); }
  void waited(sched::TaskId task) override { choices_.waited(task); }
  [[nodiscard]] const Decisions& decisions() const { return decisions_; }

 private:
  sched::ChoiceSource& choices_;
  Decisions decisions_;
};

}  // namespace

Report sample(const trace::Program& program, const ProgramLimits& limits, sched::Strategy strategy,
              std::uint64_t seed, exec::Options options, const std::function<bool()>& interrupted) {
  CHECK(options.choices == nullptr && options.watcher == nullptr);
  sched::Sampler sampler(strategy, seed);
  Report report;
  report.cut = Cut::executions;
  options.keep_schedule = false;
  while (report.executions < limits.executions) {
    if (interrupted && interrupted()) {
      report.cut = Cut::interrupted;
      break;
    }
    RecordedChoice recorded(sampler.next_run());
    exec::SetUpFirst choices(recorded, limits.set_up);
    options.choices = &choices;
    const exec::Execution run = exec::execute(program, options);
    report.executions++;
    report.steps_longest = std::max(report.steps_longest, run.steps);
    const auto [at, made] = report.outcomes.try_emplace(outcome_key(run));
    if (made) at->second = {.failed = run.failed(), .executions = 0, .decisions = recorded.decisions()};
    at->second.executions++;
    if (!run.failed() || !limits.first_failure) continue;
    report.cut = Cut::failure;
    break;
  }
  return report;
}

}  // namespace daxfuzz::explore
