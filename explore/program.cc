// SPDX-License-Identifier: GPL-2.0-only
// A program run under a search's decisions, in the arena. See program.h.
#include "explore/program.h"

#include <optional>
#include <utility>

#include "explore/arena.h"
#include "explore/parts.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

// Lets thread 0 come to the end of its first ops before it asks another strategy.
class SetUpFirst final : public sched::ChoiceSource {
 public:
  SetUpFirst(sched::ChoiceSource& then, std::uint32_t ops) : then_(then), ops_(ops) {}

  sched::TaskId next(const sched::Choice& choice) override {
    if (begun_ == ops_ && (ops_ == 0 || (choice.current == 0 && choice.at == sched::Label("op"))))
      over_ = true;
    if (over_ || (choice.runnable & 1u) == 0) return then_.next(choice);
    return 0;
  }
  void stepped(sched::TaskId task, sched::Label from) override {
    if (task == 0 && from == sched::Label("op") && !over_) begun_++;
  }

 private:
  sched::ChoiceSource& then_;
  std::uint32_t ops_;
  std::uint32_t begun_ = 0;  // ops of thread 0
  bool over_ = false;
};

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
    Outcome outcome{.key = execution.signature(), .failed = execution.failed(), .steps = execution.steps};
    outcome.key += " |";
    for (const std::int64_t result : execution.results)
      outcome.key += result == INT64_MIN ? " -" : " " + std::to_string(result);
    return outcome;
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
  std::optional<SetUpFirst> choices_;
  exec::State* state_ = nullptr;
};

}  // namespace

Report explore(const trace::Program& program, const ProgramLimits& limits, exec::Options options,
               const std::function<bool()>& interrupted) {
  CHECK(options.choices == nullptr && options.watcher == nullptr);
  ProgramSubject subject(program, limits, options);
  Limits bounded = limits;
  bounded.steps = options.steps_max;
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
  SetUpFirst choices(decided, limits.set_up);
  options.choices = &choices;
  return exec::with_schedule(program, exec::execute(program, options));
}

}  // namespace daxfuzz::explore
