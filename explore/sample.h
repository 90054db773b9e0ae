// SPDX-License-Identifier: GPL-2.0-only
// Schedules of a program that are drawn, for when it has too many to search them all. Read
// first: program.h, sched/strategy.h.
#pragma once

#include "explore/program.h"
#include "sched/strategy.h"

namespace daxfuzz::explore {

// Limits::executions runs, or fewer with Limits::first_failure. Outcomes are those of explore();
// never complete(): Report::cut says what ended it.
[[nodiscard]] Report sample(const trace::Program& program, const ProgramLimits& limits, sched::Strategy strategy,
                            std::uint64_t seed, exec::Options options = {},
                            const std::function<bool()>& interrupted = {});

}  // namespace daxfuzz::explore
