// SPDX-License-Identifier: GPL-2.0-only
// A whole program that a seed alone determines, for campaigns and hunts without an engine.
// Read next: new_op.h, how each op is drawn.
#pragma once

#include <cstdint>
#include <optional>

#include "fuzz/random.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

struct Draw {
  std::optional<trace::ProtocolId> protocol;  // none: drawn for each program
  std::uint64_t threads = 2;    // 1..kThreadsMax
  std::uint64_t ops = 16;       // 1..kOpsMax
  std::uint64_t pmd_order = 0;  // 0: drawn from those of small worlds
  // Of two threads or more every second program is of one page instead (focus.h), with as many ops as it takes.
  bool focused = true;
  bool tso = false;             // set memory=tso in each
};

// valid(), with a random schedule of a seed that is drawn, too.
[[nodiscard]] trace::Program drawn(const Draw& draw, Random& random);

}  // namespace daxfuzz::fuzz
