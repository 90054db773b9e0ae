// SPDX-License-Identifier: GPL-2.0-only
// Programs as subjects of a search. Read first: search.h.
#pragma once

#include "exec/execute.h"
#include "explore/search.h"
#include "trace/program.h"

namespace daxfuzz::explore {

struct ProgramLimits : Limits {
  // So many of thread 0's ops come before all else: they set up what the others meet.
  std::uint32_t set_up = 0;
};

// All schedules of the program; its own is ignored. An outcome is the signature, then what
// each op returned: "pass | 0 4096". options.choices and .watcher are ours.
[[nodiscard]] Report explore(const trace::Program& program, const ProgramLimits& limits,
                             exec::Options options = {}, const std::function<bool()>& interrupted = {});

// The parts of that search: parts.h.
[[nodiscard]] std::vector<Decisions> split(const trace::Program& program, const ProgramLimits& limits,
                                           std::size_t wanted);

// An outcome by its text.
[[nodiscard]] std::string outcome_key(const exec::Execution& execution);

// The program with the schedule that an outcome was first found with.
[[nodiscard]] trace::Program with_decisions(const trace::Program& program, const ProgramLimits& limits,
                                            const Decisions& decisions, exec::Options options = {});

}  // namespace daxfuzz::explore
