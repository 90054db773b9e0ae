// SPDX-License-Identifier: GPL-2.0-only
// All programs of a small size, each under all schedules: two threads that do `ops` things
// each, out of an alphabet, to a world that is set up before. Programs that differ in the
// threads' names only are one. Read first: program.h; census_main.cc runs it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explore/program.h"
#include "trace/program.h"

namespace daxfuzz::explore {

struct Space {
  trace::ProtocolId protocol = trace::ProtocolId::upstream;
  std::vector<trace::Setting> settings;
  std::string geometry;                // as in a trace, "files=1 ..."
  std::vector<std::string> set_up;     // ops of thread 0, as in a trace
  std::vector<std::string> alphabet;   // ops; an '@' is the thread's number
  std::uint32_t ops = 1;               // of each thread, after the set-up
};
// One page of a file is written and mapped; ops that map, pin, write and free it.
[[nodiscard]] Space one_page(trace::ProtocolId protocol, std::uint32_t ops);

// How many there are, and one of them.
[[nodiscard]] std::uint64_t programs(const Space& space);
[[nodiscard]] trace::Program program(const Space& space, std::uint64_t number);

struct Violated {
  std::uint64_t programs = 0;  // of which some schedule does it
  std::uint64_t number = 0;    // of the first of them
  Decisions decisions;         // of that schedule
};

struct Census {
  std::uint64_t programs = 0, complete = 0;
  std::uint64_t executions = 0, states = 0;
  std::map<std::string, Violated> violated;  // by signature
};

// Those whose number is `part` modulo `parts`. limits: of each program; .set_up is ours.
// seen: told after each; false ends the census.
[[nodiscard]] Census census(const Space& space, ProgramLimits limits, std::uint64_t part,
                            std::uint64_t parts, const std::function<bool(const Census&)>& seen = {});

// The first program that does it, with the schedule.
[[nodiscard]] trace::Program example(const Space& space, ProgramLimits limits, const Violated& violated);

// A part's census as lines, and back, and two of different parts as one.
[[nodiscard]] std::string text(const Census& census);
[[nodiscard]] std::optional<Census> parse_census(std::string_view text);
void merge(Census& into, const Census& part);

}  // namespace daxfuzz::explore
