// SPDX-License-Identifier: GPL-2.0-only
// For people: a difference as a table, step, op, field, model, kernel side by side; and what was
// compared how often, where there was none.
#pragma once

#include <string>
#include <vector>

#include "conformance/compare.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

// Three lines; `ops` by step.
[[nodiscard]] std::string table(const Difference& difference, const std::vector<trace::Op>& ops);

// "compared in 40 steps: ", then how many were steps of which op, and comparisons of which field.
[[nodiscard]] std::string summary(std::size_t steps, const Counts& ops, const Counts& fields);

}  // namespace daxfuzz::conformance
