// SPDX-License-Identifier: GPL-2.0-only
// For tests: tasks from lambdas, schedules written by hand, and what tasks tell the
// test without TSan taking it for the tasks' own memory.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sched/choice_replay.h"
#include "sched/scheduler.h"

namespace daxfuzz::sched::testing {

// Task t runs bodies[t]. Bodies outlive the run, so an abandoned fiber owns nothing.
struct Bodies {
  std::vector<std::function<void()>> bodies;

  void spawn(Scheduler& scheduler, std::uint32_t parked = 0) {
    for (std::size_t t = 0; t < bodies.size(); ++t)
      scheduler.spawn([](void* body) { (*static_cast<std::function<void()>*>(body))(); }, &bodies[t],
                      (parked >> t & 1u) != 0);
  }
};

// Values that tasks leave for the test: no race, no order between tasks.
class Order {
 public:
  void operator+=(char name) {
    const HarnessScope scope;
    text_ += name;
  }
  [[nodiscard]] std::string str() const {
    const HarnessScope scope;
    return text_;
  }

 private:
  std::string text_;
};

class Count {
 public:
  int operator+=(int delta) { return __atomic_add_fetch(&value_, delta, __ATOMIC_RELAXED); }
  operator int() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }  // NOLINT: reads as a number

 private:
  int value_ = 0;
};

// What one run of some bodies gave.
struct Result {
  Outcome outcome{};
  std::uint64_t digest = 0;
  std::uint64_t steps = 0;
  std::vector<Ran> schedule;
};

enum class Memory : std::uint8_t { sc, tso };

inline Result run(ChoiceSource& choices, std::vector<std::function<void()>> bodies,
                  std::uint64_t steps_max = 10000, Memory memory = Memory::sc) {
  EventLog log;
  Bodies tasks{std::move(bodies)};
  Scheduler scheduler(choices, log, steps_max);
  if (memory == Memory::tso) scheduler.buffer_stores();
  tasks.spawn(scheduler);
  Result result;
  result.outcome = scheduler.run();
  result.digest = log.digest();
  result.steps = scheduler.steps();
  result.schedule.assign(scheduler.schedule().begin(), scheduler.schedule().end());
  return result;
}

inline std::vector<ReplaySegment> segments(const std::vector<Ran>& schedule) {
  std::vector<ReplaySegment> result;
  for (const Ran& ran : schedule) result.push_back({.task = ran.task, .steps = ran.steps, .label = ran.at.text()});
  return result;
}

}  // namespace daxfuzz::sched::testing
