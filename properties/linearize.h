// SPDX-License-Identifier: GPL-2.0-only
// Is there an order of the ops of a run that keeps to the order in which they happened and in which
// FileModel returns what each returned? Read next: orders.h (the search), parallel.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exec/execution.h"
#include "properties/file_model.h"
#include "properties/orders.h"
#include "trace/program.h"

namespace daxfuzz::properties {

// When each op ran, from the events of a run (exec::Options::keep_events): the numbers of those at which it began
// and ended.
[[nodiscard]] std::vector<Interval> intervals(const trace::Program& program, const exec::Execution& execution);

// Why there is none; empty if there is one. Every op has ended.
[[nodiscard]] std::string not_linearizable(const trace::Program& program, const std::vector<std::int64_t>& results,
                                           const std::vector<Interval>& when);

}  // namespace daxfuzz::properties
