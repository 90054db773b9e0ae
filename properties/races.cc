// SPDX-License-Identifier: GPL-2.0-only
// What the lists know of a race. See races.h, known_races.h.
#include "properties/races.h"

#include <algorithm>
#include <sstream>

#include "properties/known_races.h"

namespace daxfuzz::properties {

using sched::TsanRace;

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
    else if (expected(race)) reported.known++;
    else reported.wrong += describe(race);
  }
  if (reports > races.size())
    reported.wrong += std::to_string(reports) + " reports, of which " + std::to_string(races.size()) + " were kept\n";
  return reported;
}

}  // namespace daxfuzz::properties
