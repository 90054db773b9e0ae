// SPDX-License-Identifier: GPL-2.0-only
// Executions written by hand for the tests of every format: one for each shape
// that a report has. They need no executor, so that a change of the port does not
// change the golden files.
#pragma once

#include <string>
#include <vector>

#include "exec/execution.h"
#include "trace/text.h"

namespace daxfuzz::report {

struct Sample {
  std::string name;  // of its golden files
  trace::Trace trace;
  exec::Execution run;
};

// Sample names: pinned, five, deadlock, hostile, pass.
[[nodiscard]] std::vector<Sample> samples();

}  // namespace daxfuzz::report
