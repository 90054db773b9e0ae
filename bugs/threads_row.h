// SPDX-License-Identifier: GPL-2.0-only
// A hunt on real threads as a row: a process of its own, since a bug may end it by a signal, or never.
// Both count as found. It is bounded twice, by a count of runs and by a watchdog for each of them; who
// interleaves is the machine, so the row is NOT REPEATABLE. Read next: threads_main.cc, which says what a run is.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "bugs/row.h"

namespace daxfuzz::bugs {

struct Stressed {
  std::uint64_t steps = 0;
  std::string signature;  // if the run ended as it cannot without the bug, else ""
};

// What a hunt that the watchdog has ended is told to have found.
inline constexpr std::string_view kHang = "hang on threads";

// Asks `next` in a child for one run after the other: row.budget of them, or up to one that finds, dies, or
// takes more than `patience` seconds. `row` says bug, engine, seed and budget. The error: no process was to be had.
[[nodiscard]] std::expected<Row, std::string> threads_row(Row row, std::uint32_t patience,
                                                          const std::function<Stressed()>& next);

}  // namespace daxfuzz::bugs
