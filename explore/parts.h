// SPDX-License-Identifier: GPL-2.0-only
// A search in parts: each begins with other decisions, and together they are all of it. A
// part knows nothing of another's states, so what two meet is searched twice; outcomes are the
// same. Read first: search.h; jobs.h runs parts side by side.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "explore/search.h"

namespace daxfuzz::explore {

// First decisions of at least `wanted` parts, if there are so many; Limits::first of each. In the
// order in which they are decided, and the same on every machine. Of two that lead to one state
// only one is there: what is found below a state does not depend on how it was reached.
[[nodiscard]] std::vector<Decisions> split(Subject& subject, const Limits& limits, std::size_t wanted);

// What parts came to, together: sums, and each outcome once. It is complete if all are.
void merge(Report& into, const Report& part);

// A part's report as lines, and back; the error says what was expected.
[[nodiscard]] std::string text(const Report& report);
[[nodiscard]] std::expected<Report, std::string> parse_report(std::string_view text);

}  // namespace daxfuzz::explore
