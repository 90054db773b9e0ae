// SPDX-License-Identifier: GPL-2.0-only
// Which rules make the difference: the smallest sets of switches that, changed from one
// protocol to what they are in another, change the verdict of a program over all of its
// schedules. Unlike //fuzz:causes it follows no schedule that was recorded: a pass is a
// pass of all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "explore/program.h"
#include "trace/program.h"

namespace daxfuzz::explore {

// The switches in which the two differ, each with its value in `to`.
[[nodiscard]] std::vector<trace::Setting> differences(trace::ProtocolId from, trace::ProtocolId to);

struct Flips {
  std::string from, to;  // "pass", a signature, or "" if the search did not come to its end
  std::vector<trace::Setting> different;
  std::vector<std::vector<trace::Setting>> smallest;  // all of the least size that change it
  std::uint64_t searches = 0;
  bool undecided = false;  // some set's search did not come to its end
  bool stopped = false;    // before a set was found: size_max, or interrupted
};

// Sets of up to size_max switches, smaller ones first. The program's own protocol is
// ignored, its settings stay in force under both.
[[nodiscard]] Flips flips(const trace::Program& program, trace::ProtocolId from, trace::ProtocolId to,
                          ProgramLimits limits, std::size_t size_max,
                          const std::function<bool()>& interrupted = {});

}  // namespace daxfuzz::explore
