// SPDX-License-Identifier: GPL-2.0-only
// Rows as two Markdown tables: the engines, and each bug by each engine. Read next: plot.h.
#pragma once

#include <string>

#include "bench/time/rows.h"

namespace daxfuzz::bench {

[[nodiscard]] std::string engine_table(const Rows& rows, Measure measure);
[[nodiscard]] std::string bug_table(const Rows& rows, Measure measure);

}  // namespace daxfuzz::bench
