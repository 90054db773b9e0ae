// SPDX-License-Identifier: GPL-2.0-only
// Mutations of an explicit schedule: where one thread is pre-empted and another let in. A
// finding needs a few such points (peers count three or four); a new seed moves them all at
// once, these move one. Read next: mutator.h, which draws the rest; aflpp_mutator.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "fuzz/random.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

enum class ChangePoint : std::uint8_t {
  add,     // somewhere in a segment another thread runs a few steps
  remove,  // a segment goes, and its neighbours of one thread become one
  move,    // a switch comes some steps earlier or later
};
inline constexpr std::size_t kChangePoints = 3;

// Changes one change point of `schedule`, which has segments, for `threads` of two or more;
// false and no change where it cannot.
bool change(trace::Schedule& schedule, std::size_t threads, ChangePoint kind, Random& random);

// `program` with the schedule that it runs under written out, so that it can be changed. As it
// is if that does not fit or has no switch.
[[nodiscard]] trace::Program explicit_schedule(const trace::Program& program);

// One to three such changes in the schedule that `program` has when it is run as `as_it_runs` says: under another
// protocol it would be another one. The program's own protocol and settings stay. False and no change if there is
// nothing to switch between.
bool change_points(trace::Program& program, const std::function<trace::Program(trace::Program)>& as_it_runs,
                   Random& random);

}  // namespace daxfuzz::fuzz
