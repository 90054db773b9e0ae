// SPDX-License-Identifier: GPL-2.0-only
// What rapidcheck's shrinking has left of a case beside what the minimiser leaves of it (exec/minimize.h), of
// a property whose counterexamples are findings. Read next: shrink_table, which asks for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/property.h"

namespace daxfuzz::properties {

struct Beside {
  std::string signature;                           // of the finding
  std::size_t drawn = 0, shrunk = 0, minimized = 0;  // ops
  std::uint64_t executions = 0;                    // of the minimiser
  // "T0: fault   m0+0 read" for each op, then "segments: 3" of the schedule.
  std::vector<std::string> shrunk_text, minimized_text;
};

// Nothing if the counterexample is no finding, or if the case that was drawn is another one.
[[nodiscard]] std::optional<Beside> beside_minimizer(const Outcome& outcome);
// "drawn 13, shrunk 4, minimized 4 (of 812 executions): deadlock in do_munmap", then a line for each of both texts:
// "shrunk     T0: fault   m0+0 read".
[[nodiscard]] std::string text(const Beside& beside);

}  // namespace daxfuzz::properties
