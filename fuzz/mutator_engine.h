// SPDX-License-Identifier: GPL-2.0-only
// What the mutator under libFuzzer's names is told by its target, and by who measures what it is good for
// (bench/time). Read next: mutator_engine.cc.
#pragma once

#include <cstdint>
#include <functional>

#include "trace/program.h"

namespace daxfuzz::fuzz {

// How the target runs a program: under which protocol, with which settings. A change point is put into the schedule
// that such a run has; a target that says nothing has none put in, for one of a single thread has no use for them.
void mutator_sees(std::function<trace::Program(trace::Program)> as_it_runs);

// Which of its moves it makes.
enum class Moves : std::uint8_t {
  all,
  no_change_points,
  changes_only,  // of ops, operands, threads, seeds (mutator.h); no program is drawn whole
  bytes_only,    // libFuzzer's own, as without a mutator
};
void mutator_moves(Moves moves);

}  // namespace daxfuzz::fuzz
