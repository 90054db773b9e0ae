// SPDX-License-Identifier: GPL-2.0-only
// How many schedules of a machine are left if those count as one that differ only in the order of
// neighbouring steps that do not conflict (Mazurkiewicz 1977). Counted, not made: in the way of sleep
// sets (Godefroid 1991), with what was counted from a state kept.
#pragma once

#include <cstdint>

#include "explore/machine.h"

namespace daxfuzz::explore {

// Of a machine whose steps are all known and whose runs all end. UINT64_MAX: that or more.
[[nodiscard]] std::uint64_t count_classes(Machine& machine);

// UINT64_MAX: that or more.
[[nodiscard]] inline std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

}  // namespace daxfuzz::explore
