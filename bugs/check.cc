// SPDX-License-Identifier: GPL-2.0-only
// The check of one bug, and the making of its trace. See check.h.
#include "bugs/check.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

#include "corpus/expectations.h"
#include "exec/minimize.h"
#include "exec/minimize_moves.h"
#include "trace/text.h"

namespace daxfuzz::bugs {
namespace {

constexpr std::uint64_t kMinimizeExecutions = 20000;
constexpr std::uint64_t kRerecordSeeds = 20000;

// One line: what was looked at, what was found, and whether that is right.
bool tell(std::string& told, const Bug& bug, std::string_view what, const std::string& found,
          bool good) {
  told += bug.name + ": " + std::string(what) + ": " + found + (good ? "\n" : "  NOT AS EXPECTED\n");
  return good;
}

exec::Minimized minimized(const trace::Program& program) {
  return exec::minimize(
      program, [](const trace::Program& p, const exec::Options& o) { return exec::execute(p, o); },
      kMinimizeExecutions);
}

bool check_trace(const Bug& bug, const std::string& path, std::string& told) {
  const auto parsed = read_trace(path);
  if (!parsed) return tell(told, bug, "trace", parsed.error(), false);
  const trace::Trace& trace = *parsed;
  const exec::Execution execution = exec::execute(trace.program);
  const std::string ops = std::to_string(trace.program.ops.size()) + " ops, ";
  const bool strict = !execution.diverged && trace.digest == execution.digest;
  return tell(told, bug, "trace",
              ops + execution.signature() + (strict ? "" : ", not as recorded: " + execution.divergence),
              strict && execution.signature() == bug.signatures.front() &&
                  trace.program.ops.size() <= kTraceOpsMax &&
                  trace::header(trace, "bug") == bug.name &&
                  trace.program.protocol == bug.protocols.front() && trace.program.settings == bug.settings());
}

// Of the program's schedules with a pre-emption moved by a few steps: how many end as the bug does.
std::uint64_t nearby_failures(const Bug& bug, trace::Program program, const std::vector<trace::Setting>& settings) {
  program.settings = settings;
  std::uint64_t failures = 0;
  for (trace::Schedule& schedule : exec::nudged(program.schedule)) {
    program.schedule = std::move(schedule);
    const exec::Execution execution = exec::execute(program, {.keep_schedule = false, .lenient = true});
    if (execution.failed() && counts(bug, execution.signature())) failures++;
  }
  return failures;
}

// What store buffers only show: without them the trace's schedule does not end so, nor do those near it, of which some
// do with them, nor what an engine draws that finds it with them.
bool check_sc(const Bug& bug, const std::string& path, std::string& told) {
  const auto parsed = read_trace(path);
  if (!parsed) return tell(told, bug, "sc", parsed.error(), false);
  trace::Program program = parsed->program;
  program.settings.clear();
  const exec::Execution own = exec::execute(program, {.lenient = true});
  if (own.failed()) return tell(told, bug, "sc", own.signature(), false);
  const std::uint64_t with = nearby_failures(bug, program, bug.settings()),
                      without = nearby_failures(bug, program, {});
  if (!tell(told, bug, "sc", std::to_string(with) + " schedules near its own fail with store buffers, " +
                                 std::to_string(without) + " without", with > 0 && without == 0))
    return false;
  for (const Engine engine : kEngines) {
    if (bug.misses(name(engine))) continue;
    const Hunted found = hunt({.engine = engine,
                               .protocol = bug.protocols.front(),
                               .seed = kCheckSeed,
                               .executions = kCheckExecutions},
                              [&bug](std::string_view signature) { return counts(bug, signature); });
    const bool hit = found.program.has_value();
    if (!tell(told, bug, "sc " + std::string(name(engine)),
              (hit ? "found after " : "nothing in ") + std::to_string(found.executions) + " executions", !hit))
      return false;
  }
  return true;
}

bool check_hunt(const Bug& bug, Engine engine, std::string& told) {
  const bool misses = bug.misses(name(engine));
  report::Worth worth;
  std::function<void(const Ran&)> seen;  // looking costs: only where nothing is expected
  if (misses) seen = [&worth](const Ran& ran) { count(worth, ran); };
  const Hunted found = hunt({.engine = engine,
                             .protocol = bug.protocols.front(),
                             .settings = bug.settings(),
                             .seed = kCheckSeed,
                             .executions = misses ? kMissedExecutions : kCheckExecutions,
                             .schedules = misses},
                            [&bug](std::string_view signature) { return counts(bug, signature); }, seen);
  const bool hit = found.program.has_value();
  const std::string executions = std::to_string(found.executions) + " executions";
  if (!tell(told, bug, name(engine),
            hit ? "found after " + executions + ", " + found.execution.signature()
                : "missed in " + executions +
                      (misses ? ", as its header says of " + std::to_string(kCheckExecutions) : ""),
            hit != misses && (!hit || bug.shows(found.execution.signature()))))
    return false;
  if (!hit) told += worth.text();
  if (!hit || engine != Engine::random) return true;
  const exec::Minimized least = minimized(*found.program);
  const bool small = least.program.ops.size() <= bug.length;
  tell(told, bug, "minimized", std::to_string(least.program.ops.size()) + " ops of " +
       std::to_string(found.program->ops.size()), small);
  if (!small) told += trace::print({.program = least.program, .digest = {}, .comments = {}});
  return small;
}

}  // namespace

std::expected<trace::Trace, std::string> read_trace(const std::string& path) {
  std::ifstream in(path);
  if (!in) return std::unexpected(path + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  auto parsed = trace::parse(text, path);
  if (!parsed) return std::unexpected(parsed.error().str());
  return std::move(parsed->trace);
}

bool check(const Bug& bug, const std::string& trace_path, std::string& told) {
  bool good = check_trace(bug, trace_path, told);
  if (bug.tso) good = check_sc(bug, trace_path, told) && good;
  for (const Engine engine : kEngines) good = check_hunt(bug, engine, told) && good;
  return good;
}

bool escapes(const Bug& bug, const std::string& trace_path, std::string_view checker,
             std::string& told) {
  const auto trace = read_trace(trace_path);
  if (!trace) return tell(told, bug, "trace", trace.error(), false);
  const auto off = corpus::parse_expectation("without=" + std::string(checker) + " upstream PASS");
  if (!off) return tell(told, bug, "without", off.error(), false);
  const exec::Execution with = exec::execute(trace->program);
  const exec::Execution execution =
      exec::execute(trace->program, {.lenient = true, .checkers = off->variant.checkers});
  return tell(told, bug, "without " + std::string(checker), execution.signature(),
              with.failed() && !execution.failed());
}

std::expected<trace::Trace, std::string> shortest(const Hunt& how, std::string_view signature) {
  const Hunted found = hunt(how, [=](std::string_view ends) { return ends == signature; });
  if (!found.program)
    return std::unexpected("missed in " + std::to_string(found.executions) + " executions");
  const exec::Minimized least = minimized(*found.program);
  trace::Trace trace{.program = exec::with_schedule(least.program, least.execution),
                     .digest = least.execution.digest,
                     .comments = {}};
  return trace;
}

std::expected<std::string, std::string> recorded(const Bug& bug, const Hunt& how) {
  auto trace = shortest(how, bug.signatures.front());
  if (!trace) return std::unexpected(trace.error());
  trace::set_header(*trace, "bug", bug.name);
  trace::set_header(*trace, "verdict", "FAIL " + bug.signatures.front());
  return trace::print(*trace);
}

std::expected<std::string, std::string> rerecorded(const Bug& bug, const trace::Trace& trace) {
  exec::Execution execution = exec::execute(trace.program, {.lenient = true});
  for (std::uint64_t seed = 0; execution.signature() != bug.signatures.front(); seed++) {
    if (seed == kRerecordSeeds)
      return std::unexpected("no schedule ends with " + bug.signatures.front());
    trace::Program program = trace.program;
    program.schedule = {.strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}};
    execution = exec::execute(program);
  }
  trace::Trace now = trace;
  now.program = exec::with_schedule(now.program, execution);
  now.digest = execution.digest;
  return trace::print(now);
}

}  // namespace daxfuzz::bugs
