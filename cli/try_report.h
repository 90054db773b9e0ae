// SPDX-License-Identifier: GPL-2.0-only
// Two builds of the model, by the lines of bugs/probe.h: what one does otherwise than the other. Knows
// nothing of how the lines came to be. Read next: try.cc.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace daxfuzz::cli {

struct TraceChange {
  std::string name, protocol, before, after;  // signatures, or "pass"
};

// That hunts of one build ended with, and none of the other's.
struct HuntChange {
  std::string signature;
  std::string protocol, engine;  // the first that did
  std::uint64_t executions = 0;  // of that hunt that ended so
};

// A plain load and a write that nothing orders, in hunts of one build only.
struct RaceChange {
  std::string protocol, load, write;  // the first that had it; "FUNCTION at LABEL"
};

struct ProgramChange {
  std::string protocol;
  std::uint64_t number = 0;
  std::string before, after;  // signature and results
};

struct Tried {
  std::size_t traces = 0, programs = 0;  // that both have run
  std::vector<TraceChange> changed;
  std::vector<HuntChange> found, gone;
  std::vector<RaceChange> races;  // met with the patch, and not without: samples, both
  std::vector<ProgramChange> programs_changed;
  std::vector<std::string> worth;  // "PROTOCOL  worth: ...": of the hunts with the patch
  // A trace that passed and fails, or a signature that the clean model's hunts do not have.
  [[nodiscard]] bool broke() const;
};

// The error is one line: the two were not asked the same.
[[nodiscard]] std::expected<Tried, std::string> compared(std::string_view before, std::string_view after);

// A trace's change as a line, without its end.
[[nodiscard]] std::string line(const TraceChange& change);

}  // namespace daxfuzz::cli
