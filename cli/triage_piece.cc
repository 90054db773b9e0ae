// SPDX-License-Identifier: GPL-2.0-only
// Shrinks, replays, looks for the critical reordering, reports. See triage_piece.h.
#include "cli/triage_piece.h"

#include <tuple>

#include "cli/exit_code.h"
#include "cli/kept.h"
#include "cli/replay.h"
#include "cli/shrink.h"
#include "cli/verbs.h"
#include "exec/critical.h"
#include "report/ascii.h"
#include "report/splat.h"
#include "trace/number.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kReplays = 20;
constexpr const char* kNone = "none: no other order of two neighbouring steps that was tried makes it pass";

std::string as_text(const trace::Trace& source, const trace::Program& program, const exec::Execution& execution) {
  return trace::print(as_finding(source, program, execution));
}

// Ops and segments.
std::tuple<std::size_t, std::size_t, std::string> size_of(const Piece& piece) {
  const auto parsed = trace::parse(piece.minimal, "minimal");
  if (!parsed) return {SIZE_MAX, SIZE_MAX, ""};
  return {parsed->trace.program.ops.size(), parsed->trace.program.schedule.segments.size(), piece.minimal};
}

}  // namespace

Piece make_piece(Context& context, const Input& input, const std::string& folder, std::uint64_t budget,
                 bool lenient) {
  Piece out;
  exec::Options options;
  options.lenient = lenient;
  const auto shrunk = shrink(context, input.trace, options, budget);
  if (!shrunk) {
    out.code = shrunk.error().exit_code;
    out.problem = shrunk.error().why;
    return out;
  }
  if (context.interrupted()) return out.code = kInterrupted, out;
  out.minimal = trace::print(shrunk->trace);
  out.summary = shrunk->summary;
  exec::Options events;
  events.keep_events = true;
  const Repeated run = run_repeatedly(context, shrunk->trace.program, events, kReplays);
  out.reliable = reliability(run);
  if (!run.deterministic()) out.code = kNondeterminism;
  const exec::Runner runner = [&](const trace::Program& program, const exec::Options& how) {
    return context.execute(program, how);
  };
  out.critical = shrunk->trace.program.threads() < 2 ? "none: it is of one thread" : kNone;
  // It is of one run after the other that ends alike.
  const bool same = run.deterministic() && run.execution.failed();
  if (const auto critical = same ? exec::critical_reordering(shrunk->trace.program, runner) : std::nullopt) {
    out.critical = exec::text(*critical);
    out.fails = as_text(input.trace, critical->failing, critical->fails);
    out.passes = as_text(input.trace, critical->passing, critical->passes);
  }
  out.report = report::splat(shrunk->trace, run.execution,
                             {.full = false,
                              .reproduce = "daxfuzz replay " + folder + "/minimal.daxt",
                              .reliable = out.reliable,
                              .found_by = std::string(trace::header(shrunk->trace, "found-by")),
                              .tool = tool_line()}) +
               report::field("Critical:   ", out.critical);
  if (!out.fails.empty())
    out.report += report::field("", "in this order it fails (fails.daxt), the other way round it passes (passes.daxt)");
  return out;
}

std::string text(const Piece& piece) {
  return packed({std::to_string(piece.code), piece.problem, piece.minimal, piece.fails, piece.passes, piece.critical,
                 piece.reliable, piece.summary, piece.report});
}

std::optional<Piece> parse_piece(std::string_view text) {
  auto parts = unpacked(text);
  Piece out;
  if (!parts || parts->size() != 9 || !trace::parse_number((*parts)[0], out.code)) return std::nullopt;
  std::size_t at = 1;
  for (std::string* to : {&out.problem, &out.minimal, &out.fails, &out.passes, &out.critical, &out.reliable,
                          &out.summary, &out.report})
    *to = std::move((*parts)[at++]);
  return out;
}

bool smaller(const Piece& a, const Piece& b) {
  if (a.problem.empty() != b.problem.empty()) return a.problem.empty();
  return size_of(a) < size_of(b);
}

std::vector<std::pair<std::string, std::string>> files_of(const Piece& piece, const std::string& seen,
                                                          const std::string& first_seen) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](const char* name, const std::string& text) {
    auto parsed = trace::parse(text, name);
    if (!parsed) return;
    trace::set_header(parsed->trace, "first-seen", first_seen);
    out.emplace_back(name, trace::print(parsed->trace));
  };
  add("minimal.daxt", piece.minimal);
  add("fails.daxt", piece.fails);
  add("passes.daxt", piece.passes);
  if (!piece.report.empty()) out.emplace_back("report.txt", piece.report + report::field("First seen: ", seen));
  return out;
}

}  // namespace daxfuzz::cli
