// SPDX-License-Identifier: GPL-2.0-only
// A folder of crashes as a handful of findings: inputs that fail alike are one, and of each the smallest few
// are minimised, side by side, each in a process of its own, so that an input of which the model itself
// dies ends nothing else. Killed and started again it goes on (kept.h). What is written where:
// docs/cli.md. Read first: inputs.h; read next: shrink.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/inputs.h"

namespace daxfuzz::cli {

struct TriageWish {
  std::vector<std::string> folders;
  std::string out;
  InputsWish inputs;
  std::uint64_t budget = 0;  // executions to minimise one input
  std::size_t jobs = 1;
  bool lenient = false;      // schedules of text are followed by their labels
};

struct Triaged {
  std::string protocol, signature;  // what its inputs have in common
  std::string folder;               // of its files
  std::size_t inputs = 0;
  std::string first_seen;           // and of which input
  std::string summary;              // "41 -> 7 ops, ..."
  std::string critical;             // exec/critical.h, or why there is none
  std::string reliable;             // "20/20 replays, ..."
  std::string problem;              // why it is not minimised; "" if it is
};

struct Triage {
  std::vector<Triaged> findings;  // by protocol and signature
  std::size_t inputs = 0, passed = 0, died = 0;
  std::vector<std::string> refused;
  int exit_code = 0;
};

[[nodiscard]] Triage triage(const TriageWish& wish, Context& context);

}  // namespace daxfuzz::cli
