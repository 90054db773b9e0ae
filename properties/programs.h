// SPDX-License-Identifier: GPL-2.0-only
// Programs of a shape as a maintainer would try them: few pages, few slots, ops that meet.
// Read next: shape.h (what a shape is), programs.cc (the bias).
#pragma once

#include <rapidcheck.h>

#include "properties/shape.h"
#include "trace/generators.h"

namespace daxfuzz::properties {

// valid(), with at least one op. Each case switches whole kinds of ops off (swarm
// testing: Groce et al. 2012). Shrinking drops ops and simplifies operands, then drops ops one by
// one and two by two, and stays within the shape.
[[nodiscard]] rc::Gen<trace::Program> programs(const Shape& shape);

// shape.h's expect_passes() of programs that no Shape draws.
void expect_passes(Trial& trial, const rc::Gen<trace::Program>& drawn, int percent = 100);

// The parts that such programs are made of, for who puts them together in another way.
// One case's kinds, at least one: each is there in three cases of four, once sizes are at their largest; the
// smaller the size, the more of the last kinds of op.def are off.
[[nodiscard]] rc::Gen<Kinds> swarm(Kinds allowed);
// One op of these kinds; fails nothing.
[[nodiscard]] rc::Gen<trace::Op> op_of(const Shape& shape, Kinds present, const trace::Geometry& geometry, int threads);
[[nodiscard]] rc::Gen<trace::Geometry> geometry_of(const Shape& shape);
[[nodiscard]] rc::Gen<trace::Schedule> drawn_schedule();
[[nodiscard]] std::vector<trace::Op> prefix_ops(const Shape& shape, const trace::Geometry& geometry, bool wanted);

}  // namespace daxfuzz::properties
