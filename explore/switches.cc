// SPDX-License-Identifier: GPL-2.0-only
// Sets of switches by size, each with a search. See switches.h.
#include "explore/switches.h"

#include <algorithm>
#include <utility>

#include "model/protocol.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

// What the program's own settings say stays said.
trace::Program with(trace::Program program, const std::vector<trace::Setting>& settings) {
  for (const trace::Setting& setting : settings) {
    const bool own = std::ranges::any_of(
        program.settings, [&](const trace::Setting& other) { return other.id == setting.id; });
    if (!own) program.settings.push_back(setting);
  }
  return program;
}

// "pass" if no schedule fails, a signature if one does, "" if nobody knows.
std::string verdict(const trace::Program& program, const ProgramLimits& limits,
                    const std::function<bool()>& interrupted) {
  const Report report = explore(program, limits, {}, interrupted);
  for (const auto& [key, found] : report.outcomes)
    if (found.failed) return key.substr(0, key.find(" |"));
  return report.complete() ? "pass" : "";
}

// The next choice of as many out of `count`, in lexical order; false after the last.
bool next_choice(std::vector<std::size_t>& chosen, std::size_t count) {
  for (std::size_t i = chosen.size(); i-- > 0;) {
    if (chosen[i] == count - (chosen.size() - i)) continue;
    chosen[i]++;
    for (std::size_t j = i + 1; j < chosen.size(); j++) chosen[j] = chosen[j - 1] + 1;
    return true;
  }
  return false;
}

}  // namespace

std::vector<trace::Setting> differences(trace::ProtocolId from, trace::ProtocolId to) {
  const kernel::Protocol before = kernel::protocol_value(from), after = kernel::protocol_value(to);
  std::vector<trace::Setting> different;
  for (std::size_t id = 0; id < trace::switch_count(); id++) {
    const auto which = static_cast<trace::SwitchId>(id);
    for (std::size_t value = 0; value < trace::value_count(which); value++) {
      const trace::Setting setting{.id = which, .value = static_cast<std::uint8_t>(value)};
      if (kernel::protocol_value(to, {setting}) != after) continue;  // is not what it is there
      if (kernel::protocol_value(from, {setting}) != before) different.push_back(setting);
      break;
    }
  }
  CHECK(kernel::protocol_value(from, different) == after);
  return different;
}

Flips flips(const trace::Program& program, trace::ProtocolId from, trace::ProtocolId to,
            ProgramLimits limits, std::size_t size_max, const std::function<bool()>& interrupted) {
  limits.first_failure = true;
  trace::Program base = program;
  base.protocol = to;
  Flips result;
  result.different = differences(from, to);
  result.to = verdict(base, limits, interrupted);
  base.protocol = from;
  result.from = verdict(base, limits, interrupted);
  result.searches = 2;
  if (result.from.empty() || result.to.empty() || result.from == result.to) return result;
  const std::size_t count = result.different.size();
  for (std::size_t size = 1; size <= std::min(size_max, count) && result.smallest.empty(); size++) {
    std::vector<std::size_t> chosen(size);
    for (std::size_t i = 0; i < size; i++) chosen[i] = i;
    do {
      if (interrupted && interrupted()) {
        result.stopped = true;
        return result;
      }
      std::vector<trace::Setting> settings;
      for (const std::size_t i : chosen) settings.push_back(result.different[i]);
      const std::string found = verdict(with(base, settings), limits, interrupted);
      result.searches++;
      if (found.empty()) result.undecided = true;
      if (found == result.to) result.smallest.push_back(std::move(settings));
    } while (next_choice(chosen, count));
  }
  result.stopped = result.smallest.empty();
  return result;
}

}  // namespace daxfuzz::explore
