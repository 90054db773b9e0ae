// SPDX-License-Identifier: GPL-2.0-only
// Fewer context switches; see minimize_moves.h. A segment carries the label of
// the place where the thread *before* it stopped. When segments move, that label
// has to travel with the segment that stopped there, so it is first moved to it.
#include <algorithm>
#include <array>
#include <string>

#include "exec/minimize_moves.h"
#include "sched/check.h"

namespace daxfuzz::exec {
namespace {

using trace::Segment;

struct Piece {
  std::uint8_t thread = 0;
  std::uint32_t steps = 0;
  std::string end;  // where the thread stands after it
};

std::vector<Piece> pieces_of(const std::vector<Segment>& segments) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < segments.size(); ++i)
    pieces.push_back({segments[i].thread, segments[i].steps,
                      i + 1 < segments.size() ? segments[i + 1].label : std::string()});
  return pieces;
}

std::vector<Segment> segments_of(const std::vector<Piece>& pieces) {
  std::vector<Segment> segments;
  std::string end;
  for (const Piece& piece : pieces) {
    if (!segments.empty() && segments.back().thread == piece.thread) {
      const std::size_t steps = std::size_t{segments.back().steps} + piece.steps;
      segments.back().steps = static_cast<std::uint16_t>(std::min(steps, trace::kSegmentStepsMax));
    } else {
      segments.push_back({piece.thread, static_cast<std::uint16_t>(piece.steps), end});
    }
    end = piece.end;
  }
  return segments;
}

constexpr std::uint64_t kSeeds = 8;

}  // namespace

std::vector<Segment> without_steps(const trace::Program& program, const std::vector<OpSteps>& steps,
                                   const std::vector<bool>& drop) {
  CHECK(steps.size() == program.ops.size() && drop.size() == steps.size());
  std::array<std::uint32_t, trace::kThreadsMax> taken{};
  const auto dropped = [&](std::uint8_t thread, std::uint32_t step) {
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (drop[i] && program.ops[i].thread == thread && steps[i].first <= step && step <= steps[i].last)
        return true;
    return false;
  };
  std::vector<Piece> pieces;  // where each ends is another place now, so without labels
  for (const Segment& segment : program.schedule.segments) {
    CHECK(segment.thread < taken.size());
    Piece piece{.thread = segment.thread, .steps = 0, .end = {}};
    for (std::uint32_t i = 0; i < segment.steps; ++i)
      if (!dropped(segment.thread, ++taken[segment.thread])) ++piece.steps;
    if (piece.steps > 0) pieces.push_back(piece);
  }
  return segments_of(pieces);
}

std::vector<trace::Schedule> schedules_to_try(const trace::Program& program) {
  std::vector<trace::Schedule> out = {program.schedule};
  std::vector<std::uint8_t> threads;
  for (const trace::Op& op : program.ops)
    if (std::find(threads.begin(), threads.end(), op.thread) == threads.end()) threads.push_back(op.thread);
  std::sort(threads.begin(), threads.end());
  do {
    trace::Schedule one_after_the_other{.strategy = trace::Strategy::replay, .seed = 0, .bytes = {}, .segments = {}};
    for (std::uint8_t t : threads)
      one_after_the_other.segments.push_back({t, static_cast<std::uint16_t>(trace::kSegmentStepsMax), ""});
    out.push_back(one_after_the_other);
  } while (std::next_permutation(threads.begin(), threads.end()));
  for (std::uint64_t seed = 1; threads.size() > 1 && seed <= kSeeds; ++seed)
    out.push_back({.strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}});
  return out;
}

std::vector<Segment> regrouped(const std::vector<Segment>& segments, std::size_t begin,
                               std::size_t end, Regroup way) {
  CHECK(begin <= end && end <= segments.size());
  const std::vector<Piece> pieces = pieces_of(segments);
  std::vector<std::uint8_t> threads;  // of the window, in the order wanted
  for (std::size_t i = begin; i < end; ++i) {
    const auto at = std::find(threads.begin(), threads.end(), pieces[i].thread);
    if (at != threads.end() && way == Regroup::up) continue;
    if (at != threads.end()) threads.erase(at);
    threads.push_back(pieces[i].thread);
  }
  std::vector<Piece> out(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(begin));
  for (std::uint8_t thread : threads)
    for (std::size_t i = begin; i < end; ++i)
      if (pieces[i].thread == thread) out.push_back(pieces[i]);
  out.insert(out.end(), pieces.begin() + static_cast<std::ptrdiff_t>(end), pieces.end());
  return segments_of(out);
}

std::vector<Segment> joined(const std::vector<Segment>& segments, std::size_t from, std::size_t to) {
  CHECK(from < segments.size() && to < segments.size() && from != to);
  CHECK(segments[from].thread == segments[to].thread);
  std::vector<Piece> pieces = pieces_of(segments);
  const Piece moved = pieces[from];
  // The later of the two ends where both end.
  if (from > to) pieces[to].end = moved.end;
  pieces[to].steps += moved.steps;
  pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(from));
  for (Piece& piece : pieces)
    piece.steps = std::min<std::uint32_t>(piece.steps, trace::kSegmentStepsMax);
  return segments_of(pieces);
}

}  // namespace daxfuzz::exec
