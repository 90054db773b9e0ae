// SPDX-License-Identifier: GPL-2.0-only
// A bare fiber switch, and scheduling points: yields of three tasks on end, under strategies that
// say what is paid for. See subject.h.
#include <memory>

#include "bench/cost/subject.h"
#include "sched/check.h"
#include "sched/choice_pct.h"
#include "sched/choice_random.h"
#include "sched/fiber.h"
#include "sched/scheduler.h"

namespace daxfuzz::cost {
namespace {

// Two stacks that do nothing but switch to each other.
struct Pair {
  sched::Fiber main;
  sched::Fiber* other = nullptr;
  bool last = false;

  static void turn(void* arg) {
    auto& pair = *static_cast<Pair*>(arg);
    while (!pair.last) sched::fiber_switch(*pair.other, pair.main);
    sched::fiber_exit(*pair.other, pair.main);
  }
};

constexpr std::uint64_t kSwitches = 1000;

double bare_switches(std::uint64_t times) {
  Pair pair;
  sched::fiber_adopt_thread(pair.main);
  pair.other = sched::fiber_take(&Pair::turn, &pair);
  const std::uint64_t pairs = times * kSwitches / 2;
  for (std::uint64_t i = 0; i < pairs; i++) {
    pair.last = i + 1 == pairs;
    sched::fiber_switch(pair.main, *pair.other);
  }
  sched::fiber_give_back(pair.other, true);
  return static_cast<double>(2 * pairs);
}

struct Stays final : sched::ChoiceSource {
  sched::TaskId next(const sched::Choice& choice) override { return sched::keep_current(choice); }
};

// The next one after who ran, of those that can.
struct Turns final : sched::ChoiceSource {
  sched::TaskId next(const sched::Choice& choice) override {
    const std::uint32_t after = choice.current == sched::kNoTask ? 0 : ~0u << choice.current << 1;
    const std::uint32_t later = choice.runnable & after;
    return sched::nth_task(later != 0 ? later : choice.runnable, 0);
  }
};

constexpr std::uint64_t kPoints = 400;  // of a task

void points_on_end(void*) {
  for (std::uint64_t i = 0; i < kPoints; i++) sched::yield_point("point");
}

// Runs of `tasks` tasks; the strategy is made anew for each by make(number of the run).
template <class Make>
Subject scheduling_points(const char* name, std::uint32_t tasks, std::optional<Bound> aim, Make make) {
  const auto run = [tasks, make](std::uint64_t times) {
    double steps = 0;
    for (std::uint64_t i = 0; i < times; i++) {
      auto choices = make(i);
      sched::EventLog log(false);
      sched::Scheduler scheduler(choices, log, UINT64_MAX);
      for (std::uint32_t t = 0; t < tasks; t++) scheduler.spawn(&points_on_end, nullptr);
      CHECK(scheduler.run() == sched::Outcome::finished);
      steps += static_cast<double>(scheduler.steps());
    }
    return steps;
  };
  return {.figure = {.name = name, .unit = Unit::nanoseconds, .aim = aim}, .run = run};
}

}  // namespace

std::vector<Subject> points() {
  constexpr std::uint32_t kTasks = 3;
  constexpr Bound kStays{.value = 10}, kTurns{.value = 3, .in_switches = true};
  std::vector<Subject> all;
  all.push_back({.figure = {.name = std::string(kSwitch), .unit = Unit::nanoseconds, .aim = {}},
                 .run = bare_switches});
  all.push_back(scheduling_points("point-alone", 1, kStays, [](std::uint64_t) { return Stays(); }));
  all.push_back(scheduling_points("point-stays", kTasks, kStays, [](std::uint64_t) { return Stays(); }));
  all.push_back(scheduling_points("point-switches", kTasks, kTurns, [](std::uint64_t) { return Turns(); }));
  all.push_back(scheduling_points("point-random", kTasks, {},
                                  [](std::uint64_t run) { return sched::RandomChoice(run); }));
  all.push_back(scheduling_points("point-pct", kTasks, {}, [](std::uint64_t run) {
    return sched::PctChoice(run, 3, kTasks * (kPoints + 1));
  }));
  return all;
}

}  // namespace daxfuzz::cost
