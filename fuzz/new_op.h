// SPDX-License-Identifier: GPL-2.0-only
// Draws one operation that is likely to do something at its place in a program:
// ops that use a mapping or a pin prefer those that the ops before it have made.
// Knows ops by their operand letters, so that a new row of op.def needs no change
// here, but for how seldom some are drawn and which like a whole PMD. Read next:
// mutator.h, which uses it.
#pragma once

#include <cstddef>
#include <vector>

#include "fuzz/random.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

// What the ops before `end` leave in use, as if they ran in the order of the list.
struct Live {
  std::vector<std::uint8_t> maps;  // slots
  std::vector<std::uint8_t> pins;
  std::vector<trace::Op> mapped_by;  // parallel to maps: the op that mapped
};
[[nodiscard]] Live live_before(const trace::Program& program, std::size_t end);

[[nodiscard]] trace::Op new_op(const trace::Program& program, std::size_t at, Random& random);
// The same op with operands drawn anew, all of them (`one` false) or one.
[[nodiscard]] trace::Op retargeted(trace::Op op, const trace::Program& program, std::size_t at,
                                   bool one, Random& random);

}  // namespace daxfuzz::fuzz
