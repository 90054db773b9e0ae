// SPDX-License-Identifier: GPL-2.0-only
// Stress on real threads held against the engines: how many times as much it takes to find a bug, in medians over
// seeds. Where one side does not find within its budget there is a bound only, and where neither does, nothing.
// Read first: table.h.
#pragma once

#include <string>
#include <vector>

#include "bench/time/rows.h"

namespace daxfuzz::bench {

enum class Bound : std::uint8_t { exact, at_least, at_most, neither };
struct Ratio {
  Bound bound = Bound::neither;
  double value = 0;
  bool operator==(const Ratio&) const = default;
};
// A median, infinite if it was not reached within `horizon`.
struct Side {
  double median = 0, horizon = 0;
};
[[nodiscard]] Ratio ratio(const Side& stress, const Side& engine);
// Of those that are not `neither` the middle one, of an even number the lower. Never more than is known: what is at
// least something counts as that, what is at most something as nothing.
[[nodiscard]] Ratio middle(std::vector<Ratio> ratios);
// "12 times", "> 60 times", "< 0.02 times", "-"
[[nodiscard]] std::string text(const Ratio& ratio);

// A row an engine on threads: the median ratio to each engine, and to the best of each bug. "" if either is missing.
[[nodiscard]] std::string stress_table(const Rows& rows, Measure measure);
// A row a bug, one for the median and one for those that neither side finds.
[[nodiscard]] std::string stress_bug_table(const Rows& rows, Measure measure);

}  // namespace daxfuzz::bench
