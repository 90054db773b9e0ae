// SPDX-License-Identifier: GPL-2.0-only
// Names of verdicts. See execution.h.
#include "exec/execution.h"

namespace daxfuzz::exec {

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::invariant: return "invariant";
    case Verdict::warn: return "warn";
    case Verdict::bug: return "bug";
    case Verdict::deadlock: return "deadlock";
    case Verdict::lost_wakeup: return "lost-wakeup";
    case Verdict::hang: return "hang";
    case Verdict::livelock: return "livelock";
  }
  return "?";
}

std::string text(const DataRace& race) {
  const auto side = [](const DataRace::Side& who, const char* does) {
    return "T" + std::to_string(who.thread) + (who.function.empty() ? "" : " in " + who.function) +
           (who.at.empty() ? "" : " at " + who.at) + " " + does;
  };
  const std::string load = side(race.load, "loads"), write = side(race.write, "writes");
  return race.load_first ? load + ", then unordered " + write : write + ", then unordered " + load;
}

std::string Execution::signature() const { return failed() ? finding.signature() : "pass"; }

}  // namespace daxfuzz::exec
