// SPDX-License-Identifier: GPL-2.0-only
// Both start from the case as it was drawn, with the schedule that it had. See beside.h.
#include "properties/beside.h"

#include "exec/minimize.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

std::vector<std::string> text_of(const trace::Program& program) {
  std::vector<std::string> lines;
  for (const trace::Op& op : program.ops) lines.push_back("T" + std::to_string(op.thread) + ": " + trace::print(op));
  lines.push_back("segments: " + std::to_string(program.schedule.segments.size()));
  return lines;
}

}  // namespace

std::optional<Beside> beside_minimizer(const Outcome& outcome) {
  if (!outcome.replays) return std::nullopt;
  const auto drawn = trace::parse(outcome.drawn, "drawn"), shrunk = trace::parse(outcome.counterexample, "shrunk");
  if (!drawn.has_value() || !shrunk.has_value()) return std::nullopt;
  const trace::Program& program = drawn->trace.program;
  const exec::Execution first = exec::execute(program), last = exec::execute(shrunk->trace.program);
  if (!first.failed() || first.signature() != last.signature()) return std::nullopt;
  const exec::Minimized least = exec::minimize(program, [](const auto& smaller, const auto& options) {
    return exec::execute(smaller, options);
  });
  return Beside{.signature = first.signature(),
                .drawn = program.ops.size(),
                .shrunk = shrunk->trace.program.ops.size(),
                .minimized = least.program.ops.size(),
                .executions = least.executions,
                .shrunk_text = text_of(shrunk->trace.program),
                .minimized_text = text_of(least.program)};
}

std::string text(const Beside& beside) {
  std::string text = "drawn " + std::to_string(beside.drawn) + ", shrunk " + std::to_string(beside.shrunk) +
                     ", minimized " + std::to_string(beside.minimized) + " (of " + std::to_string(beside.executions) +
                     " executions): " + beside.signature;
  for (const std::string& line : beside.shrunk_text) text += "\nshrunk     " + line;
  for (const std::string& line : beside.minimized_text) text += "\nminimized  " + line;
  return text;
}

}  // namespace daxfuzz::properties
