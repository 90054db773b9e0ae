// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz check: the properties, by their own program, which is found beside the binary (bazel build
// //properties:check) and has the model with all fixes in. See docs/cli.md, properties/README.md.
#include <sys/wait.h>

#include <string>
#include <string_view>

#include "cli/child.h"
#include "cli/exit_code.h"
#include "cli/target.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace daxfuzz::cli {
namespace {

// The first file that the program says it has saved, of those that replay if there is one; empty if there is none.
std::string first_saved(std::string_view said) {
  constexpr std::string_view kSaved = "\n# saved as ";
  std::string first;
  for (std::size_t at = said.find(kSaved); at != said.npos; at = said.find(kSaved, at + 1)) {
    const std::string_view rest = said.substr(at + kSaved.size());
    const std::string path(rest.substr(0, rest.find('\n')));
    if (path.ends_with(".daxt")) return path;
    if (first.empty()) first = path;
  }
  return first;
}

// What to do after a run that has come to its end.
std::string next_step(const Args& args, int code, const std::string& saved) {
  if (code == kNondeterminism) return "run it again; a property, its file or the port is not deterministic";
  if (code == kFinding && !args.has("out")) return "the same with --out=DIR, which saves the counterexample";
  if (code == kFinding && saved.ends_with(".daxt")) return "daxfuzz_fixed show " + saved;
  if (code == kFinding) return "less " + saved + ": a list of calls, which the seed finds again; no trace to replay";
  for (const std::string& name : args.operands)
    if (name == "all") return "daxfuzz fuzz interleaving --budget=60s";
  return "daxfuzz check all";
}

}  // namespace

int check(const Args& args, Context& context) {
  const bool tries = !args.operands.empty() && !args.has("list");
  for (const char* flag : {"seed", "max-success", "time", "junit", "out"})
    if (!tries && args.has(flag))
      return bad_value(args, context, flag, "a list tries nothing: name properties or all, without --list");
  ChildSpec spec{.path = find_program(context.program_path, "properties/check"), .arguments = {}, .environment = {}};
  // A child's stdout and stderr are one pipe; results go through the other.
  spec.arguments.push_back("--results-to=" + std::to_string(kFindingsFd));
  if (args.has("seed")) {
    const auto seed = parse_seed(args.get("seed"));
    if (!seed) return bad_value(args, context, "seed", seed.error());
    spec.arguments.push_back("--seed=" + std::to_string(*seed));
  }
  if (args.has("max-success")) {
    const auto cases = parse_count(args.get("max-success"), 1'000'000'000);
    if (!cases || *cases == 0)
      return bad_value(args, context, "max-success", cases ? "expected 1 or more" : cases.error());
    spec.arguments.push_back("--max-success=" + std::to_string(*cases));
  }
  for (const char* flag : {"junit", "out"})
    if (args.has(flag)) spec.arguments.push_back(std::string("--") + flag + "=" + args.get(flag));
  for (const char* flag : {"json", "list", "time"})
    if (args.has(flag)) spec.arguments.push_back(std::string("--") + flag);
  if (args.operands.empty() && !args.has("list")) spec.arguments.emplace_back("--list");
  for (const std::string& name : args.operands)
    if (name != "all") spec.arguments.push_back(name);
  if (spec.path.empty()) {
    context.problem("daxfuzz check: expected its program beside " + context.program_path +
                    ", found none; bazel build //properties:check\n");
    return kEnvironment;
  }
  std::string said;
  const ChildEvents events{.on_stderr = [&context](std::string_view text) { context.problem(text); },
                           .on_finding_bytes =
                               [&context, &said](std::string_view text) {
                                 said += text;
                                 context.result(text);
                               },
                           .on_tick = [] {},
                           .interrupted = context.interrupted};
  const auto status = run_child(spec, events);
  if (!status) {
    context.problem("daxfuzz check: " + status.error().str() + "\n");
    return kEnvironment;
  }
  if (context.interrupted()) return kInterrupted;
  if (!WIFEXITED(*status)) {
    context.problem("daxfuzz check: " + spec.path + " died\n");
    return kEnvironment;
  }
  const int code = WEXITSTATUS(*status);
  if (code == kUsage) context.problem("next: daxfuzz check --list\n");
  if (args.has("json")) return code;
  if (code == kNothingFound || code == kFinding || code == kNondeterminism)
    context.result("# next: " + next_step(args, code, first_saved(said)) + "\n");
  return code;
}

}  // namespace daxfuzz::cli
