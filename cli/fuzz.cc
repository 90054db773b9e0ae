// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz fuzz: runs engines (engines.h) as children, takes their findings from pipes, or from the folder that
// AFL++ fills, and turns each into a durable, replayed, minimised trace with a report. What is written
// where: docs/crashes.md.
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "cli/child.h"
#include "cli/crash.h"
#include "cli/engine_output.h"
#include "cli/engines.h"
#include "cli/exit_code.h"
#include "cli/findings.h"
#include "cli/frames.h"
#include "cli/inputs.h"
#include "cli/shrink.h"
#include "cli/side_by_side.h"
#include "cli/target.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "report/json_writer.h"
#include "report/splat.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kJobsMax = 256;
constexpr std::size_t kReportsMax = 5;
constexpr std::int64_t kProgressSeconds = 10;

class Campaign {
 public:
  Campaign(const FuzzPlan& plan, Engine engine, Context& context)
      : plan_(plan),
        children_(std::move(engine.children)),
        seeds_(std::move(engine.seeds)),
        context_(context),
        findings_(context, plan.out + "/findings"),
        frames_(children_.size()),
        outputs_(children_.size()) {}

  int run() {
    const int code = campaign();
    summary(code);
    return code;
  }

 private:
  int campaign() {
    if (auto done = prepare(); !done) return problem(done.error());
    context_.note("seed " + std::to_string(plan_.seed) + ", engine " + plan_.engine +
                  (plan_.jobs > 1 ? " x " + std::to_string(plan_.jobs) : "") + ", protocol " + plan_.protocol +
                  ", corpus " + plan_.corpus() + ", " + std::to_string(seed_names(seeds_).size()) + " seeds\n");
    std::vector<ChildEvents> events;
    for (std::size_t i = 0; i < children_.size(); ++i)
      events.push_back({.on_stderr = [this, i](std::string_view b) { heard(i, b); },
                        .on_finding_bytes = [this, i](std::string_view b) { take(i, b); },
                        .on_tick = [this] { tick(); },
                        .interrupted = context_.interrupted});
    const auto statuses = run_children(children_, events);
    if (!statuses) return problem(statuses.error().str());
    // Also after an interrupt: what it found in its last second is nowhere else told.
    if (plan_.afl()) import(true);
    progress_end();
    for (const Frames& frames : frames_) {
      if (!frames.error().empty()) code_ = worse(code_, problem("findings pipe: " + frames.error()));
      if (frames.cut()) code_ = worse(code_, problem("findings pipe: the last finding was cut off"));
    }
    for (std::size_t i = 0; i < statuses->size() && !context_.interrupted(); ++i)
      code_ = worse(code_, after_death(i, (*statuses)[i]));
    if (!context_.interrupted()) findings_.adopt();
    code_ = worse(code_, findings_.examine());
    if (!context_.interrupted()) reports();
    clean_up();
    return context_.interrupted() ? kInterrupted : code_;
  }

  std::expected<void, std::string> prepare() {
    std::vector<std::string> folders = {plan_.corpus(), plan_.scratch(), plan_.out + "/findings"};
    for (std::size_t job = 0; job < children_.size() && !plan_.afl(); ++job) folders.push_back(plan_.artifacts(job));
    for (const std::string& folder : folders)
      if (auto done = make_folders(*context_.sys, folder); !done)
        return std::unexpected(done.error().str());
    std::string known;
    if (!plan_.findings.empty()) {
      auto lines = known_lines(*context_.sys, plan_.findings, plan_.settings);
      if (!lines) return std::unexpected(lines.error());
      known = *lines;
    }
    known_ = static_cast<std::size_t>(std::ranges::count(known, '\n'));
    for (std::string& line : split(known, '\n')) known_lines_.insert(std::move(line));
    auto done = store_file(*context_.sys, plan_.known(), known);
    if (!done) return std::unexpected(done.error().str());
    return plan_.afl() ? lay_out_seeds(*context_.sys, plan_, seeds_) : std::expected<void, std::string>{};
  }

  void heard(std::size_t child, std::string_view bytes) {
    const bool told = outputs_[child].begun().has_value();
    outputs_[child].feed(bytes);
    if (const auto begun = outputs_[child].begun(); begun && !told)
      context_.note("begins with " + std::to_string(*begun) + " inputs\n");
  }
  void take(std::size_t child, std::string_view bytes) {
    for (const std::string& text : frames_[child].feed(bytes)) add(text);
  }
  void add(const std::string& text) {
    if (auto done = findings_.add(text); !done) code_ = worse(code_, problem(done.error()));
  }

  void tick() {
    if (plan_.afl() && seconds_now() != last_import_) import(false);
    progress();
  }

  // What AFL++ calls crashes, as they come. Each is run in a process of its own. An interrupt ends it, but for
  // the last time, and what was not run then is still to come.
  void import(bool last) {
    last_import_ = seconds_now();
    const std::vector<Input> fresh = fresh_crashes();
    Context context = context_;
    if (last) context.interrupted = [] { return false; };
    SideBySide jobs(context, 1);
    jobs.run_small(
        "importing", fresh.size(), [&](std::size_t i) { return finding_of(fresh[i]); },
        [&](std::size_t i, const std::optional<std::string>& text) {
          imported_.insert(fresh[i].path);
          if (!text) code_ = worse(code_, problem(fresh[i].path + ": the model dies of it; it stays there"));
          else if (!text->empty()) add(*text);
        });
  }

  std::vector<Input> fresh_crashes() {
    InputsWish wish{.protocol = {}, .settings = plan_.settings, .parse = trace::Parse::strict};
    if (plan_.protocol != "all") wish.protocol = trace::protocol_named(plan_.protocol);
    std::vector<Input> fresh;
    const auto fuzzers = list_folder(plan_.corpus(), "");
    for (const std::string& fuzzer : fuzzers.value_or(std::vector<std::string>{})) {
      const std::string folder = plan_.corpus() + "/" + fuzzer + "/crashes";
      const auto names = list_folder(folder, "");
      for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        const std::string path = folder + "/" + name;
        std::error_code none;
        // AFL++ makes the file first and fills it then.
        if (!is_input(path) || std::filesystem::file_size(path, none) == 0 || imported_.contains(path)) continue;
        auto input = load_input(*context_.sys, path, wish);
        if (input) {
          fresh.push_back(std::move(*input));
        } else {
          imported_.insert(path);
          code_ = worse(code_, problem(input.error()));
        }
      }
    }
    return fresh;
  }

  // The text of one, "" if it passes here or is known.
  std::string finding_of(const Input& input) const {
    const exec::Execution run = context_.execute(input.trace.program, {});
    if (!run.failed()) return "";
    if (known_lines_.contains(std::string(trace::name(input.trace.program.protocol)) + "\t" + run.signature()))
      return "";
    trace::Program written = exec::with_schedule(input.trace.program, run);
    if (!trace::valid(written)) written = input.trace.program;
    return trace::print(as_finding(input.trace, written, run));
  }

  // All children's together.
  EngineStats stats() const {
    if (plan_.afl()) return afl_stats(*context_.sys, plan_.corpus());
    EngineStats out;
    for (const EngineOutput& one : outputs_) {
      out.execs += one.stats().execs;
      out.execs_per_second += one.stats().execs_per_second;
      out.edges = std::max(out.edges, one.stats().edges);
      out.corpus = std::max(out.corpus, one.stats().corpus);
    }
    return out;
  }
  std::string worth() const {
    std::string out;
    for (const EngineOutput& one : outputs_) out += one.worth();
    return out;
  }

  int after_death(std::size_t job, int status) {
    const std::string& tail = outputs_[job].tail();
    const Death death = death_of(status, tail);
    if (death.kind == Death::Kind::none) return kNothingFound;
    context_.problem("the target died: " + death.what + "\n");
    const std::string from = plan_.afl() ? plan_.scratch() : plan_.artifacts(job);
    const auto saved = import_crash(*context_.sys, from, plan_.out + "/findings/target-crash", death, tail);
    keep_scratch_ = keep_scratch_ || !saved;
    if (!saved) return problem(saved.error());
    for (const std::string& path : *saved) context_.note("saved  " + path + "\n");
    crashes_.insert(crashes_.end(), saved->begin(), saved->end());
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
    const std::int64_t now = seconds_now();
    if (last_progress_ == 0) last_progress_ = now;
    if (now - last_progress_ < (context_.err_is_tty ? 1 : kProgressSeconds)) return;
    last_progress_ = now;
    const std::string line = progress_line(stats(), findings_.all().size());
    on_line_ = context_.err_is_tty;
    context_.err(on_line_ ? "\r" + line + "\x1b[K" : line + "\n");
  }
  static std::int64_t seconds_now() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
  }

  void progress_end() {
    if (on_line_) context_.err("\n");
    context_.note(progress_line(stats(), findings_.all().size()) + "\n");
  }

  void reports() const {
    if (plan_.json) return;
    std::size_t shown = 0;
    for (const Found& f : findings_.all()) {
      if (!f.fresh || !f.replays || shown == kReportsMax) continue;
      exec::Options options;
      options.keep_events = true;
      const exec::Execution run = context_.execute(f.trace.program, options);
      context_.out(report::splat(f.trace, run,
                                 {.full = false,
                                  .reproduce = "daxfuzz replay " + f.path,
                                  .reliable = f.reliable,
                                  .found_by = plan_.name + "_fuzz_test, " + plan_.engine + " seed " +
                                              std::to_string(plan_.seed),
                                  .tool = tool_line()}) +
                   "\n");
      ++shown;
    }
  }

  void summary(int code) const {
    const std::vector<Found>& all = findings_.all();
    const std::string first = !all.empty() ? all.front().path : "";
    const EngineStats stats = this->stats();
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
                          .member("seeds", std::to_string(seed_names(seeds_).size()))
                          .text("worth", worth())
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
    if (all.empty() && crashes_.empty()) text += worth();
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
    for (std::size_t job = 0; job < children_.size(); ++job) remove(plan_.artifacts(job));
    remove(plan_.begin());
    remove(plan_.scratch());
  }
  // A folder and the files in it.
  void remove(const std::string& folder) const {
    const auto names = list_folder(folder, "");
    for (const std::string& name : names.value_or(std::vector<std::string>{}))
      (void)context_.sys->unlink((folder + "/" + name).c_str());
    (void)rmdir(folder.c_str());
  }

  int problem(const std::string& what) const {
    context_.problem("daxfuzz fuzz: " + what + "\n");
    return kEnvironment;
  }

  const FuzzPlan& plan_;
  std::vector<ChildSpec> children_;
  std::string seeds_;
  Context& context_;
  Findings findings_;
  std::vector<Frames> frames_;
  std::vector<EngineOutput> outputs_;
  std::set<std::string> known_lines_, imported_;
  std::int64_t last_import_ = 0;
  std::vector<std::string> crashes_;
  std::size_t known_ = 0;
  std::int64_t last_progress_ = 0;
  bool on_line_ = false, keep_scratch_ = false;
  int code_ = kNothingFound;
};

// A campaign that is not told its seed takes another one each time, and says it.
std::uint64_t any_seed() {
  std::uint32_t seed = 0;
  return getrandom(&seed, sizeof seed, 0) == sizeof seed ? seed : 1;
}

}  // namespace

int fuzz(const Args& args, Context& context) {
  FuzzPlan plan{.name = args.operands[0],
                .engine = args.get("engine", "libfuzzer"),
                .target_dir = args.get("target-dir"),
                .out = args.get("out", "out"),
                .protocol = args.get("protocol", "all"),
                .settings = {},
                .seed = any_seed(),
                .findings = args.get("findings", find_findings(context.program_path)),
                .json = args.has("json")};
  if (!is_engine(plan.engine))
    return bad_value(args, context, "engine", std::string("expected ") + kEngines + ", found '" + plan.engine + "'");
  if (args.has("jobs")) {
    const auto jobs = parse_count(args.get("jobs"), kJobsMax);
    if (!jobs || *jobs == 0) return bad_value(args, context, "jobs", "expected a number from 1 to 256");
    plan.jobs = *jobs;
  }
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
  auto engine = ready_engine(plan, context);
  if (!engine) {
    context.problem("daxfuzz fuzz: " + engine.error());
    return kEnvironment;
  }
  return Campaign(plan, std::move(*engine), context).run();
}

}  // namespace daxfuzz::cli
