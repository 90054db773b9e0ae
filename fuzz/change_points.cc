// SPDX-License-Identifier: GPL-2.0-only
// Segments split, dropped and shifted. See change_points.h.
#include "fuzz/change_points.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "exec/execute.h"
#include "sched/check.h"

namespace daxfuzz::fuzz {
namespace {

using trace::Segment;
using Segments = std::vector<Segment>;

std::ptrdiff_t at(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

// Neighbours of one thread become one; a label belongs to the switch that is gone.
void join(Segments& segments) {
  Segments out;
  for (Segment& segment : segments) {
    if (segment.steps == 0) continue;
    if (!out.empty() && out.back().thread == segment.thread) {
      const std::size_t sum = std::size_t{out.back().steps} + segment.steps;
      out.back().steps = static_cast<std::uint16_t>(std::min(sum, trace::kSegmentStepsMax));
    } else {
      out.push_back(std::move(segment));
    }
  }
  segments = std::move(out);
}

bool add(Segments& segments, std::size_t threads, Random& random) {
  const std::size_t where = random.below(segments.size());
  const Segment whole = segments[where];
  if (whole.steps < 2 || segments.size() + 2 > trace::kSwitchesMax) return false;
  const auto head = static_cast<std::uint16_t>(1 + random.below(whole.steps - 1u));
  const auto other = static_cast<std::uint8_t>((whole.thread + 1 + random.below(threads - 1)) % threads);
  // Short, or as long as it takes to get through.
  const auto steps = static_cast<std::uint16_t>(1 + random.below(random.one_in(2) ? 8 : 120));
  const Segment pieces[] = {{whole.thread, head, whole.label},
                            {other, steps, ""},
                            {whole.thread, static_cast<std::uint16_t>(whole.steps - head), ""}};
  segments.erase(segments.begin() + at(where));
  segments.insert(segments.begin() + at(where), std::begin(pieces), std::end(pieces));
  return true;
}

bool remove(Segments& segments, Random& random) {
  if (segments.size() < 2) return false;
  segments.erase(segments.begin() + at(random.below(segments.size())));
  return true;
}

// Steps go from a segment to the next one of its thread, or come from there.
bool move(Segments& segments, Random& random) {
  const std::size_t where = random.below(segments.size());
  std::size_t next = where + 1;
  while (next < segments.size() && segments[next].thread != segments[where].thread) ++next;
  const auto by = static_cast<int>(1 + random.below(random.one_in(2) ? 2 : 16));
  const int moved = random.one_in(2) ? by : -by;
  const auto shifted = [](std::uint16_t steps, int delta) {
    return static_cast<std::uint16_t>(std::clamp(steps + delta, 0, static_cast<int>(trace::kSegmentStepsMax)));
  };
  if (segments[where].steps + moved < 1) return false;
  segments[where].steps = shifted(segments[where].steps, moved);
  if (next < segments.size()) segments[next].steps = shifted(segments[next].steps, -moved);
  return true;
}

}  // namespace

bool change(trace::Schedule& schedule, std::size_t threads, ChangePoint kind, Random& random) {
  CHECK(threads >= 2);
  if (schedule.strategy != trace::Strategy::replay || schedule.segments.empty()) return false;
  Segments segments = schedule.segments;
  const bool changed = kind == ChangePoint::add      ? add(segments, threads, random)
                       : kind == ChangePoint::remove ? remove(segments, random)
                                                     : move(segments, random);
  if (!changed) return false;
  join(segments);
  if (segments.empty() || segments == schedule.segments) return false;
  schedule.segments = std::move(segments);
  return true;
}

trace::Program explicit_schedule(const trace::Program& program) {
  if (program.schedule.strategy == trace::Strategy::replay) return program;
  const exec::Execution execution = exec::execute(program);
  trace::Program written = exec::with_schedule(program, execution);
  return execution.segments.size() > 1 && trace::valid(written) ? written : program;
}

bool change_points(trace::Program& program, const std::function<trace::Program(trace::Program)>& as_it_runs,
                   Random& random) {
  const std::size_t threads = program.threads();
  if (threads < 2) return false;
  trace::Schedule schedule = explicit_schedule(as_it_runs(program)).schedule;
  bool changed = false;
  for (std::size_t n = 1 + random.below(3); n > 0; --n)
    changed |= change(schedule, threads, random.number_below<ChangePoint>(kChangePoints), random);
  if (changed) program.schedule = std::move(schedule);
  return changed;
}

}  // namespace daxfuzz::fuzz
