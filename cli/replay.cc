// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz replay: runs traces, under their own protocol or others, and checks
// that they are deterministic, that they are still the trace that was recorded
// (digest) and, with --expect, that they do what they claim. See docs/cli.md.
#include "cli/replay.h"

#include <algorithm>
#include <optional>

#include "cli/exit_code.h"
#include "cli/junit.h"
#include "cli/store.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "report/ascii.h"
#include "report/json.h"
#include "report/json_writer.h"

namespace daxfuzz::cli {
namespace {

struct Options {
  std::vector<trace::ProtocolId> protocols;  // empty: the file's
  std::vector<trace::Setting> settings;
  std::uint64_t repeat = 2;
  bool lenient = false;        // of the schedule
  bool lenient_parse = false;  // of the text
  bool expect = false, json = false;
  std::string junit;  // a file, or ""
};

// One line of the table.
struct Case {
  trace::Program program;
  std::string label;
  bool own = true;  // protocol and settings of the file
  std::optional<corpus::Expectation> expectation;
};

class Replay {
 public:
  Replay(const Options& options, Context& context)
      : options_(options), context_(context), runs_('['), errors_('[') {}

  int all(const std::expected<std::vector<std::string>, LoadError>& found) {
    if (!found) error(found.error());
    const std::vector<std::string> paths = found.value_or(std::vector<std::string>{});
    for (const std::string& path : paths) {
      if (context_.interrupted()) {
        code_ = worse(code_, kInterrupted);
        break;
      }
      cases_.push_back({.outcome = JunitCase::Outcome::good, .name = path, .said = {}});
      file(path);
    }
    write_junit();
    finish(paths.size());
    return code_;
  }

 private:
  void file(const std::string& path) {
    const auto loaded = load_trace(*context_.sys, path,
                                   options_.lenient_parse ? trace::Parse::lenient : trace::Parse::strict);
    if (!loaded) return error(loaded.error());
    for (const trace::ParseError& warning : loaded->warnings) context_.note(warning.str() + "\n");
    const auto cases = cases_of(*loaded);
    if (!cases) return error(cases.error());
    print(path + "\n");
    std::size_t width = 0;
    for (const Case& c : *cases) width = std::max(width, c.label.size());
    for (const Case& c : *cases) {
      const int code = one(*loaded, c, width);
      if (code != kNothingFound) cases_.back().outcome = JunitCase::Outcome::failure;
      if (code != kNothingFound && next_.empty())
        next_ = std::string("daxfuzz ") + (code == kBadTrace ? "replay --lenient " : "show ") +
                path + (c.own ? "" : overrides(c.program));
      code_ = worse(code_, code);
    }
  }

  std::expected<std::vector<Case>, LoadError> cases_of(const LoadedTrace& loaded) const {
    const trace::Program& program = loaded.trace.program;
    std::vector<Case> out;
    if (options_.expect) {
      const auto list = expectations(loaded);
      if (!list) return std::unexpected(list.error());
      for (const Expectation& e : *list) {
        // `# expect v1` means v1 as it is, whatever the file sets for its own.
        trace::Program plain = program;
        plain.settings.clear();
        const corpus::Variant& variant = e.promise.variant;
        out.push_back(make_case(program, plain, variant.protocol, variant.settings, e.promise));
      }
      return out;
    }
    std::vector<trace::ProtocolId> protocols = options_.protocols;
    if (protocols.empty()) protocols.push_back(program.protocol);
    for (trace::ProtocolId p : protocols)
      out.push_back(make_case(program, program, p, options_.settings, std::nullopt));
    return out;
  }

  static Case make_case(const trace::Program& file, const trace::Program& base,
                        trace::ProtocolId protocol, std::span<const trace::Setting> settings,
                        std::optional<corpus::Expectation> expectation) {
    Case c{.program = base, .label = {}, .own = true, .expectation = std::move(expectation)};
    c.program.protocol = protocol;
    apply_settings(c.program, settings);
    // With a checker off the run goes on where the file's ended: another log, another digest.
    c.own = c.program == file && (!c.expectation || c.expectation->variant.checkers == exec::kCheckAll);
    c.label = c.expectation ? c.expectation->variant.spelling : protocol_label(c.program);
    return c;
  }

  int one(const LoadedTrace& loaded, const Case& c, std::size_t width) {
    // Another protocol runs through other code: its steps can only be followed
    // by their labels.
    const bool replays = c.program.schedule.strategy == trace::Strategy::replay;
    exec::Options how{.races = true};
    how.lenient = options_.lenient || (!c.own && replays);
    if (c.expectation) how.checkers = c.expectation->variant.checkers;
    const Repeated run = run_repeatedly(context_, c.program, how, options_.repeat);
    const bool pinned = c.own && loaded.trace.digest.has_value();
    const bool drifted =
        c.own && !how.lenient &&
        ((pinned && *loaded.trace.digest != run.execution.digest) || run.execution.diverged);
    const int code = !run.deterministic()     ? kNondeterminism
                     : drifted                ? kBadTrace
                     : c.expectation          ? (as_expected(c, run) ? kNothingFound : kFinding)
                     : run.execution.failed() ? kFinding
                                              : kNothingFound;
    std::string line =
        "  " + c.label + std::string(width - c.label.size(), ' ') + "  " + verdict(run.execution);
    if (!run.deterministic()) line += "\n    NONDETERMINISTIC: " + run.first_difference;
    if (c.expectation && !as_expected(c, run))
      line += "\n    UNEXPECTED: the file says " + c.expectation->verdict;
    if (pinned && *loaded.trace.digest != run.execution.digest)
      line += "\n    digest differs from the file's: the port changed since (" +
              report::hex64(run.execution.digest) + ", not " + report::hex64(*loaded.trace.digest) +
              ")";
    if (run.execution.diverged)
      line += "\n    the schedule could not be followed: " + run.execution.divergence;
    if (!run.execution.races.empty())
      line += "\n    data races: " + std::to_string(run.execution.races.size()) + " (daxfuzz show lists them)";
    if (run.execution.tsan_reports != 0)
      line += "\n    ThreadSanitizer reports: " + std::to_string(run.execution.tsan_reports);
    print(line + "\n");
    cases_.back().said += line.substr(line.find_first_not_of(' ')) + "\n";
    if (!c.own && replays && !said_lenient_) {
      context_.note(
          "note: under another protocol than its own a schedule is followed by its labels "
          "(lenient)\n");
      said_lenient_ = true;
    }
    if (options_.json) runs_.item(document(loaded, c, run, how.lenient, pinned));
    return code;
  }

  static bool as_expected(const Case& c, const Repeated& run) {
    return c.expectation->kept(corpus::verdict(run.execution));
  }
  static std::string verdict(const exec::Execution& run) {
    return run.failed() ? "FAIL  " + run.signature() : "PASS";
  }
  static std::string overrides(const trace::Program& program) {
    std::string out = " --protocol=" + std::string(trace::name(program.protocol));
    for (const trace::Setting& s : program.settings)
      out += " --set=" + std::string(trace::info(s.id).name) + "=" +
             std::string(trace::value_name(s.id, s.value));
    return out;
  }

  std::string document(const LoadedTrace& loaded, const Case& c, const Repeated& run, bool lenient,
                       bool pinned) const {
    report::JsonWriter out('{');
    out.text("file", loaded.path)
        .text("protocol", c.label)
        .flag("lenient", lenient)
        .number("runs", static_cast<std::int64_t>(run.runs))
        .flag("deterministic", run.deterministic())
        .text("first_difference", run.first_difference)
        .member("digest_matches", !pinned                                        ? "null"
                                  : *loaded.trace.digest == run.execution.digest ? "true"
                                                                                 : "false");
    if (c.expectation)
      out.text("expected", c.expectation->verdict).flag("as_expected", as_expected(c, run));
    trace::Trace as_run = loaded.trace;
    as_run.program = c.program;
    return out.member("execution", report::json(as_run, run.execution)).done();
  }

  void print(const std::string& text) const {
    if (!options_.json) context_.result(text);
  }

  void error(const LoadError& e) {
    context_.problem(e.what + "\n");
    if (!cases_.empty()) {
      cases_.back().outcome = JunitCase::Outcome::error;
      cases_.back().said += e.what + "\n";
    }
    errors_.item(report::json_string(e.what));
    code_ = worse(code_, e.exit_code);
  }

  void write_junit() {
    if (options_.junit.empty()) return;
    auto done = make_folders(*context_.sys, folder_of(options_.junit));
    if (done) done = store_file(*context_.sys, options_.junit, junit("daxfuzz replay", cases_));
    if (done) return;
    context_.problem(done.error().str() + "\n");
    code_ = worse(code_, kEnvironment);
  }

  void finish(std::size_t files) {
    if (options_.json) {
      context_.result(report::JsonWriter('{')
                          .text("schema", "daxfuzz.replay/1")
                          .number("exit", code_)
                          .member("runs", runs_.done())
                          .member("errors", errors_.done())
                          .done() +
                      "\n");
      return;
    }
    if (next_.empty()) {
      next_ = code_ == kNothingFound  ? "daxfuzz fuzz interleaving --budget=60s"
              : code_ == kEnvironment ? "check the path and its permissions, then replay again"
              : files == 1            ? "mend the file, then replay it again"
                                      : "mend what is named above, then replay again";
    }
    context_.result("next: " + next_ + "\n");
  }

  const Options& options_;
  Context& context_;
  report::JsonWriter runs_, errors_;
  std::vector<JunitCase> cases_;  // one a file
  std::string next_;
  int code_ = kNothingFound;
  bool said_lenient_ = false;
};

}  // namespace

int replay(const Args& args, Context& context) {
  Options options;
  options.lenient = args.has("lenient") || (args.has("bisect") && !args.has("strict"));
  // A bisection follows the schedule through changed code; a program with an op that
  // this version does not know is another program, and must be skipped.
  options.lenient_parse = args.has("lenient");
  options.expect = args.has("expect");
  options.json = args.has("json");
  options.junit = args.get("junit");
  if (args.has("lenient") && args.has("strict"))
    return bad_value(args, context, "strict", "expected one of --strict and --lenient, found both");
  if (options.expect && (args.has("protocol") || args.has("set")))
    return bad_value(args, context, "expect",
                     "the files name their protocols: leave out --protocol and --set");
  if (args.has("protocol")) {
    const auto protocols = parse_protocols(args.get("protocol"));
    if (!protocols) return bad_value(args, context, "protocol", protocols.error());
    options.protocols = *protocols;
  }
  const auto settings = parse_settings(args.all("set"));
  if (!settings) return bad_value(args, context, "set", settings.error());
  options.settings = *settings;
  if (args.has("repeat")) {
    const auto repeat = parse_count(args.get("repeat"), 1'000'000);
    if (!repeat || *repeat == 0)
      return bad_value(args, context, "repeat", "expected a number from 1 to 1000000");
    options.repeat = *repeat;
  }
  return Replay(options, context).all(trace_paths(args.operands));
}

}  // namespace daxfuzz::cli
