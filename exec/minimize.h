// SPDX-License-Identifier: GPL-2.0-only
// Delta debugging of ops, threads, operands and context switches together; where no op can be
// left out any more, others are made to do its work (minimize_rewrites.cc). A
// candidate is taken only if it has the same signature; the result is 1-minimal:
// no single op, setting or context switch can go, no operand can be simplified, under the
// schedules that are tried: the one there is without the op's own steps, also with each
// pre-emption a little earlier or later, the threads one after the other, and a few seeds.
// (Zeller and Hildebrandt 2002, "Simplifying and Isolating Failure-Inducing
// Input"; merging segments is what shrinks schedules.)
#pragma once

#include <cstdint>
#include <functional>

#include "exec/execute.h"
#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::exec {

// execute(), or what stands for it: heeds Options::elastic, tells segments and progress.
using Runner = std::function<Execution(const trace::Program&, const Options&)>;

struct Minimized {
  trace::Program program;        // with an explicit schedule
  Execution execution;           // of `program`
  std::uint64_t executions = 0;  // what it cost
  bool complete = false;         // 1-minimal; false: the budget ended first
};

// `program` must fail under `run`; CHECKed. budget: executions at most.
// The result depends on the arguments only.
[[nodiscard]] Minimized minimize(const trace::Program& program, const Runner& run,
                                 std::uint64_t budget = 100000);

}  // namespace daxfuzz::exec
