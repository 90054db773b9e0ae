// SPDX-License-Identifier: GPL-2.0-only
// How a fuzz target tells what it found. Two ways:
//
// Under `daxfuzz fuzz` each new signature of a protocol goes once to the pipe
// DAXFUZZ_FINDINGS_FD, as a line `FINDING <n>` and n bytes of .daxt text, and the
// target goes on: an engine that stopped at each finding would never look behind
// the first. The engine's own crash files are not used, for it writes them with
// no care.
//
// Without the pipe (a bare libFuzzer or AFL++, ClusterFuzz) the first finding
// prints `ASSERTION FAILED: <signature>` and the trace, and aborts.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz/environment.h"
#include "trace/text.h"

namespace daxfuzz::fuzz {

class FindingStream {
 public:
  FindingStream(const Environment& environment, std::string found_by);

  // Called for each failing execution. `make` gives the trace to tell; it is asked
  // only if this signature is new under this protocol. Headers are added here.
  void found(trace::ProtocolId protocol, const std::string& signature,
             const std::function<trace::Trace()>& make);

 private:
  std::string found_by_;
  std::optional<int> fd_;
  std::set<std::pair<std::string, std::string>> seen_;  // and known before
};

}  // namespace daxfuzz::fuzz
