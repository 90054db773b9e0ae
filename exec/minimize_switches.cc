// SPDX-License-Identifier: GPL-2.0-only
// Fewer context switches; see minimize_moves.h. Where a thread stops changes with every
// move, so the results carry no labels.
#include <algorithm>
#include <array>

#include "exec/minimize_moves.h"
#include "sched/check.h"

namespace daxfuzz::exec {
namespace {

using trace::Segment;

// Neighbours of one thread are one segment.
void append(std::vector<Segment>& segments, std::uint8_t thread, std::size_t steps) {
  if (segments.empty() || segments.back().thread != thread) segments.push_back({thread, 0, ""});
  steps += segments.back().steps;
  segments.back().steps = static_cast<std::uint16_t>(std::min(steps, trace::kSegmentStepsMax));
}

constexpr std::uint64_t kSeeds = 8;
// Steps that an op of one page commonly takes from a loop of another.
constexpr int kNudge = 8;

}  // namespace

std::vector<Segment> without_steps(const trace::Program& program, const std::vector<OpSteps>& steps,
                                   const std::vector<bool>& drop) {
  CHECK(steps.size() == program.ops.size() && drop.size() == steps.size());
  std::array<std::uint32_t, trace::kScheduleTasksMax> taken{};  // of store buffers, too
  const auto dropped = [&](std::uint8_t thread, std::uint32_t step) {
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (drop[i] && program.ops[i].thread == thread && steps[i].first <= step && step <= steps[i].last)
        return true;
    return false;
  };
  std::vector<Segment> out;
  for (const Segment& segment : program.schedule.segments) {
    CHECK(segment.thread < taken.size());
    std::size_t left = 0;
    for (std::uint32_t i = 0; i < segment.steps; ++i)
      if (!dropped(segment.thread, ++taken[segment.thread])) ++left;
    if (left > 0) append(out, segment.thread, left);
  }
  return out;
}

std::vector<trace::Schedule> schedules_to_try(const trace::Program& program) {
  std::vector<trace::Schedule> out = {program.schedule};
  std::vector<std::uint8_t> threads;
  for (const trace::Op& op : program.ops)
    if (std::find(threads.begin(), threads.end(), op.thread) == threads.end()) threads.push_back(op.thread);
  const bool drains = std::ranges::any_of(program.settings, [](const trace::Setting& setting) {
    return setting.id == trace::SwitchId::memory;
  });
  if (threads.size() == 1 && !drains) return out;  // one thread has one
  std::sort(threads.begin(), threads.end());
  do {
    trace::Schedule one_after_the_other{.strategy = trace::Strategy::replay, .seed = 0, .bytes = {}, .segments = {}};
    for (std::uint8_t t : threads)
      one_after_the_other.segments.push_back({t, static_cast<std::uint16_t>(trace::kSegmentStepsMax), ""});
    out.push_back(one_after_the_other);
  } while (std::next_permutation(threads.begin(), threads.end()));
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    out.push_back({.strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}});
  return out;
}

std::vector<trace::Schedule> nudged(const trace::Schedule& schedule) {
  std::vector<trace::Schedule> out;
  for (int by = 1; by <= kNudge; ++by)
    for (std::size_t i = 0; i + 1 < schedule.segments.size(); ++i)
      for (int way : {-by, by}) {
        const int steps = schedule.segments[i].steps + way;
        if (steps <= 0 || steps > static_cast<int>(trace::kSegmentStepsMax)) continue;
        out.push_back(schedule);
        out.back().segments[i].steps = static_cast<std::uint16_t>(steps);
      }
  return out;
}

std::vector<Segment> regrouped(const std::vector<Segment>& segments, std::size_t begin,
                               std::size_t end, Regroup way) {
  CHECK(begin <= end && end <= segments.size());
  std::vector<std::uint8_t> threads;  // of the window, in the order wanted
  for (std::size_t i = begin; i < end; ++i) {
    const auto at = std::find(threads.begin(), threads.end(), segments[i].thread);
    if (at != threads.end() && way == Regroup::up) continue;
    if (at != threads.end()) threads.erase(at);
    threads.push_back(segments[i].thread);
  }
  std::vector<Segment> out;
  for (std::size_t i = 0; i < begin; ++i) append(out, segments[i].thread, segments[i].steps);
  for (std::uint8_t thread : threads)
    for (std::size_t i = begin; i < end; ++i)
      if (segments[i].thread == thread) append(out, thread, segments[i].steps);
  for (std::size_t i = end; i < segments.size(); ++i) append(out, segments[i].thread, segments[i].steps);
  return out;
}

std::vector<Segment> joined(const std::vector<Segment>& segments, std::size_t from, std::size_t to) {
  CHECK(from < segments.size() && to < segments.size() && from != to);
  CHECK(segments[from].thread == segments[to].thread);
  std::vector<Segment> out;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (i == from) continue;
    append(out, segments[i].thread, std::size_t{segments[i].steps} + (i == to ? segments[from].steps : 0u));
  }
  return out;
}

}  // namespace daxfuzz::exec
