// SPDX-License-Identifier: GPL-2.0-only
// A program run under a search's decisions, in the arena. See program.h.
#include "explore/program.h"

#include <optional>
#include <utility>

#include "exec/set_up.h"
#include "explore/arena.h"
#include "explore/parts.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

class ProgramSubject final : public Subject, public exec::StateWatcher {
 public:
  ProgramSubject(const trace::Program& program, const ProgramLimits& limits, exec::Options options)
      : program_(program), set_up_(limits.set_up), options_(options) {
    options_.watcher = this;
    warm_up();
  }

  Outcome run(sched::ChoiceSource& choices) override {
    // At one address in each run: a run that was put back asks it, too.
    choices_.emplace(choices, set_up_);
    options_.choices = &*choices_;
    const ArenaScope scope;
    const exec::Execution execution = exec::execute(program_, options_);
    const ArenaPause pause;
    return {.key = outcome_key(execution), .failed = execution.failed(), .steps = execution.steps};
  }

  bool fingerprint(sched::Fingerprint& out) const override {
    CHECK(state_ != nullptr);
    if (!arena_available()) return false;
    state_->fingerprint(out);
    arena_fingerprint(out);
    return true;
  }

  void save(Snapshot& to) const override {
    arena_save(to.memory);
    state_->save_stacks(to.stacks);
  }
  void restore(const Snapshot& from) override {
    arena_restore(from.memory);
    state_->restore_stacks(from.stacks);
  }

  void watch(exec::State* state) override { state_ = state; }

 private:
  // What is made once a thread, stacks above all, is made before the arena is used.
  void warm_up() {
    DecidedChoice first({});
    options_.choices = &first;
    (void)exec::execute(program_, options_);
  }

  const trace::Program& program_;
  const std::uint32_t set_up_;
  exec::Options options_;
  std::optional<exec::SetUpFirst> choices_;
  exec::State* state_ = nullptr;
};

}  // namespace

std::string outcome_key(const exec::Execution& execution) {
  std::string key = execution.signature() + " |";
  for (const std::int64_t result : execution.results)
    key += result == INT64_MIN ? " -" : " " + std::to_string(result);
  return key;
}

Report explore(const trace::Program& program, const ProgramLimits& limits, exec::Options options,
               const std::function<bool()>& interrupted) {
  CHECK(options.choices == nullptr && options.watcher == nullptr);
  ProgramSubject subject(program, limits, options);
  Limits bounded = limits;
  bounded.steps = exec::steps_max(program, options) / 2;  // beyond it nobody is asked who runs (sched/scheduler.h)
  bounded.merge = limits.merge && arena_available();  // nor is a state kept that cannot be put back
  return search(subject, bounded, interrupted);
}

std::vector<Decisions> split(const trace::Program& program, const ProgramLimits& limits, std::size_t wanted) {
  ProgramSubject subject(program, limits, {});
  Limits bounded = limits;
  bounded.merge = limits.merge && arena_available();
  return split(subject, bounded, wanted);
}

trace::Program with_decisions(const trace::Program& program, const ProgramLimits& limits,
                              const Decisions& decisions, exec::Options options) {
  DecidedChoice decided(decisions);
  exec::SetUpFirst choices(decided, limits.set_up);
  options.choices = &choices;
  return exec::with_schedule(program, exec::execute(program, options));
}

}  // namespace daxfuzz::explore
