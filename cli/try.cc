// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz try: somebody's patch against the model. Builds the model with it and without (ci/try),
// asks both the same (bugs/probe.h), and says what changed and what broke. See docs/adding.md.
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "cli/child.h"
#include "cli/exit_code.h"
#include "cli/store.h"
#include "cli/target.h"
#include "cli/traces.h"
#include "cli/try_report.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace daxfuzz::cli {
namespace {

constexpr std::size_t kAnswersMax = std::size_t{64} << 20;
constexpr std::size_t kLinesMax = 20;  // of each part of the report; the rest is counted
constexpr std::uint64_t kExecutions = 20000;
constexpr const char* kProtocols = "legacy,upstream,upstream71";

class Try {
 public:
  Try(const Args& args, Context& context)
      : args_(args), context_(context), out_(args.get("out", "out/try")) {}

  int run() {
    if (const int code = prepare(); code != kNothingFound) return code;
    if (const int code = child(builder_, {args_.operands.front(), out_}); code != 0)
      return code == kUsage || code == kInterrupted ? code : kEnvironment;
    int code = compare("", "the model as it is");
    // What the kernel's own faults would hide is seen without them.
    if (code <= kFinding && std::filesystem::exists(out_ + "/after-fixed.probe"))
      code = worse(code, compare("-fixed", "the model with all fixes of fixes/"));
    if (code <= kFinding)
      context_.result(next_.empty()
                          ? "next: a budget of more than " + args_.get("budget", default_budget()) +
                                ", or traces of your own: " + out_ + "/daxfuzz replay TRACE\n"
                          : "next: " + next_ + "\n");
    return code;
  }

 private:
  static std::string default_budget() { return std::to_string(kExecutions) + "-execs"; }

  // One kind of build ("" or "-fixed") without the patch and with it.
  int compare(const std::string& kind, const std::string& what) {
    const std::string before = "before" + kind, after = "after" + kind;
    context_.note("try: asking " + what + "\n");
    if (const int code = ask(before, {}); code != 0) return code;
    if (const int code = ask(after, "--worth"); code != 0) return code;
    const auto was = read_file(*context_.sys, out_ + "/" + before + ".tsv", kAnswersMax);
    const auto is = read_file(*context_.sys, out_ + "/" + after + ".tsv", kAnswersMax);
    if (!was || !is) return fail((was ? is : was).error().str(), kEnvironment);
    const auto tried = compared(*was, *is);
    if (!tried) return fail(tried.error(), kEnvironment);
    context_.result(what + ", without your patch and with it\n");
    return report(*tried, after);
  }

  int fail(const std::string& what, int code) {
    context_.problem("daxfuzz try: " + what + "\n");
    return code;
  }

  int prepare() {
    const auto named = parse_protocols(args_.get("protocol", kProtocols));
    if (!named) return bad_value(args_, context_, "protocol", named.error());
    for (const trace::ProtocolId protocol : *named) protocols_.emplace_back(trace::name(protocol));
    const auto seed = parse_seed(args_.get("seed", "1"));
    if (!seed) return bad_value(args_, context_, "seed", seed.error());
    const auto budget = parse_budget(args_.get("budget", default_budget()));
    if (!budget || budget->executions == 0)
      return bad_value(args_, context_, "budget",
                       budget ? "expected executions, which are the same for both builds" : budget.error());
    questions_.push_back("--seed=" + std::to_string(*seed));
    questions_.push_back("--executions=" + std::to_string(budget->executions));
    const std::string& patch = args_.operands.front();
    if (!std::filesystem::is_regular_file(patch)) return fail(patch + ": no such file", kUsage);
    // The tree that the program was built in: its runfiles are links to it.
    const std::string found = find_program(context_.program_path, "ci/try");
    if (found.empty()) return fail("expected ci/try beside the program: run it from its tree", kEnvironment);
    builder_ = std::filesystem::canonical(found).string();
    if (const auto made = make_folders(*context_.sys, out_); !made)
      return fail(made.error().str(), kEnvironment);
    return kNothingFound;
  }

  // Its exit code; what it says goes on as a note.
  int child(const std::string& path, std::vector<std::string> arguments) {
    const auto status = run_child({.path = path, .arguments = std::move(arguments), .environment = {}},
                                  {.on_stderr = [this](std::string_view text) { context_.note(text); },
                                   .on_finding_bytes = [](std::string_view) {},
                                   .on_tick = [] {},
                                   .interrupted = context_.interrupted});
    if (!status) return fail(status.error().str(), kEnvironment);
    if (context_.interrupted()) return kInterrupted;
    return WIFEXITED(*status) ? WEXITSTATUS(*status)
                              : fail(path + " was ended by signal " + std::to_string(WTERMSIG(*status)),
                                     kEnvironment);
  }

  int probe(const std::string& build, const std::string& out, const std::vector<std::string>& protocols,
            std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), questions_.begin(), questions_.end());
    for (const std::string& protocol : protocols) arguments.push_back("--protocol=" + protocol);
    arguments.push_back("--out=" + out);
    return child(out_ + "/" + build + ".probe", std::move(arguments));
  }

  // `more`: of this build alone.
  int ask(const std::string& build, const std::string& more) {
    const std::string corpus = std::filesystem::path(builder_).parent_path().parent_path() / "corpus";
    const std::string folders[] = {corpus + "/litmus", corpus + "/litmus/bugs", corpus + "/claims",
                                   corpus + "/findings", corpus + "/seeds", corpus + "/branches"};
    const auto paths = trace_paths(folders);
    if (!paths) return fail(paths.error().what, kEnvironment);
    std::vector<std::string> arguments = *paths;
    if (!more.empty()) arguments.push_back(more);
    const int code = probe(build, out_ + "/" + build + ".tsv", protocols_, arguments);
    return code == 0 || code == kInterrupted ? code : kEnvironment;
  }

  // A part of the report: a line each, no more than a reader reads.
  template <class List, class Line>
  void lines(const List& list, const Line& line, const std::string& build) {
    for (std::size_t i = 0; i < std::min(list.size(), kLinesMax); i++)
      context_.result("    " + line(list[i]) + "\n");
    if (list.size() > kLinesMax)
      context_.result("    and " + std::to_string(list.size() - kLinesMax) + " more: " + out_ + "/" +
                      build + ".tsv\n");
  }

  // The path where the program is that answers `more`, and a line for it; "" if it does not.
  std::string shown(const std::string& build, const std::string& name, const std::string& protocol,
                    std::vector<std::string> more) {
    const std::string path = out_ + "/" + build + "-" + name + ".daxt";
    if (probe(build, path, {protocol}, std::move(more)) != 0) return "";
    do_next(build, "show " + path);
    return "\n      -> " + path;
  }

  // The first that is worth it; by the program that has what the build has.
  void do_next(const std::string& build, const std::string& what) {
    if (next_.empty())
      next_ = out_ + (build.ends_with("-fixed") ? "/daxfuzz-fixed " : "/daxfuzz ") + what;
  }

  std::string told(const HuntChange& change) {
    return change.signature + "  " + change.protocol + ", " + change.engine + ", " +
           std::to_string(change.executions) + " times";
  }

  int report(const Tried& tried, const std::string& build) {
    const auto count = [](std::size_t n) { return std::to_string(n); };
    context_.result("  traces: " + count(tried.changed.size()) + " of " + count(tried.traces) +
                    " runs end otherwise\n");
    lines(tried.changed, [&](const TraceChange& change) {
      if (change.before == "pass") do_next(build, "show --protocol=" + change.protocol + " " + change.name);
      return line(change);
    }, build);
    context_.result("  hunts: " + count(tried.found.size()) + " signatures that are new\n");
    lines(tried.found, [&](const HuntChange& change) {
      std::string name = change.signature;
      std::ranges::replace(name, ' ', '-');
      return told(change) + shown(build, name, change.protocol,
                                  {"--signature=" + change.signature, "--engine=" + change.engine});
    }, build);
    context_.result("  hunts: " + count(tried.gone.size()) + " that are gone\n");
    lines(tried.gone, [this](const HuntChange& change) { return told(change); }, build);
    if (tried.found.empty()) lines(tried.worth, [](const std::string& worth) { return worth; }, build);
    context_.result("  data races: " + count(tried.races.size()) + " that the model without it was not seen to have\n");
    lines(tried.races, [](const RaceChange& change) {
      return change.load + " loads what " + change.write + " writes  " + change.protocol;
    }, build);
    context_.result("  programs of one thread: " + count(tried.programs_changed.size()) + " of " +
                    count(tried.programs) + " end otherwise or return something else\n");
    if (!tried.programs_changed.empty()) {
      const ProgramChange& change = tried.programs_changed.front();
      context_.result("    " + change.protocol + ", without: " + change.before + "\n    with: " + change.after +
                      shown(build, "first-difference", change.protocol, {"--program=" + count(change.number)}) +
                      "\n");
    }
    return tried.broke() ? kFinding : kNothingFound;
  }

  const Args& args_;
  Context& context_;
  const std::string out_;
  std::string builder_;
  std::vector<std::string> protocols_, questions_;
  std::string next_;  // what to do, in words
};

}  // namespace

int try_(const Args& args, Context& context) { return Try(args, context).run(); }

}  // namespace daxfuzz::cli
