// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz minimize: NAME.daxt becomes NAME.min.daxt, smaller, with the same
// signature; the original stays. A folder becomes a folder of findings (triage.h). See docs/cli.md,
// exec/minimize.h.
#include "cli/exit_code.h"
#include "cli/shrink.h"
#include "cli/side_by_side.h"
#include "cli/store.h"
#include "cli/traces.h"
#include "cli/triage.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "report/json_writer.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kExecutions = 100'000;
constexpr std::uint64_t kJobsMax = 256;

std::string target_path(const std::string& path, const std::string& folder) {
  std::string stem = path.ends_with(".daxt") ? path.substr(0, path.size() - 5) : path;
  if (!folder.empty()) stem = folder + "/" + stem.substr(stem.rfind('/') + 1);
  return stem + ".min.daxt";
}

// What this command or the import of findings wrote is not minimised again when a
// whole folder's files are named.
bool is_product(const std::string& path) {
  return path.ends_with(".min.daxt") || path.ends_with(".orig.daxt");
}

struct Job {
  Context& context;
  std::string folder;
  std::uint64_t budget;
  std::size_t jobs;
  InputsWish inputs;
  bool lenient, json;
  report::JsonWriter files{'['}, findings{'['};
  std::string last;

  std::expected<trace::Trace, LoadError> load(const std::string& path) const {
    if (path.ends_with(".daxt")) {
      auto loaded = load_trace(*context.sys, path, inputs.parse);
      if (!loaded) return std::unexpected(loaded.error());
      return std::move(loaded->trace);
    }
    auto input = load_input(*context.sys, path, inputs);
    if (!input) return std::unexpected(LoadError{kEnvironment, input.error()});
    return std::move(input->trace);
  }

  int one(const std::string& path) {
    const auto loaded = load(path);
    if (!loaded) return fail(loaded.error());
    exec::Options options;
    options.lenient = lenient;
    const auto shrunk = shrink(context, *loaded, options, budget);
    if (!shrunk) {
      say(path, path + ": " + shrunk.error().why, "", "");
      return shrunk.error().exit_code;
    }
    const std::string target = target_path(path, folder);
    auto done = folder.empty() ? std::expected<void, StoreError>{} : make_folders(*context.sys, folder);
    if (done) done = store_file(*context.sys, target, trace::print(shrunk->trace));
    if (!done) return fail({kEnvironment, done.error().str()});
    last = target;
    say(path, path + ": " + shrunk->summary + "\n  -> " + target, target,
        shrunk->execution.signature());
    return context.interrupted() ? kInterrupted : kNothingFound;
  }

  // Folders become one, of findings.
  int all_of(std::vector<std::string> folders) {
    for (std::string& from : folders)
      while (from.size() > 1 && from.ends_with('/')) from.pop_back();
    const TriageWish wish{.folders = folders,
                          .out = folder.empty() ? folders.front() + ".min" : folder,
                          .inputs = inputs,
                          .budget = budget,
                          .jobs = jobs,
                          .lenient = lenient};
    const Triage made = triage(wish, context);
    std::string text = wish.out + ": of " + std::to_string(made.inputs) + " inputs, " +
                       std::to_string(made.findings.size()) + " signatures, " + std::to_string(made.passed) +
                       " pass here" + (made.died != 0 ? ", the model died of " + std::to_string(made.died) : "") + "\n";
    for (const Triaged& one : made.findings) {
      text += "  " + one.protocol + "  " + one.signature + "\n    " + one.folder + "\n    " +
              std::to_string(one.inputs) + (one.inputs == 1 ? " input" : " inputs") + ", first seen " + one.first_seen +
              "\n";
      if (!one.problem.empty()) text += "    not minimized: " + one.problem + "\n";
      else text += "    " + one.summary + "\n    " + one.reliable + "\n    critical: " + one.critical + "\n";
      if (last.empty() && one.problem.empty()) last = one.folder + "/minimal.daxt";
      findings.item(report::JsonWriter('{')
                        .text("protocol", one.protocol)
                        .text("signature", one.signature)
                        .text("folder", one.folder)
                        .number("inputs", static_cast<std::int64_t>(one.inputs))
                        .text("first_seen", one.first_seen)
                        .text("minimized", one.summary)
                        .text("reliable", one.reliable)
                        .text("critical", one.critical)
                        .text("problem", one.problem)
                        .done());
    }
    if (!json) context.result(text);
    return made.exit_code;
  }

  int fail(const LoadError& error) {
    context.problem(error.what + "\n");
    return error.exit_code;
  }

  void say(const std::string& path, const std::string& text, const std::string& target,
           const std::string& signature) {
    if (!json) context.result(text + "\n");
    files.item(report::JsonWriter('{')
                   .text("file", path)
                   .text("minimized", target)
                   .text("signature", signature)
                   .done());
  }
};

}  // namespace

int minimize(const Args& args, Context& context) {
  Job job{.context = context,
          .folder = args.get("out"),
          .budget = kExecutions,
          .jobs = all_cores(),
          .inputs = {},
          .lenient = args.has("lenient"),
          .json = args.has("json"),
          .last = {}};
  if (job.lenient) job.inputs.parse = trace::Parse::lenient;
  if (args.has("budget")) {
    const auto budget = parse_budget(args.get("budget"));
    if (!budget) return bad_value(args, context, "budget", budget.error());
    if (budget->executions == 0)
      return bad_value(
          args, context, "budget",
          "expected executions, such as 10k-execs: the result must not depend on a clock");
    job.budget = budget->executions;
  }
  if (args.has("jobs")) {
    const auto jobs = parse_count(args.get("jobs"), kJobsMax);
    if (!jobs || *jobs == 0) return bad_value(args, context, "jobs", "expected a number from 1 to 256");
    job.jobs = *jobs;
  }
  if (const std::string protocol = args.get("protocol", "all"); protocol != "all") {
    const auto protocols = parse_protocols(protocol);
    if (!protocols) return bad_value(args, context, "protocol", protocols.error() + ", or all");
    if (protocols->size() != 1) return bad_value(args, context, "protocol", "expected one protocol, or all");
    job.inputs.protocol = protocols->front();
  }
  const auto settings = parse_settings(args.all("set"));
  if (!settings) return bad_value(args, context, "set", settings.error());
  job.inputs.settings = *settings;
  int code = kNothingFound;
  std::vector<std::string> folders;
  for (const std::string& path : args.operands) {
    if (code == kInterrupted) break;
    if (is_folder(path)) folders.push_back(path);
    else if (args.operands.size() == 1 || !is_product(path)) code = worse(code, job.one(path));
  }
  if (!folders.empty() && code != kInterrupted) code = worse(code, job.all_of(std::move(folders)));
  if (job.json) {
    context.result(report::JsonWriter('{')
                       .text("schema", "daxfuzz.minimize/1")
                       .number("exit", code)
                       .member("files", job.files.done())
                       .member("findings", job.findings.done())
                       .done() +
                   "\n");
  } else {
    context.result(job.last.empty() ? "next: daxfuzz fuzz interleaving --budget=60s\n"
                                    : "next: daxfuzz show " + job.last + "\n");
  }
  return code;
}

}  // namespace daxfuzz::cli
