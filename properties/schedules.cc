// SPDX-License-Identifier: GPL-2.0-only
// Schedules as they are drawn, and what a schedule is shrunk to: fewer context switches. What is drawn is shrunk in
// none of its numbers, for a smaller seed is only another schedule. Read first: programs.h.
#include <algorithm>
#include <iterator>
#include <vector>

#include "properties/programs.h"

namespace daxfuzz::properties {
namespace {

using trace::Schedule;

struct Stretch {
  std::uint8_t choice = 0;  // index into the threads that can run, modulo
  std::uint8_t steps = 0;
};

// Equal bytes are one stretch, however long.
struct Run {
  std::uint8_t choice = 0;
  std::size_t steps = 0;
};
using Runs = std::vector<Run>;

Runs runs_of(const Schedule& schedule) {
  Runs runs;
  for (const std::uint8_t choice : schedule.bytes) {
    if (runs.empty() || runs.back().choice != choice) runs.push_back({.choice = choice, .steps = 0});
    runs.back().steps++;
  }
  return runs;
}

Schedule schedule_of(const Runs& runs) {
  Schedule schedule;
  schedule.strategy = trace::Strategy::bytes;
  for (const Run& run : runs) schedule.bytes.insert(schedule.bytes.end(), run.steps, run.choice);
  return schedule;
}

// In the place of one that switches at random: none at all, then one thread in a window of another. When the bytes end
// a thread goes on till it cannot, so they end where the last switch is.
void add_few_switches(std::vector<Schedule>& to) {
  constexpr std::size_t kClose = 32, kFar = 160;
  const auto next = [](std::size_t steps) { return steps < kClose ? steps + 1 : steps + steps / 4; };
  to.push_back(schedule_of({}));
  for (std::size_t first = 1; first <= kFar; first = next(first))
    for (const std::uint8_t choice : {0, 1}) {
      const auto other = static_cast<std::uint8_t>(1 - choice);
      to.push_back(schedule_of({{choice, first}, {other, 1}}));
    }
  for (std::size_t first = 1; first <= kFar; first += first)
    for (std::size_t second = 1; second <= kClose; second += second)
      for (const std::uint8_t choice : {0, 1}) {
        const auto other = static_cast<std::uint8_t>(1 - choice);
        to.push_back(schedule_of({{choice, first}, {other, second}, {choice, 1}}));
      }
}

// Each has fewer stretches, or as many and fewer steps.
void add_fewer_stretches(std::vector<Schedule>& to, const Runs& runs) {
  const auto half = std::ssize(runs) / 2;
  to.push_back(schedule_of({}));
  if (half > 1) {
    to.push_back(schedule_of({runs.begin(), runs.begin() + half}));
    to.push_back(schedule_of({runs.begin() + half, runs.end()}));
  }
  for (std::size_t i = 0; i < runs.size(); i++) {
    Runs less = runs;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    to.push_back(schedule_of(less));
    // Its steps go to the thread before it.
    less = runs;
    if (i == 0) continue;
    less[i].choice = less[i - 1].choice;
    to.push_back(schedule_of(less));
  }
  for (std::size_t i = 0; i < runs.size(); i++)
    for (const std::size_t steps : {runs[i].steps / 2, runs[i].steps - 1}) {
      Runs less = runs;
      less[i].steps = steps;
      if (steps != 0) to.push_back(schedule_of(less));
    }
}

}  // namespace

rc::Seq<Schedule> fewer_switches(const Schedule& schedule) {
  constexpr std::uint64_t kSeeds = 8;
  std::vector<Schedule> less;
  if (schedule.strategy == trace::Strategy::random) {
    add_few_switches(less);
    // A few others, which something else may be shrunk under.
    for (std::uint64_t seed = 0; seed < std::min(kSeeds, schedule.seed); seed++) {
      less.emplace_back();
      less.back().seed = seed;
    }
  } else if (!schedule.bytes.empty()) {
    add_fewer_stretches(less, runs_of(schedule));
  }
  return rc::seq::fromContainer(std::move(less));
}

// Half of the schedules switch at random, at nearly every step. The others let a
// thread run for a stretch: a whole op of one inside a small window of another.
rc::Gen<Schedule> drawn_schedule() {
  const auto stretch = rc::gen::build<Stretch>(
      rc::gen::set(&Stretch::choice, rc::gen::inRange<std::uint8_t>(0, 6)),
      rc::gen::set(&Stretch::steps, rc::gen::oneOf(rc::gen::inRange<std::uint8_t>(1, 16),
                                                   rc::gen::inRange<std::uint8_t>(1, 160))));
  auto drawn = rc::gen::apply(
      [](std::uint64_t seed, const std::vector<Stretch>& stretches) {
        Schedule schedule;
        if (seed % 2 == 0) {
          schedule.seed = seed;
          return schedule;
        }
        schedule.strategy = trace::Strategy::bytes;
        for (const Stretch& s : stretches)
          schedule.bytes.insert(schedule.bytes.end(), s.steps, s.choice);
        return schedule;
      },
      rc::gen::inRange<std::uint64_t>(0, 1u << 20),
      rc::gen::scale(0.2, rc::gen::container<std::vector<Stretch>>(stretch)));
  return rc::gen::shrink(rc::gen::noShrink(std::move(drawn)),
                         [](const Schedule& schedule) { return fewer_switches(schedule); });
}

}  // namespace daxfuzz::properties
