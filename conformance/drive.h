// SPDX-License-Identifier: GPL-2.0-only
// Runs ops on the model in a forced order, one at a time, as the guest's agent runs them: an op
// goes on until it returns or waits for what only a later op can bring, then all others that
// wait are given their turn, then the state is noted, and the next op begins. No limit on how
// many ops there are: one machine serves them all, so a run of thousands of ops is one run,
// and not many programs of trace::kOpsMax. Read next: drive.cc, sequence.h (where ops come from).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/log.h"
#include "model/world.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

// What a run is made of, but for its ops.
struct Scene {
  trace::ProtocolId protocol = trace::ProtocolId::legacy;
  std::vector<trace::Setting> settings;
  trace::Geometry geometry;
  std::size_t threads = 1;
  std::uint64_t steps_max = UINT64_MAX;  // of all ops together: an op may never end
  std::uint16_t free_blocks = 0;  // nearly full: as many are free before the first op; 0: all
};

// More blocks than a trace may ask for: none of a guest's runs ends for want of them.
inline constexpr std::uint16_t kBlocks = 0xfe00;

// Who is in an op that waits: a bit each.
struct Busy {
  std::uint32_t threads = 0;
  std::uint32_t mms = 0;  // processes that these ops are made in
};

// The next op, of a thread whose bit in `busy` is not set; nullopt: that was all. An op that
// is not applicable() is left out, and so is one that refusal() names.
using Next = std::function<std::optional<trace::Op>(const kernel::World&, Busy busy)>;

struct Driven {
  std::string script;                 // for the guest; a line an op
  std::vector<trace::Op> ops;         // by step
  Log log;                            // the model's
  std::vector<std::string> left_out;  // "op (why)", each once
  std::string stopped;                // why the model could not go on; empty: it ran all
};

[[nodiscard]] Driven drive(const Scene& scene, const Next& next);

// The same ops once more, after a kernel has run them: its blocks are the model's, so that what
// hangs on their alignment is the same on both sides. Nothing is left out; an op whose thread
// still waits is told to be busy, as the guest tells it.
[[nodiscard]] Log follow(const Scene& scene, const std::vector<trace::Op>& ops, const Log& kernel);

}  // namespace daxfuzz::conformance
