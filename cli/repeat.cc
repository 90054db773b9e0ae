// SPDX-License-Identifier: GPL-2.0-only
// Runs a program again and again; if a run differs, looks for where. See replay.h.
#include <algorithm>

#include "cli/replay.h"
#include "report/ascii.h"

namespace daxfuzz::cli {
namespace {

std::string describe(const std::vector<sched::Event>& events, std::size_t i) {
  if (i >= events.size()) return "the end";
  const sched::Event& e = events[i];
  return "step " + std::to_string(e.step) + " task " + std::to_string(e.task) + " " +
         e.what.text() + "(" + std::to_string(e.a) + ", " + std::to_string(e.b) + ", " +
         std::to_string(e.c) + ")";
}

bool same_event(const sched::Event& x, const sched::Event& y) {
  return x.step == y.step && x.task == y.task && x.kind == y.kind && x.what == y.what &&
         x.a == y.a && x.b == y.b && x.c == y.c;
}

bool same_run(const exec::Execution& x, const exec::Execution& y) {
  return x.digest == y.digest && x.signature() == y.signature();
}

// The events of the runs that differed were not kept, so the difference is looked
// for in a few more runs; one that comes rarely may not show again.
std::string first_difference(Context& context, const trace::Program& program, exec::Options options,
                             std::uint64_t times) {
  options.keep_events = true;
  const exec::Execution first = context.execute(program, options);
  for (std::uint64_t run = 1; run < std::max<std::uint64_t>(times, 8); ++run) {
    const exec::Execution other = context.execute(program, options);
    const std::size_t common = std::min(first.events.size(), other.events.size());
    std::size_t i = 0;
    while (i < common && same_event(first.events[i], other.events[i])) ++i;
    if (i == first.events.size() && i == other.events.size()) continue;
    return "event " + std::to_string(i) + ": " + describe(first.events, i) + " against " +
           describe(other.events, i);
  }
  return "not seen again while events were kept";
}

}  // namespace

Repeated run_repeatedly(Context& context, const trace::Program& program,
                        const exec::Options& options, std::uint64_t times) {
  Repeated out{
      .execution = context.execute(program, options), .runs = 1, .same = 1, .first_difference = {}};
  exec::Options again = options;
  again.keep_events = again.races = false;
  for (; out.runs < times && !context.interrupted(); ++out.runs)
    out.same += same_run(context.execute(program, again), out.execution);
  if (!out.deterministic())
    out.first_difference = first_difference(context, program, options, times);
  return out;
}

std::string reliability(const Repeated& repeated) {
  const std::string count =
      std::to_string(repeated.same) + "/" + std::to_string(repeated.runs) + " replays, ";
  if (!repeated.deterministic()) return count + "NONDETERMINISTIC, " + repeated.first_difference;
  return count + "identical digest " + report::hex64(repeated.execution.digest);
}

}  // namespace daxfuzz::cli
