// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz minimize: NAME.daxt becomes NAME.min.daxt, smaller, with the same
// signature; the original stays. See docs/cli.md, exec/minimize.h.
#include "cli/exit_code.h"
#include "cli/shrink.h"
#include "cli/store.h"
#include "cli/traces.h"
#include "cli/values.h"
#include "cli/verbs.h"
#include "report/json_writer.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kExecutions = 100'000;

std::string target_path(const std::string& path, const std::string& folder) {
  std::string stem = path.ends_with(".daxt") ? path.substr(0, path.size() - 5) : path;
  if (!folder.empty()) stem = folder + "/" + stem.substr(stem.rfind('/') + 1);
  return stem + ".min.daxt";
}

// What this command or the import of findings wrote is not minimised again when a
// whole folder is.
bool is_product(const std::string& path) {
  return path.ends_with(".min.daxt") || path.ends_with(".orig.daxt");
}

struct Job {
  Context& context;
  std::string folder;
  std::uint64_t budget;
  bool lenient, json;
  report::JsonWriter files{'['};
  std::string last;

  int one(const std::string& path) {
    const auto loaded =
        load_trace(*context.sys, path, lenient ? trace::Parse::lenient : trace::Parse::strict);
    if (!loaded) return fail(loaded.error());
    exec::Options options;
    options.lenient = lenient;
    const auto shrunk = shrink(context, loaded->trace, options, budget);
    if (!shrunk) {
      say(path, path + ": " + shrunk.error().why, "", "");
      return shrunk.error().exit_code;
    }
    const std::string target = target_path(path, folder);
    if (auto done = store_file(*context.sys, target, trace::print(shrunk->trace)); !done)
      return fail({kEnvironment, done.error().str()});
    last = target;
    say(path, path + ": " + shrunk->summary + "\n  -> " + target, target,
        shrunk->execution.signature());
    return context.interrupted() ? kInterrupted : kNothingFound;
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
          .lenient = args.has("lenient"),
          .json = args.has("json"),
          .last = {}};
  if (args.has("budget")) {
    const auto budget = parse_budget(args.get("budget"));
    if (!budget) return bad_value(args, context, "budget", budget.error());
    if (budget->executions == 0)
      return bad_value(
          args, context, "budget",
          "expected executions, such as 10k-execs: the result must not depend on a clock");
    job.budget = budget->executions;
  }
  int code = kNothingFound;
  const auto paths = trace_paths(args.operands);
  if (!paths) {
    code = job.fail(paths.error());
  } else if (auto made = job.folder.empty() ? std::expected<void, StoreError>{}
                                            : make_folders(*context.sys, job.folder);
             !made) {
    code = job.fail({kEnvironment, made.error().str()});
  } else {
    for (const std::string& path : *paths)
      if (code != kInterrupted && (paths->size() == 1 || !is_product(path)))
        code = worse(code, job.one(path));
  }
  if (job.json) {
    context.result(report::JsonWriter('{')
                       .text("schema", "daxfuzz.minimize/1")
                       .number("exit", code)
                       .member("files", job.files.done())
                       .done() +
                   "\n");
  } else {
    context.result(job.last.empty() ? "next: daxfuzz fuzz interleaving --budget=60s\n"
                                    : "next: daxfuzz show " + job.last + "\n");
  }
  return code;
}

}  // namespace daxfuzz::cli
