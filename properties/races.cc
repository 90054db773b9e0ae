// SPDX-License-Identifier: GPL-2.0-only
// The list, and what is held to it. See races.h.
#include "properties/races.h"

#include <algorithm>
#include <sstream>

namespace daxfuzz::properties {
namespace {

using sched::TsanRace;

// Races that the kernel has, as corpus/races_test.cc lists them by the functions that load and
// that write, here by what is on the stacks of TSan's report. No suppression: that would hide
// whatever else these functions race with.
struct Known {
  std::string_view load, write;
};
constexpr Known kKnown[] = {
    {"dax_associate_entry", "dax_associate_entry"}, {"dax_disassociate_entry", "free_zone_device_folio"},
    {"dax_lock_folio", "dax_associate_entry"},      {"dax_unlock_folio", "dax_associate_entry"},
    {"mf_generic_kill_procs", "dax_associate_entry"},
};

bool has(const TsanRace::Side& side, std::string_view function) {
  return std::ranges::find(side.functions, function) != side.functions.end();
}

bool is_known(const TsanRace& race) {
  return std::ranges::any_of(kKnown, [&race](const Known& pair) {
    return (has(race.sides[0], pair.load) && has(race.sides[1], pair.write)) ||
           (has(race.sides[1], pair.load) && has(race.sides[0], pair.write));
  });
}

std::string text_of(const TsanRace& race) {
  std::string text;
  for (const TsanRace::Side& side : race.sides) {
    text += side.write ? "writes:" : "loads:";
    for (const std::string& function : side.functions) text += " " + function;
    text += "\n";
  }
  return text;
}

}  // namespace

std::vector<std::string> races_of_patch(std::string_view patch) {
  std::vector<std::string> functions;
  std::istringstream lines{std::string(patch)};
  constexpr std::string_view kKey = "Races:";
  for (std::string line; std::getline(lines, line) && line != "---";) {
    if (!line.starts_with(kKey)) continue;
    std::istringstream words(line.substr(kKey.size()));
    for (std::string word; words >> word;) functions.push_back(word);
  }
  return functions;
}

Reported judged(const std::vector<TsanRace>& races, std::uint32_t reports, const std::vector<std::string>& planted) {
  Reported reported;
  for (const TsanRace& race : races) {
    const bool its = std::ranges::any_of(planted, [&race](const std::string& function) {
      return has(race.sides[0], function) || has(race.sides[1], function);
    });
    if (its) reported.planted = true;
    else if (is_known(race)) reported.known++;
    else reported.wrong += text_of(race);
  }
  if (reports > races.size())
    reported.wrong += std::to_string(reports) + " reports, of which " + std::to_string(races.size()) + " were kept\n";
  return reported;
}

}  // namespace daxfuzz::properties
