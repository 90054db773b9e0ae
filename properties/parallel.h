// SPDX-License-Identifier: GPL-2.0-only
// Parallel stateful testing: some commands one after another, then two to four branches of them side by
// side on the controlled scheduler, then some more. Commands and schedule are drawn, and
// shrunk, together. A counterexample is a .daxt whose schedule has the three phases in it.
// Read next: parallel_properties_test.cc, linearize.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "exec/execute.h"
#include "properties/shape.h"

namespace daxfuzz::properties {

struct Parallel {
  trace::Program program;  // ops: those of the prefix, of the branches, of the suffix
  std::size_t prefix = 0;  // that many are T0's before any other begins
  std::size_t suffix = 0;  // that many are T0's when none of the others can run
};

struct ParallelShape {
  // Of the branches: threads_min.. threads_max of them. Its prefix comes first, then
  // commands of `before`.
  Shape shape;
  Kinds before = 0;
  int before_max = 4;
  // What each thread does last.
  std::function<std::vector<trace::Op>(std::uint8_t thread)> last = nullptr;
  // What T0 does when all are done, or all wait for somebody, of the program that there is until then.
  std::function<std::vector<trace::Op>(const trace::Program&)> after = nullptr;
  // Changes a drawn op of a branch, to keep threads apart.
  std::function<void(trace::Op&)> apart = nullptr;
};

// Runs it. checkers: exec::Checkers. The events are kept.
[[nodiscard]] exec::Execution run(const Parallel& parallel, std::uint32_t checkers);

// Why the claim does not hold of a run; empty if it does.
using ParallelClaim = std::function<std::string(const Parallel&, const exec::Execution&)>;

// Tries the claim on such runs, and saves the schedule of the one that fails, with the verdict that it has when all
// checkers are on.
void expect_in_parallel(Trial& trial, const ParallelShape& shape, std::uint32_t checkers, const ParallelClaim& claim,
                        int percent = 100);

// The commonest claims: no finding and every op ends; what the ops returned is what they
// return in some order.
[[nodiscard]] std::string all_end(const Parallel& parallel, const exec::Execution& execution);
[[nodiscard]] std::string linearizes(const Parallel& parallel, const exec::Execution& execution);
// Reads of all pages of all files.
[[nodiscard]] std::vector<trace::Op> reads_of_all(const trace::Program& program);

}  // namespace daxfuzz::properties
