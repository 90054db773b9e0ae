// SPDX-License-Identifier: GPL-2.0-only
// A difference as a table for people: step, op, field, model, kernel side by side.
#pragma once

#include <string>
#include <vector>

#include "conformance/compare.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

// Three lines; `ops` by step.
[[nodiscard]] std::string table(const Difference& difference, const std::vector<trace::Op>& ops);

}  // namespace daxfuzz::conformance
