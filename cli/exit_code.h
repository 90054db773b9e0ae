// SPDX-License-Identifier: GPL-2.0-only
// What the command's exit status means. Documented in docs/cli.md; API.
#pragma once

namespace daxfuzz::cli {

enum ExitCode : int {
  kNothingFound = 0,
  kFinding = 1,
  kUsage = 2,
  kEnvironment = 3,     // I/O, disk full, engine missing or broken
  kNondeterminism = 4,  // the same trace gave different executions
  kBadTrace = 5,        // not a trace, or not one of this port
  kBisectSkip = 125,    // replay --bisect: everything but 0 and 1
  kInterrupted = 130,   // by SIGINT or SIGTERM; state saved
};

// The more serious of two, for commands that look at several files: what makes
// all results doubtful first, a finding after what kept us from looking.
[[nodiscard]] constexpr int worse(int a, int b) {
  constexpr int kOrder[] = {kInterrupted, kNondeterminism, kBadTrace,
                            kEnvironment, kUsage,          kFinding};
  for (int code : kOrder)
    if (a == code || b == code) return code;
  return kNothingFound;
}

}  // namespace daxfuzz::cli
