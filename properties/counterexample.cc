// SPDX-License-Identifier: GPL-2.0-only
// The text is read again: what a program in memory has and its text has not must be missed here. See
// counterexample.h.
#include "properties/counterexample.h"

#include "exec/execute.h"
#include "trace/text.h"

namespace daxfuzz::properties {

std::string file_name(const std::string& folder, const Property& property, const Outcome& outcome) {
  return folder + "/" + property.full_name() + (outcome.replays ? ".daxt" : ".calls");
}

std::string not_replayed(const std::string& daxt) {
  const auto parsed = trace::parse(daxt, "counterexample");
  if (!parsed.has_value()) return parsed.error().str();
  const trace::Trace& trace = parsed->trace;
  // Not properties::execute(): a look at what was found is no part of what the search costs.
  const exec::Execution execution = exec::execute(trace.program);
  if (execution.diverged) return "diverged: " + execution.divergence;
  if (const auto verdict = trace::header(trace, "verdict"); execution.signature() != verdict)
    return "the verdict is " + execution.signature() + ", not " + std::string(verdict);
  if (!trace.digest.has_value()) return "it has no digest";
  return execution.digest == *trace.digest ? "" : "another digest";
}

}  // namespace daxfuzz::properties
