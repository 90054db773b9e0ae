// SPDX-License-Identifier: GPL-2.0-only
// rapidcheck generators of valid programs and traces, for tests only. They draw
// raw fields and clamp them, so that shrinking drops ops and settings, and moves
// every operand towards zero, and stays valid. Read next: generators.cc.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>

#include "trace/text.h"

namespace daxfuzz::trace {

// Any valid geometry.
[[nodiscard]] rc::Gen<Geometry> arbitrary_geometry();
// Not yet in a geometry: pass it to canonical(), or to clamped() in a program.
[[nodiscard]] rc::Gen<Op> arbitrary_op();
// valid(), with at least one op; any strategy, segments with and without labels.
[[nodiscard]] rc::Gen<Program> arbitrary_program();
// Any such program, with or without digest and comments.
[[nodiscard]] rc::Gen<Trace> arbitrary_trace();

// What rapidcheck prints of a counterexample: text that can be put into a file.
void showValue(const Op& op, std::ostream& out);
void showValue(const Program& program, std::ostream& out);
void showValue(const Trace& trace, std::ostream& out);

}  // namespace daxfuzz::trace
