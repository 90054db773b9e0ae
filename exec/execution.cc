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

std::string Execution::signature() const { return failed() ? finding.signature() : "pass"; }

}  // namespace daxfuzz::exec
