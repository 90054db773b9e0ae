// SPDX-License-Identifier: GPL-2.0-only
// exec::execute() for properties: the same, and counted, so that `daxfuzz check` can say what a
// property costs. Read next: property.h (Outcome::executions).
#pragma once

#include <cstdint>

#include "exec/execute.h"

namespace daxfuzz::properties {

[[nodiscard]] exec::Execution execute(const trace::Program& program, const exec::Options& options = {});
// A machine without a scheduler, or a part of the port, that calls are made on counts as one, too.
void count_execution();
// Of this process so far, those of shrinking among them.
[[nodiscard]] std::uint64_t executions();

}  // namespace daxfuzz::properties
