// SPDX-License-Identifier: GPL-2.0-only
// What the minimiser tries, as plain functions from a program to smaller
// programs: fewer ops, simpler operands, fewer context switches. Nothing here
// runs anything; minimize.cc decides what is kept.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::exec {

// How big a program is, most important first; compared lexicographically. The
// minimiser only ever goes down in it, which is why it ends.
using Size = std::vector<std::uint32_t>;
[[nodiscard]] Size size_of_ops(const trace::Program& program);  // all but the schedule
[[nodiscard]] Size size_of(const trace::Program& program);      // the schedule's switches last

// Whether an op has that operand: a letter of trace/op.def.
[[nodiscard]] bool has(const trace::Op& op, char letter);

// Without the ops whose bit in `drop` is set (parallel to program.ops), and without
// exactly their steps: every other op is pre-empted where it was. `steps` is what each
// op took under program.schedule; empty if that is not known. Segments of a thread that
// has lost its last op go too.
[[nodiscard]] trace::Program without_ops(const trace::Program& program,
                                         const std::vector<OpSteps>& steps,
                                         const std::vector<bool>& drop);
[[nodiscard]] std::vector<trace::Segment> without_steps(const trace::Program& program,
                                                        const std::vector<OpSteps>& steps,
                                                        const std::vector<bool>& drop);

// Each the program without a whole thread, without all ops on one mapping slot,
// pin slot or file, or with the ops of one thread given to an earlier one.
[[nodiscard]] std::vector<trace::Program> without_groups(const trace::Program& program,
                                                         const std::vector<OpSteps>& steps);
[[nodiscard]] std::vector<trace::Program> without_settings(const trace::Program& program);

// Fewer ops, since others do their work: calls in place of a mapping and what is done through
// it, one mapping in place of two (of two files too), one op that does what two did.
[[nodiscard]] std::vector<trace::Program> rewritten(const trace::Program& program,
                                                    const std::vector<OpSteps>& steps);

// One operand of op `index` made smaller: to its smallest value, and by one.
[[nodiscard]] std::vector<trace::Program> smaller_operands(const trace::Program& program,
                                                           std::size_t index);
// Changes of many ops that only make sense together: slots, files, processes and
// threads renumbered in the order of their first use, pages of a file moved down.
[[nodiscard]] std::vector<trace::Program> renumbered(const trace::Program& program);
[[nodiscard]] std::vector<trace::Program> smaller_geometry(const trace::Program& program);

// The schedules that a candidate is tried under when its ops changed: its own,
// the threads one after the other in each order, and a few seeds.
[[nodiscard]] std::vector<trace::Schedule> schedules_to_try(const trace::Program& program);

// A replay schedule with one segment longer or shorter by up to a few steps; each such.
[[nodiscard]] std::vector<trace::Schedule> nudged(const trace::Schedule& schedule);

// The segments [begin, end) regrouped by thread, in the order of first use (later
// segments move up) or of last use (earlier ones move down).
enum class Regroup : std::uint8_t { up, down };
[[nodiscard]] std::vector<trace::Segment> regrouped(const std::vector<trace::Segment>& segments,
                                                    std::size_t begin, std::size_t end,
                                                    Regroup way);
// The segment at `from` moved to the place of `to`, where one of the same thread
// stands; both become one.
[[nodiscard]] std::vector<trace::Segment> joined(const std::vector<trace::Segment>& segments,
                                                 std::size_t from, std::size_t to);

}  // namespace daxfuzz::exec
