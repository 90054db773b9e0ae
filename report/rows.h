// SPDX-License-Identifier: GPL-2.0-only
// The event log as rows of a table: one column a task, calls indented, what does
// not matter folded, the causal slice marked. Knows nothing of widths: that is
// splat.cc. What is folded and what the slice is: docs/reports.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::report {

struct Row {
  std::uint64_t step = 0;
  std::size_t column = 0;
  std::size_t depth = 0;  // of nested calls
  std::string text;
  bool failing = false;      // where the finding was made
  bool slice = false;        // of the causal slice
  exec::PageState state;     // after the row
  bool changed[4] = {};      // ref, map, pin, share: not as in the row before
  std::uint64_t folded = 0;  // not 0: a gap of so many rows, all else is empty
};

struct Table {
  std::vector<std::string> columns;  // "T0", "T1", "exit"
  std::vector<Row> rows;
  bool has_states = false;
  std::uint64_t events_shown = 0;
  std::uint64_t events_all = 0;
};

// `full`: every event is a row. Empty if the execution kept no events.
[[nodiscard]] Table table(const trace::Program& program, const exec::Execution& execution,
                          bool full);

}  // namespace daxfuzz::report
