// SPDX-License-Identifier: GPL-2.0-only
// What TSan reported of a run, held to known_races.h: the races that the kernel has, and those that a planted defect
// says it has, in the line "Races:" of its patch. Whatever else there is, is wrong, and so are
// reports that nobody can look at any more. Read next: sched/tsan_races.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sched/tsan_races.h"

namespace daxfuzz::properties {

// The functions of the "Races:" lines above a patch's "---".
[[nodiscard]] std::vector<std::string> races_of_patch(std::string_view patch);

struct Reported {
  bool planted = false;     // a race of one of the functions that were asked for
  std::uint32_t known = 0;  // races that the kernel has, and those of a lock that TSan does not see
  std::string wrong;        // the others, with their stacks; empty if there are none
};
// `reports`: how many TSan made; more than `races` if some were not kept.
[[nodiscard]] Reported judged(const std::vector<sched::TsanRace>& races, std::uint32_t reports,
                              const std::vector<std::string>& planted = {});

}  // namespace daxfuzz::properties
