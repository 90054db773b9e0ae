// SPDX-License-Identifier: GPL-2.0-only
// Races that the kernel has, as corpus/races_test.cc lists them by the functions that load and that
// write, here by what is on the stacks of TSan's report. No suppression: that would hide whatever
// else these functions race with. Read first: sched/tsan_races.h.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "sched/tsan_races.h"

namespace daxfuzz::properties {

struct KnownRace {
  std::string_view load, write;
};
inline constexpr KnownRace kKnownRaces[] = {
    {"dax_associate_entry", "dax_associate_entry"}, {"dax_disassociate_entry", "free_zone_device_folio"},
    {"dax_lock_folio", "dax_associate_entry"},      {"dax_unlock_folio", "dax_associate_entry"},
    {"mf_generic_kill_procs", "dax_associate_entry"},
};

[[nodiscard]] inline bool has(const sched::TsanRace::Side& side, std::string_view function) {
  return std::ranges::find(side.functions, function) != side.functions.end();
}

[[nodiscard]] inline bool known(const sched::TsanRace& race) {
  return std::ranges::any_of(kKnownRaces, [&race](const KnownRace& pair) {
    return (has(race.sides[0], pair.load) && has(race.sides[1], pair.write)) ||
           (has(race.sides[1], pair.load) && has(race.sides[0], pair.write));
  });
}

// Who associates a page with a file writes to the page under the lock of one file's entry, and whoever looks at a
// page loads that: GUP, rmap, memory failure, another file's fault. There are more such pairs than kKnownRaces
// has, each rare; what is drawn at length comes to all of them.
[[nodiscard]] inline bool associates(const sched::TsanRace& race) {
  return std::ranges::any_of(race.sides, [](const sched::TsanRace::Side& side) {
    return side.write && (has(side, "dax_associate_entry") || has(side, "dax_disassociate_entry"));
  });
}

// An inode that has been freed is read in again: iget() waits for that under i_lock, which exec/one_step.patch has as
// a lock that TSan does not see. So what the end of the inode does looks unordered to what comes after.
[[nodiscard]] inline bool of_a_freed_inode(const sched::TsanRace& race) {
  return std::ranges::any_of(race.sides, [](const auto& side) { return has(side, "iput_final"); });
}

// Any of these: a report that is no finding.
[[nodiscard]] inline bool expected(const sched::TsanRace& race) {
  return known(race) || associates(race) || of_a_freed_inode(race);
}

// The innermost function of the port: what accesses a word for it is inlined there.
[[nodiscard]] inline std::string function_of(const sched::TsanRace::Side& side) {
  constexpr std::string_view kAccessors[] = {"load", "store", "read_once", "peek", "init", "read", "set"};
  for (const std::string& function : side.functions)
    if (std::ranges::find(kAccessors, function) == std::end(kAccessors)) return function;
  return "?";
}

[[nodiscard]] inline std::string describe(const sched::TsanRace& race) {
  std::string text;
  for (const sched::TsanRace::Side& side : race.sides) {
    text += side.write ? "writes:" : "loads:";
    for (const std::string& function : side.functions) text += " " + function;
    text += "\n";
  }
  return text;
}

}  // namespace daxfuzz::properties
