// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz check: the properties, by their own program, which is found beside the binary (bazel build
// //properties:check) and has the model with all fixes in. See docs/cli.md, properties/README.md.
#include <sys/wait.h>

#include "cli/child.h"
#include "cli/exit_code.h"
#include "cli/target.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace daxfuzz::cli {

int check(const Args& args, Context& context) {
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
  const ChildEvents events{.on_stderr = [&context](std::string_view text) { context.problem(text); },
                           .on_finding_bytes = [&context](std::string_view text) { context.result(text); },
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
  const bool tried = !args.operands.empty() && !args.has("list");
  if (code == kUsage) context.problem("next: daxfuzz check --list\n");
  if (args.has("json")) return code;
  if (code == kFinding)
    context.result(args.has("out") ? "# next: daxfuzz_fixed show " + args.get("out") + "/NAME.daxt\n"
                                   : "# next: the same with --out=DIR, which saves the counterexample\n");
  if (code == kNothingFound && !tried) context.result("# next: daxfuzz check all\n");
  return code;
}

}  // namespace daxfuzz::cli
