// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz explore: all schedules of a program, under its own protocol or others. Says
// "complete" only if they were all searched. See docs/cli.md, explore/search.h.
#include <chrono>
#include <limits>
#include <optional>

#include "cli/exit_code.h"
#include "cli/explore_parts.h"
#include "cli/shrink.h"
#include "cli/store.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "explore/arena.h"
#include "explore/program.h"
#include "explore/sample.h"
#include "report/json_writer.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kExecutions = 10'000'000;
constexpr std::uint64_t kDrawn = 100'000;  // executions of a strategy
constexpr std::uint64_t kStates = 20'000'000;
constexpr std::uint64_t kProbes = 200;
constexpr std::uint64_t kJobsMax = 256;

struct Wish {
  explore::ProgramLimits limits;
  Budget budget;
  std::vector<trace::ProtocolId> protocols;  // empty: the file's
  std::vector<trace::Setting> settings;
  std::string folder, resume;
  std::size_t jobs = 1;
  std::optional<sched::Strategy> strategy;  // none: all schedules
  std::uint64_t seed = 1;
  bool all = false, compare = false, json = false;
};

// One file under one protocol.
struct Task {
  std::string path;
  trace::Trace source;
  bool own = false;  // the file's own protocol and settings
};

std::string counted(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string sizes(const explore::Report& report) {
  return counted(report.executions, "execution") + (report.states == 0 ? "" : ", " + counted(report.states, "state"));
}

const char* why(explore::Cut cut) {
  switch (cut) {
    case explore::Cut::none: return "a run can come back to where it was and need not end";
    case explore::Cut::failure: return "it ended at the first failure";
    case explore::Cut::steps: return "a run may be as long as half of the step budget";
    case explore::Cut::executions: return "the budget is spent";
    case explore::Cut::states: return "more states than --states";
    case explore::Cut::lost: return "a process that searched a part of it died";
    case explore::Cut::interrupted: return "it was interrupted, or its time is over";
  }
  return "?";
}

class Explore {
 public:
  Explore(const Wish& wish, Context& context) : wish_(wish), context_(context), searches_('[') {}

  // Reads a file. Its searches come later, all in the order of their files.
  int file(const std::string& path) {
    const auto loaded = load_trace(*context_.sys, path, trace::Parse::strict);
    if (!loaded) {
      context_.problem(loaded.error().what + "\n");
      return loaded.error().exit_code;
    }
    std::vector<trace::ProtocolId> protocols = wish_.protocols;
    if (protocols.empty()) protocols.push_back(loaded->trace.program.protocol);
    for (const trace::ProtocolId protocol : protocols) {
      Task task{.path = path, .source = loaded->trace};
      task.source.program.protocol = protocol;
      apply_settings(task.source.program, wish_.settings);
      task.own = task.source.program == loaded->trace.program;
      tasks_.push_back(std::move(task));
    }
    return kNothingFound;
  }

  int search() {
    std::vector<Searched> done;
    if (wish_.jobs > 1 || !wish_.resume.empty()) {
      std::vector<Search> searches;
      for (const Task& task : tasks_) searches.push_back({task.source.program, wish_.limits});
      auto searched = search_in_parts(
          searches, {.jobs = wish_.jobs, .seconds = wish_.budget.seconds, .resume = wish_.resume}, context_);
      if (!searched) {
        context_.problem(searched.error() + "\n");
        return kEnvironment;
      }
      done = std::move(*searched);
    }
    int code = kNothingFound;
    for (std::size_t at = 0; at < tasks_.size(); at++) {
      if (at == 0 || tasks_[at].path != tasks_[at - 1].path) {
        print(tasks_[at].path + "\n");
        reference_.reset();
      }
      code = worse(code, told(tasks_[at], done.empty() ? searched(tasks_[at]) : done[at]));
      if (context_.interrupted()) return worse(code, kInterrupted);
    }
    return code;
  }

  void finish(int code) {
    if (wish_.json) {
      context_.result(report::JsonWriter('{')
                          .text("schema", "daxfuzz.explore/1")
                          .number("exit", code)
                          .member("searches", searches_.done())
                          .done() +
                      "\n");
    } else {
      context_.result(next_.empty() ? "next: daxfuzz help explore\n" : "next: daxfuzz show " + next_ + "\n");
    }
  }

 private:
  Searched searched(const Task& task) const {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::seconds(wish_.budget.seconds);
    explore::ProgramLimits limits = wish_.limits;
    limits.probes = kProbes;
    const auto over = [&] {
      return context_.interrupted() || (wish_.budget.seconds != 0 && Clock::now() >= end);
    };
    if (wish_.strategy)
      return {.report = explore::sample(task.source.program, limits, *wish_.strategy, wish_.seed, {}, over)};
    return {.report = explore::explore(task.source.program, limits, {}, over)};
  }

  int told(const Task& task, const Searched& searched) {
    const auto& [path, source, own] = task;
    const explore::Report& report = searched.report;
    const std::string label = protocol_label(source.program);
    print("  " + label + "  " + summary(report) + "\n");
    if (wish_.strategy) print(worth_drawn(report));
    else if (!report.complete() && report.cut != explore::Cut::failure) print(worth(searched));
    if (wish_.all && !wish_.compare)
      for (const auto& [key, found] : report.outcomes)
        print("    " + key + "  (" + counted(found.executions, "execution") + ")\n");
    std::string written;
    int code = wish_.compare && !refines(report, label) ? kFinding : kNothingFound;
    if (const explore::Found* failure = report.failure(); failure != nullptr)
      code = worse(code, keep(target_path(path, own ? "" : label), source, *failure, written));
    searches_.item(report::JsonWriter('{')
                       .text("file", path)
                       .text("protocol", label)
                       .flag("complete", report.complete())
                       .text("incomplete_because", report.complete() ? "" : why(report.cut))
                       .text("signature", signature(report))
                       .text("written", written)
                       .number("executions", static_cast<std::int64_t>(report.executions))
                       .number("states", static_cast<std::int64_t>(report.states))
                       .number("outcomes", static_cast<std::int64_t>(report.outcomes.size()))
                       .member("estimate", estimate(report))
                       .done());
    return code;
  }

  // The first protocol's outcomes are what the others' are compared with. True if it has all
  // of them.
  bool refines(const explore::Report& report, const std::string& label) {
    if (!reference_) {
      reference_ = report;
      reference_label_ = label;
      return true;
    }
    bool none_added = true;
    for (const auto& [key, found] : report.outcomes) {
      if (reference_->outcomes.contains(key)) continue;
      print("    + " + key + "\n");
      none_added = false;
    }
    for (const auto& [key, found] : reference_->outcomes)
      if (!report.outcomes.contains(key)) print("    - " + key + "\n");
    const bool sure = report.complete() && reference_->complete();
    print("    " + std::string(none_added ? "refines " : "does not refine ") + reference_label_ +
          (sure ? "" : ", as far as was searched") + "\n");
    return none_added;
  }

  static std::string signature(const explore::Report& report) {
    for (const auto& [key, found] : report.outcomes)
      if (found.failed) return key.substr(0, key.find(" |"));
    return report.complete() ? "pass" : "";
  }

  std::string summary(const explore::Report& report) const {
    std::string scope = "schedule";
    if (wish_.limits.preemptions) scope += " with at most " + counted(*wish_.limits.preemptions, "pre-emption");
    if (report.failure() != nullptr)
      return "FAIL " + signature(report) + ": " + sizes(report) +
             (report.complete() ? ", complete" : std::string(", not complete: ") + why(report.cut));
    if (!report.complete()) return "not complete: " + std::string(why(report.cut)) + ": " + sizes(report);
    return "complete: no " + scope + " of this program violates anything: " + sizes(report) + ", up to " +
           counted(report.steps_longest, "step");
  }

  // How likely one more run shows another outcome: those that one run has shown, by runs (Good 1953).
  std::string worth_drawn(const explore::Report& report) const {
    std::uint64_t once = 0;
    for (const auto& [key, found] : report.outcomes) once += found.executions == 1 ? 1 : 0;
    const std::string seed = std::to_string(wish_.seed);
    return "    drawn by " + std::string(sched::name(*wish_.strategy)) + ", seed " + seed + ": " +
           counted(report.outcomes.size(), "outcome") + ", " + std::to_string(once) +
           " of them in one run only: about " +
           std::to_string(once) + " in " + std::to_string(report.executions) +
           " runs would show a new one if they were drawn independently\n";
  }

  // What a search is worth that did not come to its end: a line, or none.
  static std::string worth(const Searched& searched) {
    if (searched.parts > 1)
      return "    " + std::to_string(searched.whole) + " of " + std::to_string(searched.parts) +
             " parts were searched to their end\n";
    const auto& estimate = searched.report.estimate;
    if (!estimate || estimate->visits == 0) return "";
    return "    " + explore::worth(*estimate) + "\n";
  }

  static std::string estimate(const explore::Report& report) {
    if (!report.estimate) return "null";
    report::JsonWriter json('{');
    json.number("probes", static_cast<std::int64_t>(report.estimate->probes))
        .number("per_mille_known", static_cast<std::int64_t>(report.estimate->share() * 1000))
        .number("states", static_cast<std::int64_t>(report.estimate->states))
        .number("schedules_log10", static_cast<std::int64_t>(report.estimate->schedules_log10));
    return json.done();
  }

  // The schedule that failed first, as a file that replays.
  int keep(const std::string& target, const trace::Trace& source, const explore::Found& failure,
           std::string& written) {
    trace::Trace trace = source;
    const trace::Program program = explore::with_decisions(source.program, wish_.limits, failure.decisions);
    const exec::Execution execution = context_.execute(program, {});
    if (!execution.failed()) {
      context_.problem(target + ": the schedule that failed passes when it is replayed\n");
      return kNondeterminism;
    }
    if (auto done = store_file(*context_.sys, target, trace::print(as_finding(source, program, execution))); !done) {
      context_.problem(done.error().str() + "\n");
      return kEnvironment;
    }
    print("    -> " + target + "\n");
    if (next_.empty()) next_ = target;
    written = target;
    return kFinding;
  }

  std::string target_path(const std::string& path, const std::string& label) const {
    std::string stem = path.ends_with(".daxt") ? path.substr(0, path.size() - 5) : path;
    if (!wish_.folder.empty()) stem = wish_.folder + "/" + stem.substr(stem.rfind('/') + 1);
    return stem + (label.empty() ? "" : "." + label) + ".explored.daxt";
  }

  void print(const std::string& text) const {
    if (!wish_.json) context_.result(text);
  }

  const Wish& wish_;
  Context& context_;
  report::JsonWriter searches_;
  std::vector<Task> tasks_;
  std::string next_;
  std::optional<explore::Report> reference_;
  std::string reference_label_;
};

// False if a value of a flag is wrong: `code` is that of bad_value().
bool read_limits(const Args& args, Context& context, Wish& wish, int& code) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  const auto number = [&](const char* flag, std::uint64_t& to) {
    if (!args.has(flag)) return true;
    const auto value = parse_count(args.get(flag), kMost);
    if (!value) code = bad_value(args, context, flag, value.error());
    to = value.value_or(0);
    return value.has_value();
  };
  std::uint64_t preemptions = 0, set_up = 0, jobs = 1;
  wish.limits.states = kStates;
  if (!number("preemptions", preemptions) || !number("set-up", set_up) || !number("states", wish.limits.states) ||
      !number("jobs", jobs))
    return false;
  if (jobs == 0 || jobs > kJobsMax) {
    code = bad_value(args, context, "jobs", "expected 1 to " + std::to_string(kJobsMax));
    return false;
  }
  wish.jobs = jobs;
  if (args.has("preemptions")) wish.limits.preemptions = static_cast<std::uint32_t>(preemptions);
  wish.limits.set_up = static_cast<std::uint32_t>(set_up);
  if (args.has("strategy")) {
    wish.strategy = sched::strategy_named(args.get("strategy"));
    std::string names;
    for (std::uint32_t s = 0; s < sched::kStrategies; s++)
      names += (s == 0 ? "" : s + 1 == sched::kStrategies ? " or " : ", ") +
               std::string(sched::name(static_cast<sched::Strategy>(s)));
    if (!wish.strategy) code = bad_value(args, context, "strategy", "expected " + names);
    else
      for (const char* other : {"jobs", "resume", "preemptions", "states", "compare"})
        if (args.has(other)) code = bad_value(args, context, other, "expected no --strategy with it");
    if (code != kNothingFound) return false;
    const auto seed = parse_seed(args.get("seed", "1"));
    if (!seed) code = bad_value(args, context, "seed", seed.error());
    if (!seed) return false;
    wish.seed = *seed;
  }
  if (args.has("seed") && !wish.strategy) {
    code = bad_value(args, context, "seed", "expected --strategy with it");
    return false;
  }
  wish.limits.executions = wish.strategy ? kDrawn : kExecutions;
  if (args.has("budget")) {
    const auto budget = parse_budget(args.get("budget"));
    if (!budget) {
      code = bad_value(args, context, "budget", budget.error());
      return false;
    }
    wish.budget = *budget;
    wish.limits.executions = budget->executions != 0 ? budget->executions : UINT64_MAX;
  }
  return true;
}

}  // namespace

int explore(const Args& args, Context& context) {
  Wish wish;
  wish.folder = args.get("out");
  wish.resume = args.get("resume");
  wish.compare = args.has("compare");
  wish.all = args.has("all") || wish.compare;
  wish.json = args.has("json");
  wish.limits.first_failure = !wish.all;
  int code = kNothingFound;
  if (!read_limits(args, context, wish, code)) return code;
  if (args.has("protocol")) {
    const auto protocols = parse_protocols(args.get("protocol"));
    if (!protocols) return bad_value(args, context, "protocol", protocols.error());
    wish.protocols = *protocols;
  }
  const auto settings = parse_settings(args.all("set"));
  if (!settings) return bad_value(args, context, "set", settings.error());
  wish.settings = *settings;
  if (!explore::arena_available())
    context.note("daxfuzz explore: a sanitizer build knows no equal states; it runs every schedule\n");
  Explore verb(wish, context);
  const auto paths = trace_paths(args.operands);
  if (!paths) {
    context.problem(paths.error().what + "\n");
    code = paths.error().exit_code;
  } else if (auto made = wish.folder.empty() ? std::expected<void, StoreError>{}
                                             : make_folders(*context.sys, wish.folder);
             !made) {
    context.problem(made.error().str() + "\n");
    code = kEnvironment;
  } else {
    for (const std::string& path : *paths)
      if (paths->size() == 1 || !path.ends_with(".explored.daxt")) code = worse(code, verb.file(path));
    code = worse(code, verb.search());
  }
  verb.finish(code);
  return code;
}

}  // namespace daxfuzz::cli
