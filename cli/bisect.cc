// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz bisect: the smallest sets of switches that make one protocol's verdict on a
// program the other's, over all schedules. See docs/cli.md, explore/switches.h.
#include <limits>

#include "cli/exit_code.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "explore/switches.h"
#include "report/json_writer.h"

namespace daxfuzz::cli {
namespace {

constexpr std::size_t kSwitchesMost = 3;
constexpr std::uint64_t kExecutions = 1'000'000;

std::string spelled_out(const std::vector<trace::Setting>& settings) {
  std::string text;
  for (const trace::Setting& setting : settings) {
    text += (text.empty() ? "" : " ") + std::string(trace::info(setting.id).name) + "=";
    text += trace::value_name(setting.id, setting.value);
  }
  return text;
}

std::string told(const std::string& verdict) {
  if (verdict.empty()) return "not complete";
  return verdict == "pass" ? "complete: no schedule violates anything" : "FAIL " + verdict;
}

std::string summary(const explore::Flips& flips) {
  if (flips.from.empty() || flips.to.empty()) return "a search did not come to its end; give it more --budget";
  if (flips.from == flips.to) return "both protocols have the same verdict";
  if (!flips.smallest.empty())
    return std::string(flips.undecided ? "found, but some searches did not come to their end" : "least of all sets");
  return "no set of up to " + std::to_string(kSwitchesMost) + " of the " +
         std::to_string(flips.different.size()) + " switches in which they differ";
}

}  // namespace

int bisect(const Args& args, Context& context) {
  const auto protocol = [&](const char* flag) { return parse_protocols(args.get(flag)); };
  const auto from = protocol("from"), to = protocol("to");
  const std::string one = "expected one protocol";
  if (!from || from->size() != 1) return bad_value(args, context, "from", from ? one : from.error());
  if (!to || to->size() != 1) return bad_value(args, context, "to", to ? one : to.error());
  explore::ProgramLimits limits;
  limits.executions = kExecutions;
  if (args.has("budget")) {
    const auto budget = parse_budget(args.get("budget"));
    if (!budget) return bad_value(args, context, "budget", budget.error());
    if (budget->executions == 0)
      return bad_value(args, context, "budget", "expected executions of each search, such as 100k-execs");
    limits.executions = budget->executions;
  }
  if (args.has("set-up")) {
    const auto set_up = parse_count(args.get("set-up"), trace::kOpsMax);
    if (!set_up) return bad_value(args, context, "set-up", set_up.error());
    limits.set_up = static_cast<std::uint32_t>(*set_up);
  }
  const auto loaded = load_trace(*context.sys, args.operands[0], trace::Parse::strict);
  if (!loaded) {
    context.problem(loaded.error().what + "\n");
    return loaded.error().exit_code;
  }
  const explore::Flips flips = explore::flips(loaded->trace.program, from->front(), to->front(), limits,
                                              kSwitchesMost, context.interrupted);
  const bool undecided = flips.from.empty() || flips.to.empty();
  const int code = context.interrupted() ? kInterrupted : undecided ? kEnvironment : kNothingFound;
  if (args.has("json")) {
    report::JsonWriter sets('[');
    for (const auto& set : flips.smallest) sets.item(report::json_string(spelled_out(set)));
    context.result(report::JsonWriter('{')
                       .text("schema", "daxfuzz.bisect/1")
                       .number("exit", code)
                       .text("from", flips.from)
                       .text("to", flips.to)
                       .number("different", static_cast<std::int64_t>(flips.different.size()))
                       .number("searches", static_cast<std::int64_t>(flips.searches))
                       .member("smallest", sets.done())
                       .text("summary", summary(flips))
                       .done() +
                   "\n");
    return code;
  }
  std::string text = loaded->path + "\n  " + args.get("from") + "  " + told(flips.from) + "\n  " +
                     args.get("to") + "  " + told(flips.to) + "\n";
  for (const auto& set : flips.smallest) text += "  " + args.get("from") + " with " + spelled_out(set) + " does too\n";
  text += summary(flips) + ": " + std::to_string(flips.searches) + " searches\n";
  const std::string protocols = args.get("from") + "," + args.get("to");
  context.result(text + "next: daxfuzz explore --protocol=" + protocols + " " + loaded->path + "\n");
  return code;
}

}  // namespace daxfuzz::cli
