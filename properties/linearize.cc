// SPDX-License-Identifier: GPL-2.0-only
// The ops of a run for orders.h. See linearize.h.
#include "properties/linearize.h"

#include <algorithm>
#include <climits>
#include <optional>
#include <utility>

#include "sched/check.h"
#include "trace/text.h"

namespace daxfuzz::properties {

using trace::Program;

std::vector<Interval> intervals(const Program& program, const exec::Execution& execution) {
  std::vector<Interval> when(program.ops.size());
  for (std::size_t i = 0; i < execution.events.size(); i++) {
    const sched::Event& event = execution.events[i];
    const bool begins = event.kind == sched::EventKind::op_begin, ends = event.kind == sched::EventKind::op_end;
    if (!begins && !ends) continue;
    Interval& of = when[static_cast<std::size_t>(event.a)];
    (begins ? of.begin : of.end) = i;
  }
  return when;
}

std::string not_linearizable(const Program& program, const std::vector<std::int64_t>& results,
                             const std::vector<Interval>& when) {
  CHECK(std::ranges::find(results, INT64_MIN) == results.end() && when.size() == program.ops.size());
  std::vector<std::vector<std::size_t>> threads(trace::kThreadsMax);
  for (std::size_t i = 0; i < program.ops.size(); i++) threads[program.ops[i].thread].push_back(i);
  Orders<FileModel> orders(
      std::move(threads), when,
      [&](const FileModel& model, std::size_t op) -> std::optional<FileModel> {
        FileModel after = model;
        if (after.run(program.ops[op]) != results[op]) return std::nullopt;
        return after;
      },
      [](const FileModel&) { return true; });
  if (orders.found(FileModel())) return "";
  std::string why = "no order of the ops returns what they returned; the longest has " +
                    std::to_string(orders.furthest()) + " of " + std::to_string(program.ops.size()) + ":";
  for (std::size_t i = 0; i < program.ops.size(); i++)
    why += " " + trace::print(program.ops[i]) + " = " + std::to_string(results[i]) + ";";
  return why;
}

}  // namespace daxfuzz::properties
