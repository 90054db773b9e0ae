// SPDX-License-Identifier: GPL-2.0-only
// Rows as two Markdown tables: the engines, and each bug by each engine. Read next: against.h, plot.h.
#pragma once

#include <string>

#include "bench/time/rows.h"

namespace daxfuzz::bench {

// Seconds with two digits, counts without; "> HORIZON" if it is infinite.
[[nodiscard]] std::string number(double value, Measure measure, double horizon);
[[nodiscard]] std::string engine_table(const Rows& rows, Measure measure);
[[nodiscard]] std::string bug_table(const Rows& rows, Measure measure);

}  // namespace daxfuzz::bench
