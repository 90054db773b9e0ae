// SPDX-License-Identifier: GPL-2.0-only
// Repeated execution with the digests compared: what `replay`, `show` and the
// import of findings call reliable. Read next: replay.cc (the verb).
#pragma once

#include <cstdint>
#include <string>

#include "cli/context.h"
#include "exec/execution.h"

namespace daxfuzz::cli {

struct Repeated {
  exec::Execution execution;  // of the first run
  std::uint64_t runs = 0;
  std::uint64_t same = 0;        // runs that had the digest and the signature of the first
  std::string first_difference;  // one line; empty if all were the same

  [[nodiscard]] bool deterministic() const { return same == runs; }
};

// Runs `program` `times` times (at least once). options.keep_events concerns the
// first run only.
[[nodiscard]] Repeated run_repeatedly(Context& context, const trace::Program& program,
                                      const exec::Options& options, std::uint64_t times);

// "20/20 replays, identical digest 0x...".
[[nodiscard]] std::string reliability(const Repeated& repeated);

}  // namespace daxfuzz::cli
