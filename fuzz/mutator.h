// SPDX-License-Identifier: GPL-2.0-only
// Mutations that know what a program is: of ops, operands, threads, schedules.
// Engines get them through mutator_engine.cc. A byte-level mutation mostly moves
// the seed or a slot number; these move the things that bugs are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/random.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

enum class Mutation : std::uint8_t {
  insert,     // one to three new ops at one place
  remove,     // one to three neighbouring ops
  duplicate,  // an op once more, elsewhere
  swap,       // two ops
  replace,    // an op by a new one
  retarget,   // operands of an op
  thread,     // an op to another thread
  fail_nth,   // which allocation of an op fails, or from which on all do
  seed,       // of the random schedule
  schedule,   // bytes or segments of the schedule, or how many ops come before it
  strategy,
  protocol,
  geometry,
  settings,
};
inline constexpr std::size_t kMutations = 14;

// Changes `program`, which stays valid(), and tells how. `program` is another one
// afterwards, always.
Mutation mutate(trace::Program& program, Random& random);
// The first ops of one program and the last ops of another.
[[nodiscard]] trace::Program spliced(const trace::Program& head, const trace::Program& tail,
                                     Random& random);
// encode(program) in at most `max` bytes: the end of the schedule goes first, then
// the last ops. Empty if not even the header fits.
[[nodiscard]] std::vector<std::uint8_t> encoded_within(trace::Program program, std::size_t max);

}  // namespace daxfuzz::fuzz
