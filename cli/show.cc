// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz show: one trace, run with its events kept, as a report. See
// report/splat.h and docs/reports.md.
#include <cstdlib>

#include "cli/exit_code.h"
#include "cli/replay.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "report/json.h"
#include "report/splat.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kReplays = 20;

// Colour says nothing that the text does not: the identity and the failing row.
std::string coloured(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const bool strong = line.starts_with("BUG: ") || line.starts_with("! ");
    out += strong ? "\x1b[1;31m" + line + "\x1b[0m\n" : line + "\n";
    at = end + 1;
  }
  return out;
}

bool wants_colour(const std::string& when, const Context& context) {
  if (when == "always") return true;
  const char* none = std::getenv("NO_COLOR");
  return when == "auto" && context.out_is_tty && (none == nullptr || *none == '\0');
}

std::string reproduce(const LoadedTrace& loaded, const Args& args) {
  std::string out = "daxfuzz replay " + loaded.path;
  for (const char* flag : {"protocol", "set"})
    for (const std::string& value : args.all(flag)) out += std::string(" --") + flag + "=" + value;
  return out;
}

// The flags that choose what runs, on top of what the file says.
std::expected<trace::Program, std::string> chosen(const trace::Program& file, const Args& args) {
  trace::Program program = file;
  if (args.has("protocol")) {
    const auto protocols = parse_protocols(args.get("protocol"));
    if (!protocols) return std::unexpected("--protocol: " + protocols.error());
    if (protocols->size() != 1) return std::unexpected("--protocol: expected one protocol");
    program.protocol = protocols->front();
  }
  const auto settings = parse_settings(args.all("set"));
  if (!settings) return std::unexpected("--set: " + settings.error());
  apply_settings(program, *settings);
  return program;
}

}  // namespace

int show(const Args& args, Context& context) {
  const std::string format = args.has("json") ? "json" : args.get("format", "splat");
  if (format != "splat" && format != "json")
    return bad_value(args, context, "format", "expected splat or json");
  const std::string colour = args.get("color", "auto");
  if (colour != "auto" && colour != "always" && colour != "never")
    return bad_value(args, context, "color", "expected auto, always or never");
  auto loaded = load_trace(*context.sys, args.operands[0],
                           args.has("lenient") ? trace::Parse::lenient : trace::Parse::strict);
  if (!loaded) {
    context.problem(loaded.error().what + "\n");
    return loaded.error().exit_code;
  }
  const auto program = chosen(loaded->trace.program, args);
  if (!program) {
    context.problem("daxfuzz show: " + program.error() + "\nnext: daxfuzz help show\n");
    return kUsage;
  }
  exec::Options options;
  options.keep_events = options.races = true;
  options.lenient = args.has("lenient") || *program != loaded->trace.program;
  trace::Trace shown = loaded->trace;
  shown.program = *program;
  const Repeated run = run_repeatedly(context, *program, options, kReplays);
  if (format == "json") {
    context.result(report::json(shown, run.execution) + "\n");
  } else {
    const std::string found_by(trace::header(loaded->trace, "found-by"));
    const std::string text = report::splat(shown, run.execution,
                                           {.full = args.has("full"),
                                            .reproduce = reproduce(*loaded, args),
                                            .reliable = reliability(run),
                                            .found_by = found_by,
                                            .tool = tool_line()});
    context.out(wants_colour(colour, context) ? coloured(text) : text);
    context.result(run.execution.failed()
                       ? "next: daxfuzz minimize " + loaded->path + "\n"
                       : "next: daxfuzz replay --protocol=" + every_protocol() + " " +
                             loaded->path + "\n");
  }
  if (!run.deterministic()) return kNondeterminism;
  return run.execution.failed() ? kFinding : kNothingFound;
}

}  // namespace daxfuzz::cli
