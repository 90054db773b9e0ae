// SPDX-License-Identifier: GPL-2.0-only
// How few switches the minimiser leaves of failures of the classic programs (explore/classic_programs.h). What is
// least is known: all schedules with fewer were gone through. Read next: classic_main.cc.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace daxfuzz::bench {

struct ClassicRow {
  const char* name = "";
  std::size_t fewest = 0;  // segments that a failure has at least: the switches and the first
  // Of each failure that was minimised: its segments before and after, and the runs that it took.
  std::vector<std::size_t> drawn, reached, replays;
  [[nodiscard]] std::size_t minimal() const {
    return static_cast<std::size_t>(std::ranges::count(reached, fewest));
  }
};

// From so many failing seeds of uniform random schedules each.
[[nodiscard]] std::vector<ClassicRow> classic_rows(std::uint64_t seeds);

}  // namespace daxfuzz::bench
