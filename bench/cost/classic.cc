// SPDX-License-Identifier: GPL-2.0-only
// Two of the small programs that other checkers were measured on (explore/classic_programs.h), on
// sched/ alone: no model, no oracle. See subject.h.
#include "bench/cost/subject.h"
#include "explore/classic_programs.h"
#include "sched/choice_pct.h"
#include "sched/choice_random.h"

namespace daxfuzz::cost {
namespace {

using explore::testing::LostWake;
using explore::testing::RefGet;

template <class Program>
struct Task {
  Program* program = nullptr;
  std::uint32_t number = 0;
  static void run(void* arg) {
    auto& task = *static_cast<Task*>(arg);
    task.program->task(task.number);
  }
};

// One run; its steps.
template <class Program>
std::uint64_t once(sched::ChoiceSource& choices) {
  constexpr std::uint64_t kStepsMax = 2000;
  Program program;
  Task<Program> tasks[sched::kTasksMax];
  sched::EventLog log(false);
  sched::Scheduler scheduler(choices, log, kStepsMax);
  for (std::uint32_t t = 0; t < Program::tasks(); t++) {
    tasks[t] = {.program = &program, .number = t};
    scheduler.spawn(&Task<Program>::run, &tasks[t]);
  }
  (void)scheduler.run();
  return scheduler.steps();
}

constexpr std::uint64_t kRuns = 1000;

struct RunsAndSteps {
  double runs = 0, steps = 0;
};

template <class Program, class Make>
RunsAndSteps runs(std::uint64_t times, Make make) {
  RunsAndSteps done;
  for (std::uint64_t i = 0; i < times * kRuns; i++) {
    auto choices = make(i);
    done.steps += static_cast<double>(once<Program>(choices));
    done.runs++;
  }
  return done;
}

template <class Program>
void add(const std::string& name, std::vector<Subject>& all) {
  const auto random = [](std::uint64_t run) { return sched::RandomChoice(run); };
  const auto pct = [](std::uint64_t run) { return sched::PctChoice(run, 3, 16); };
  constexpr Bound kAim{.value = 3e6};
  all.push_back({.figure = {.name = name + "-random", .unit = Unit::per_second, .aim = kAim},
                 .run = [random](std::uint64_t times) { return runs<Program>(times, random).runs; }});
  all.push_back({.figure = {.name = name + "-pct", .unit = Unit::per_second, .aim = kAim},
                 .run = [pct](std::uint64_t times) { return runs<Program>(times, pct).runs; }});
  all.push_back({.figure = {.name = name + "-steps", .unit = Unit::count, .aim = {}},
                 .run = [random](std::uint64_t times) {
                   const RunsAndSteps done = runs<Program>(times, random);
                   return done.steps / done.runs;
                 }});
}

}  // namespace

std::vector<Subject> classic() {
  std::vector<Subject> all;
  add<LostWake<false>>("lostwake", all);
  add<RefGet<false>>("refget", all);
  return all;
}

}  // namespace daxfuzz::cost
