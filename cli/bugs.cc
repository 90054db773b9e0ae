// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz bugs: the catalogue of bugs as a table, and each bug's own program run as its check. The
// programs are found beside the binary (bazel build //bugs/...); their headers and traces in its
// runfiles. See bugs/README.md.
#include "bugs/bug.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/child.h"
#include "cli/exit_code.h"
#include "cli/target.h"
#include "cli/verbs.h"

namespace daxfuzz::cli {
namespace {

int fail(Context& context, const std::string& what, int code) {
  context.problem("daxfuzz bugs: " + what + "\n");
  return code;
}

std::expected<std::vector<bugs::Bug>, std::string> all(const std::string& root) {
  std::set<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root + "/bugs", ignored))
    if (entry.path().extension() == ".patch") paths.insert(entry.path().string());
  std::vector<bugs::Bug> list;
  for (const std::string& path : paths) {
    auto bug = bugs::load(path);
    if (!bug) return std::unexpected(bug.error());
    list.push_back(std::move(*bug));
  }
  return list;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + "  ";
}

int list_bugs(Context& context, const std::vector<bugs::Bug>& list) {
  std::size_t name = 4, from = 4, harm = 4;
  for (const bugs::Bug& bug : list) {
    name = std::max(name, bug.name.size());
    from = std::max(from, bug.from.size());
    harm = std::max(harm, bug.harm.size());
  }
  context.result(padded("bug", name) + padded("from", from) + padded("harm", harm) + "signature\n");
  for (const bugs::Bug& bug : list)
    context.result(padded(bug.name, name) + padded(bug.from, from) + padded(bug.harm, harm) +
                   bug.signatures.front() + "\n");
  context.result("next: daxfuzz bugs run " + list.front().name + "\n");
  return kNothingFound;
}

// The lines of a check are the program's own; run_child() has its two streams in one.
int run_bug(Context& context, const std::string& root, const bugs::Bug& bug) {
  const std::string program = find_program(context.program_path, "bugs/" + bug.name);
  if (program.empty())
    return fail(context, bug.name + ": expected its program beside " + context.program_path +
                             ", found none; bazel build //bugs/...", kEnvironment);
  const ChildSpec spec{.path = program,
                       .arguments = {"--patch=" + root + "/bugs/" + bug.name + ".patch",
                                     "--trace=" + root + "/corpus/litmus/bugs/" + bug.name + ".daxt"},
                       .environment = {}};
  const ChildEvents events{.on_stderr = [&context](std::string_view text) { context.result(text); },
                           .on_finding_bytes = [](std::string_view) {},
                           .on_tick = [] {},
                           .interrupted = context.interrupted};
  const auto status = run_child(spec, events);
  if (!status) return fail(context, status.error().str(), kEnvironment);
  if (context.interrupted()) return kInterrupted;
  return *status == 0 ? kNothingFound : kFinding;
}

int run_bugs(Context& context, const std::string& root, const std::vector<bugs::Bug>& list) {
  int code = kNothingFound;
  std::size_t good = 0;
  for (const bugs::Bug& bug : list) {
    const int one = run_bug(context, root, bug);
    if (one == kInterrupted) return one;
    good += one == kNothingFound ? 1 : 0;
    code = worse(code, one);
  }
  context.result(std::to_string(good) + " of " + std::to_string(list.size()) +
                 " bugs found as their patches say\n");
  if (code == kFinding)
    context.result("next: bazel run //bugs:NAME -- --patch=$PWD/bugs/NAME.patch --survey\n");
  return code;
}

}  // namespace

int bugs_(const Args& args, Context& context) {
  const std::string root = find_root(context.program_path, "corpus/litmus/bugs");
  if (root.empty())
    return fail(context, "expected corpus/litmus/bugs beside the program, found none", kEnvironment);
  auto list = all(root);
  if (!list) return fail(context, list.error(), kEnvironment);
  if (list->empty()) return fail(context, "expected patches in " + root + "/bugs, found none", kEnvironment);
  const std::string& what = args.operands.front();
  if (what != "list" && what != "run")
    return fail(context, "expected list or run, found '" + what + "'\nnext: daxfuzz help bugs", kUsage);
  const std::set<std::string> wanted(args.operands.begin() + 1, args.operands.end());
  std::vector<std::string> names;
  for (const bugs::Bug& bug : *list) names.push_back(bug.name);
  for (const std::string& name : wanted) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string near = nearest(name, names);
    return fail(context, "no bug is called '" + name + "'" +
                             (near.empty() ? "" : "; did you mean '" + near + "'?") +
                             "\nnext: daxfuzz bugs list", kUsage);
  }
  if (!wanted.empty()) std::erase_if(*list, [&](const bugs::Bug& b) { return !wanted.contains(b.name); });
  return what == "list" ? list_bugs(context, *list) : run_bugs(context, root, *list);
}

}  // namespace daxfuzz::cli
