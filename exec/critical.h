// SPDX-License-Identifier: GPL-2.0-only
// The one critical reordering of a failure: two schedules that differ in the order of two neighbouring
// steps of two threads, of which one fails and the other passes. What the two steps do, and in which
// functions, is what a reader wants to know of a race. Found between the failing schedule and one that
// passes, by halving the way of single swaps that leads from the one to the other (Choi and Zeller 2002,
// "Isolating Failure-Inducing Thread Schedules"). Read next: minimize.h, which comes before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "exec/minimize.h"

namespace daxfuzz::exec {

struct CriticalStep {
  std::uint8_t thread = 0;
  std::string function;  // of the kernel, innermost; the op's text if the thread was in none
  std::string at;        // the yield point that the step goes on from; "" if an op begins
};

struct Critical {
  CriticalStep first, second;        // in this order it fails
  trace::Program failing, passing;   // explicit schedules; they differ in that order first of all
  Execution fails, passes;           // of these
};
// "T0 in F at LABEL, then T1 in G at LABEL".
[[nodiscard]] std::string text(const Critical& critical);

// `program` must fail under `run`; CHECKed. None: it fails in whatever order its threads run, or no
// schedule was found that passes, or the budget (executions) was not enough.
[[nodiscard]] std::optional<Critical> critical_reordering(const trace::Program& program, const Runner& run,
                                                          std::uint64_t budget = 1000);

}  // namespace daxfuzz::exec
