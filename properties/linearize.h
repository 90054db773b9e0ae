// SPDX-License-Identifier: GPL-2.0-only
// Is there an order of the ops of a run that keeps to the order in which they happened and in which
// FileModel returns what each returned? Wing and Gong 1993, with Lowe's memory of states (2017).
// Read next: parallel.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exec/execution.h"
#include "properties/file_model.h"
#include "trace/program.h"

namespace daxfuzz::properties {

// When an op ran: the numbers of the events at which it began and ended.
struct Interval {
  std::uint64_t begin = UINT64_MAX, end = UINT64_MAX;
};
// Of each op, from the events of a run (exec::Options::keep_events).
[[nodiscard]] std::vector<Interval> intervals(const trace::Program& program, const exec::Execution& execution);

// Why there is none; empty if there is one. Every op has ended.
[[nodiscard]] std::string not_linearizable(const trace::Program& program, const std::vector<std::int64_t>& results,
                                           const std::vector<Interval>& when);

}  // namespace daxfuzz::properties
