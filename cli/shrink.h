// SPDX-License-Identifier: GPL-2.0-only
// Minimisation as files see it: a failing program in, the text of a smaller trace
// out, checked. `minimize` and the import of findings share it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "cli/context.h"
#include "trace/text.h"

namespace daxfuzz::cli {

struct Shrunk {
  trace::Trace trace;  // explicit schedule, digest, headers
  exec::Execution execution;
  std::string summary;  // "41 -> 7 ops, 96 -> 5 switches, 1234 executions"
  bool complete = false;
};

// Why there is nothing smaller, and the exit code of that.
struct NotShrunk {
  int exit_code = 0;
  std::string why;
};

// Keeps the signature: what comes back was executed once more and has it. An
// interrupt ends it early, with what was reached by then.
[[nodiscard]] std::expected<Shrunk, NotShrunk> shrink(Context& context, const trace::Trace& source,
                                                      const exec::Options& options,
                                                      std::uint64_t budget);

// The finding of `execution` as a file: its schedule, digest and verdict, and who
// found it.
[[nodiscard]] trace::Trace as_finding(const trace::Trace& source, const trace::Program& program,
                                      const exec::Execution& execution);

}  // namespace daxfuzz::cli
