// SPDX-License-Identifier: GPL-2.0-only
// Draws, runs and judges what branches.h describes.
#include "properties/branches.h"

#include <optional>
#include <utility>

#include "properties/execute.h"
#include "properties/orders.h"
#include "properties/programs.h"
#include "properties/steps.h"
#include "sched/check.h"
#include "sched/choice_bytes.h"
#include "sched/choice_random.h"
#include "sched/scheduler.h"

namespace daxfuzz::properties {
namespace {

using State = Box<Call>;
constexpr std::uint64_t kSteps = 10'000;

const Call& call_in(const Command<Call>& command) { return dynamic_cast<const Step<Call>&>(command).command(); }
const BranchModel& model_in(const State& state) { return dynamic_cast<const BranchModel&>(*state.model); }

struct Drawn {
  Commands<Call> before;
  std::vector<Commands<Call>> branches;
  trace::Schedule schedule;
};

// What happened, in the order of the branches and of their calls.
struct Happened {
  std::vector<Interval> when;
  std::vector<std::int64_t> returned;
  std::string why;       // not all calls returned
  std::string schedule;  // "T0*3 T1*5"
};

// A branch on its task.
struct Task {
  const Commands<Call>& branch;
  SharedPart& part;
  std::uint64_t& clock;
  std::vector<Interval> when;
  std::vector<std::int64_t> returned;

  void run() {
    for (std::size_t i = 0; i < branch.size(); i++) {
      sched::yield_point("call");
      tick(when[i].begin);
      const std::int64_t value = part.call(call_in(*branch[i]));
      tick(when[i].end);
      returned[i] = value;
    }
  }
  void tick(std::uint64_t& moment) {
    const sched::HarnessScope scope;
    moment = clock++;
  }
};

std::unique_ptr<sched::ChoiceSource> choices_of(const trace::Schedule& schedule) {
  if (schedule.strategy == trace::Strategy::random) return std::make_unique<sched::RandomChoice>(schedule.seed);
  CHECK(schedule.strategy == trace::Strategy::bytes);
  return std::make_unique<sched::BytesChoice>(schedule.bytes.data(), schedule.bytes.size());
}

Happened run_side_by_side(const Drawn& drawn, SharedPart& part) {
  const std::unique_ptr<sched::ChoiceSource> choices = choices_of(drawn.schedule);
  sched::EventLog log(false);
  sched::Scheduler scheduler(*choices, log, kSteps);
  std::uint64_t clock = 0;
  std::vector<Task> tasks;
  for (const Commands<Call>& branch : drawn.branches)
    tasks.push_back({.branch = branch,
                     .part = part,
                     .clock = clock,
                     .when = std::vector<Interval>(branch.size()),
                     .returned = std::vector<std::int64_t>(branch.size())});
  for (Task& task : tasks) scheduler.spawn([](void* arg) { static_cast<Task*>(arg)->run(); }, &task);
  const sched::Outcome outcome = scheduler.run();
  Happened happened;
  for (const sched::Ran& ran : scheduler.schedule())
    happened.schedule += " T" + std::to_string(ran.task) + "*" + std::to_string(ran.steps);
  if (outcome == sched::Outcome::budget) happened.why = "calls go on for ever";
  for (sched::TaskId task = 0; task < scheduler.tasks(); task++)
    if (const sched::WaitReason* reason = scheduler.waiting(task); reason != nullptr)
      happened.why += (happened.why.empty() ? "T" : ", T") + std::to_string(task) + " waits for " +
                      reason->what.text() + " for ever";
  CHECK(outcome == sched::Outcome::finished || !happened.why.empty());
  for (const Task& task : tasks) {
    happened.when.insert(happened.when.end(), task.when.begin(), task.when.end());
    happened.returned.insert(happened.returned.end(), task.returned.begin(), task.returned.end());
  }
  return happened;
}

// A state of the model that two orders may come to.
struct Reached {
  State state;
  bool operator==(const Reached& other) const { return model_in(state).same(model_in(other.state)); }
};

std::string judged(const Drawn& drawn, const State& begin, const Happened& happened, SharedPart& part) {
  if (!happened.why.empty()) return happened.why;
  std::vector<const Command<Call>*> commands;
  std::vector<std::vector<std::size_t>> threads;
  for (const Commands<Call>& branch : drawn.branches) {
    threads.emplace_back();
    for (const auto& command : branch) {
      threads.back().push_back(commands.size());
      commands.push_back(command.get());
    }
  }
  std::string left;  // why the part is not as an order that explains the results leaves it
  Orders<Reached> orders(
      std::move(threads), happened.when,
      [&](const Reached& at, std::size_t number) -> std::optional<Reached> {
        CHECK(rc::state::isValidCommand(*commands[number], at.state));
        Reached after{commands[number]->nextState(at.state)};
        if (model_in(after.state).returned() != happened.returned[number]) return std::nullopt;
        return after;
      },
      [&](const Reached& at) { return (left = part.differs_from(model_in(at.state))).empty(); });
  if (orders.found({begin})) return "";
  if (!left.empty()) return "no order of the calls leaves what they left: " + left;
  std::string why = "no order of the calls returns what they returned:";
  for (const std::int64_t value : happened.returned) why += " " + std::to_string(value);
  return why;
}

std::string text_of(const std::vector<CallKind>& kinds, const Drawn& drawn, const Happened& happened) {
  std::string text;
  for (const auto& command : drawn.before) text += "before: " + text_of(kinds, call_in(*command)) + "\n";
  for (std::size_t t = 0; t < drawn.branches.size(); t++)
    for (const auto& command : drawn.branches[t])
      text += "T" + std::to_string(t) + ": " + text_of(kinds, call_in(*command)) + "\n";
  return text + "schedule   " + happened.schedule + "\n";
}

}  // namespace

void expect_in_branches(Trial& trial, const BranchSuite& suite, int percent) {
  const std::function<std::string(const Call&)> print = [&suite](const Call& call) {
    return text_of(suite.kinds, call);
  };
  // Few commands, of any numbers.
  const auto some = [&](const std::function<State()>& begin, std::vector<std::uint8_t> rows) {
    const auto call = rc::gen::resize(rc::kNominalSize, call_of(suite.kinds, std::move(rows)));
    return rc::gen::scale(0.05, commands_of<Call>(begin, call, print));
  };
  trial.run(
      [&] {
        Drawn drawn;
        const std::function<State()> begin = [&suite] { return State{suite.model()}; };
        drawn.before = *some(begin, all_rows(suite.kinds));
        State state = begin();
        rc::state::applyAll(drawn.before, state);
        const auto count = *rc::gen::inRange<std::size_t>(2, trace::kThreadsMax + 1);
        for (std::size_t t = 0; t < count; t++)
          drawn.branches.push_back(*some([state] { return state; }, suite.side_by_side));
        drawn.schedule = *drawn_schedule();

        count_execution();
        const std::unique_ptr<SharedPart> part = suite.part();
        for (const auto& command : drawn.before) (void)part->call(call_in(*command));
        const Happened happened = run_side_by_side(drawn, *part);
        const std::string why = judged(drawn, state, happened, *part);
        if (why.empty()) return;
        const std::string text = "# property  " + trial.property().full_name() + "\n# seed      " +
                                 std::to_string(trial.search().seed) + "\n# because   " + why + "\n" +
                                 text_of(suite.kinds, drawn, happened);
        trial.failed(why, [text] { return text; }, false);
      },
      percent);
}

}  // namespace daxfuzz::properties
