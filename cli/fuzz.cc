// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz fuzz: runs a fuzz target as a child, takes its findings from a pipe, and
// turns each into a durable, replayed, minimised trace with a report. How a target
// and this verb talk: fuzz/environment.h; what is written where: docs/cli.md.
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "cli/child.h"
#include "cli/crash.h"
#include "cli/engine_output.h"
#include "cli/exit_code.h"
#include "cli/findings.h"
#include "cli/frames.h"
#include "cli/target.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "report/json_writer.h"
#include "report/splat.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kDefaultSeconds = 60;
constexpr std::uint64_t kGraceSeconds = 60;  // for an engine that overstays its budget
constexpr std::size_t kReportsMax = 5;
constexpr std::int64_t kProgressSeconds = 10;

struct Plan {
  std::string name, target, out, protocol;
  std::vector<trace::Setting> settings;
  Budget budget{kDefaultSeconds, 0};
  std::uint64_t seed = 0;
  std::string findings;  // folder of recorded findings, "" for none
  bool json = false;

  [[nodiscard]] std::string corpus() const { return out + "/corpus/" + name; }
  [[nodiscard]] std::string scratch() const {
    return out + "/scratch/" + name + "-" + std::to_string(getpid());
  }
  [[nodiscard]] std::string known() const { return scratch() + "/known.tsv"; }
  // libFuzzer takes 31 bits, and 0 for "choose one".
  [[nodiscard]] std::uint64_t engine_seed() const {
    return ((seed ^ seed >> 32) & 0x7fffffff) | (seed == 0);
  }
};

class Campaign {
 public:
  Campaign(const Plan& plan, Context& context)
      : plan_(plan), context_(context), findings_(context, plan.out + "/findings") {}

  int run() {
    const int code = campaign();
    summary(code);
    return code;
  }

 private:
  int campaign() {
    if (auto done = prepare(); !done) return problem(done.error());
    context_.note("seed " + std::to_string(plan_.seed) + ", engine libfuzzer, protocol " +
                  plan_.protocol + ", corpus " + plan_.corpus() + "\n");
    const ChildEvents events{.on_stderr = [&](std::string_view b) { output_.feed(b); },
                             .on_finding_bytes = [&](std::string_view b) { take(b); },
                             .on_tick = [&] { progress(); },
                             .interrupted = context_.interrupted};
    const auto status = run_child(spec(), events);
    if (!status) return problem(status.error().str());
    progress_end();
    if (!frames_.error().empty())
      code_ = worse(code_, problem("findings pipe: " + frames_.error()));
    if (frames_.cut()) code_ = worse(code_, problem("findings pipe: the last finding was cut off"));
    if (!context_.interrupted()) code_ = worse(code_, after_death(*status));
    code_ = worse(code_, findings_.examine());
    if (!context_.interrupted()) reports();
    clean_up();
    return context_.interrupted() ? kInterrupted : code_;
  }

  std::expected<void, std::string> prepare() {
    for (const std::string& folder : {plan_.corpus(), plan_.scratch(), plan_.out + "/findings"})
      if (auto done = make_folders(*context_.sys, folder); !done)
        return std::unexpected(done.error().str());
    std::string known;
    if (!plan_.findings.empty()) {
      auto lines = known_lines(*context_.sys, plan_.findings, plan_.settings);
      if (!lines) return std::unexpected(lines.error());
      known = *lines;
    }
    known_ = static_cast<std::size_t>(std::ranges::count(known, '\n'));
    if (auto done = store_file(*context_.sys, plan_.known(), known); !done)
      return std::unexpected(done.error().str());
    return {};
  }

  ChildSpec spec() const {
    ChildSpec out{
        .path = plan_.target,
        // Programs are useful from a few ops on, so lengths need no growing; the most
        // is 64 ops with a schedule.
        .arguments = {"-len_control=0", "-max_len=1024", "-print_funcs=0",
                      "-seed=" + std::to_string(plan_.engine_seed()), "-print_final_stats=1",
                      "-timeout=60", "-artifact_prefix=" + plan_.scratch() + "/"},
        .environment = {"DAXFUZZ_FINDINGS_FD=" + std::to_string(kFindingsFd),
                        "DAXFUZZ_PROTOCOL=" + plan_.protocol, "DAXFUZZ_KNOWN=" + plan_.known()}};
    if (plan_.budget.seconds != 0) {
      out.arguments.push_back("-max_total_time=" + std::to_string(plan_.budget.seconds));
      out.seconds_max = plan_.budget.seconds + kGraceSeconds;
    } else {
      out.arguments.push_back("-runs=" + std::to_string(plan_.budget.executions));
    }
    std::string settings;
    for (const trace::Setting& s : plan_.settings)
      settings += (settings.empty() ? "" : ",") + std::string(trace::info(s.id).name) + "=" +
                  std::string(trace::value_name(s.id, s.value));
    if (!settings.empty()) out.environment.push_back("DAXFUZZ_SET=" + settings);
    out.arguments.push_back(plan_.corpus());
    return out;
  }

  void take(std::string_view bytes) {
    for (const std::string& text : frames_.feed(bytes))
      if (auto done = findings_.add(text); !done) code_ = worse(code_, problem(done.error()));
  }

  int after_death(int status) {
    const Death death = death_of(status, output_.tail());
    if (death.kind == Death::Kind::none) return kNothingFound;
    context_.problem("the target died: " + death.what + "\n");
    const auto saved = import_crash(*context_.sys, plan_.scratch(),
                                    plan_.out + "/findings/target-crash", death, output_.tail());
    keep_scratch_ = !saved;
    if (!saved) return problem(saved.error());
    crashes_ = *saved;
    for (const std::string& path : crashes_) context_.note("saved  " + path + "\n");
    switch (death.kind) {
      case Death::Kind::nondeterminism:
        return kNondeterminism;
      case Death::Kind::assertion:
      case Death::Kind::sanitizer:
        return kFinding;
      default:
        return kEnvironment;
    }
  }

  void progress() {
    if (context_.quiet) return;
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (last_progress_ == 0) last_progress_ = now.tv_sec;
    const std::string line = progress_line(output_.stats(), findings_.all().size());
    if (context_.err_is_tty && now.tv_sec != last_progress_) {
      context_.err("\r" + line + "\x1b[K");
      last_progress_ = now.tv_sec;
      on_line_ = true;
    } else if (now.tv_sec - last_progress_ >= kProgressSeconds) {
      context_.err(line + "\n");
      last_progress_ = now.tv_sec;
    }
  }

  void progress_end() {
    if (on_line_) context_.err("\n");
    context_.note(progress_line(output_.stats(), findings_.all().size()) + "\n");
  }

  void reports() const {
    if (plan_.json) return;
    std::size_t shown = 0;
    for (const Found& f : findings_.all()) {
      if (!f.stored || !f.replays || shown == kReportsMax) continue;
      exec::Options options;
      options.keep_events = true;
      const exec::Execution run = context_.execute(f.trace.program, options);
      context_.out(report::splat(f.trace, run,
                                 {.full = false,
                                  .reproduce = "daxfuzz replay " + f.path,
                                  .reliable = f.reliable,
                                  .found_by = plan_.name + "_fuzz_test, libfuzzer seed " +
                                              std::to_string(plan_.seed),
                                  .tool = tool_line()}) +
                   "\n");
      ++shown;
    }
  }

  void summary(int code) const {
    const std::vector<Found>& all = findings_.all();
    const std::string first = !all.empty() ? all.front().path : "";
    const EngineStats& stats = output_.stats();
    if (plan_.json) {
      report::JsonWriter list('[');
      for (const Found& f : all)
        list.item(report::JsonWriter('{')
                      .text("file", f.path)
                      .text("protocol", f.protocol)
                      .text("signature", f.signature)
                      .flag("new", f.stored)
                      .flag("replays", f.replays)
                      .text("reliable", f.reliable)
                      .text("minimized", f.summary)
                      .done());
      report::JsonWriter crashes('[');
      for (const std::string& path : crashes_) crashes.item(report::json_string(path));
      context_.result(report::JsonWriter('{')
                          .text("schema", "daxfuzz.fuzz/1")
                          .number("exit", code)
                          .text("target", plan_.name)
                          .text("seed", std::to_string(plan_.seed))
                          .member("execs_done", std::to_string(stats.execs))
                          .member("edges_found", std::to_string(stats.edges))
                          .member("corpus_count", std::to_string(stats.corpus))
                          .member("known", std::to_string(known_))
                          .text("worth", output_.worth())
                          .member("findings", list.done())
                          .member("crashes", crashes.done())
                          .done() +
                      "\n");
      return;
    }
    std::string text = std::to_string(all.size()) + (all.size() == 1 ? " finding" : " findings") +
                       " in " + std::to_string(stats.execs) + " executions; " +
                       std::to_string(known_) + " known, not counted\n";
    for (const Found& f : all) {
      text += "  " + f.protocol + "  " + f.signature + "\n    " + f.path +
              (f.stored ? "" : "  (of an earlier run)") + "\n";
      if (!f.reliable.empty()) text += "    " + f.reliable + "\n";
      if (!f.summary.empty()) text += "    minimized " + f.summary + "\n";
    }
    for (const std::string& path : crashes_) text += "  target-crash\n    " + path + "\n";
    if (all.empty() && crashes_.empty()) text += output_.worth();
    context_.result(text);
    context_.result(!first.empty()      ? "next: daxfuzz show " + first + "\n"
                    : !crashes_.empty() ? "next: look into " + crashes_.back() + "\n"
                    : code == kEnvironment
                        ? "next: daxfuzz doctor\n"
                        : "next: the same again; it goes on from the corpus in " + plan_.corpus() +
                              "\n");
  }

  void clean_up() const {
    if (keep_scratch_) return;
    const auto names = list_folder(plan_.scratch(), "");
    for (const std::string& name : names.value_or(std::vector<std::string>{}))
      (void)context_.sys->unlink((plan_.scratch() + "/" + name).c_str());
    (void)rmdir(plan_.scratch().c_str());
  }

  int problem(const std::string& what) const {
    context_.problem("daxfuzz fuzz: " + what + "\n");
    return kEnvironment;
  }

  const Plan& plan_;
  Context& context_;
  Findings findings_;
  Frames frames_;
  EngineOutput output_;
  std::vector<std::string> crashes_;
  std::size_t known_ = 0;
  std::int64_t last_progress_ = 0;
  bool on_line_ = false, keep_scratch_ = false;
  int code_ = kNothingFound;
};

bool is_target_name(const std::string& name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

// A campaign that is not told its seed takes another one each time, and says it.
std::uint64_t any_seed() {
  std::uint32_t seed = 0;
  return getrandom(&seed, sizeof seed, 0) == sizeof seed ? seed : 1;
}

}  // namespace

int fuzz(const Args& args, Context& context) {
  Plan plan{.name = args.operands[0],
            .target = {},
            .out = args.get("out", "out"),
            .protocol = args.get("protocol", "all"),
            .settings = {},
            .seed = any_seed(),
            .findings = args.get("findings", find_findings(context.program_path)),
            .json = args.has("json")};
  if (args.has("seed")) {
    const auto seed = parse_seed(args.get("seed"));
    if (!seed) return bad_value(args, context, "seed", seed.error());
    plan.seed = *seed;
  }
  if (args.has("budget")) {
    const auto budget = parse_budget(args.get("budget"));
    if (!budget) return bad_value(args, context, "budget", budget.error());
    plan.budget = *budget;
  }
  if (plan.protocol != "all") {
    const auto protocols = parse_protocols(plan.protocol);
    if (!protocols) return bad_value(args, context, "protocol", protocols.error() + ", or all");
    if (protocols->size() != 1)
      return bad_value(args, context, "protocol", "expected one protocol, or all");
  }
  const auto settings = parse_settings(args.all("set"));
  if (!settings) return bad_value(args, context, "set", settings.error());
  plan.settings = *settings;
  std::vector<std::string> tried;
  if (is_target_name(plan.name))
    plan.target = find_target(context.program_path, args.get("target-dir"), plan.name, tried);
  if (plan.target.empty()) {
    std::string what = "daxfuzz fuzz: no fuzz target '" + plan.name + "'\n";
    for (const std::string& path : tried) what += "  not at " + path + "\n";
    context.problem(what + "next: bazel build //fuzz:" + plan.name + "_fuzz_test_libfuzzer\n");
    return kEnvironment;
  }
  return Campaign(plan, context).run();
}

}  // namespace daxfuzz::cli
