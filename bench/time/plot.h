// SPDX-License-Identifier: GPL-2.0-only
// Rows as a picture: for each engine how many bugs a hunt of each is expected to have found by a time.
// Read next: report_main.cc.
#pragma once

#include <string>

#include "bench/time/rows.h"

namespace daxfuzz::bench {

// An SVG of its own; time is logarithmic.
[[nodiscard]] std::string svg(const Rows& rows, Measure measure);

}  // namespace daxfuzz::bench
