// SPDX-License-Identifier: GPL-2.0-only
// daxfuzz export: a trace as a C program for a machine with DAX, or as a test of fstests. See
// conformance/export.h.
#include "conformance/export.h"

#include <filesystem>

#include "cli/exit_code.h"
#include "cli/store.h"
#include "cli/traces.h"
#include "cli/verbs.h"

namespace daxfuzz::cli {
namespace {

int fail(Context& context, const LoadError& error) {
  context.problem("daxfuzz export: " + error.what + "\n");
  return error.exit_code;
}

int store(Context& context, const std::string& path, const std::string& text) {
  if (auto made = make_folders(*context.sys, folder_of(path)); !made)
    return fail(context, {kEnvironment, made.error().str()});
  if (auto stored = store_file(*context.sys, path, text); !stored)
    return fail(context, {kEnvironment, stored.error().str()});
  context.note("wrote " + path + "\n");
  return kNothingFound;
}

// What is for a file goes to stdout as it is: with tabs, and without a line of ours.
int export_program(const Args& args, Context& context, const conformance::Export& exported) {
  const std::string path = args.get("out");
  if (path.empty()) {
    context.out(conformance::program_of(exported));
    return kNothingFound;
  }
  const int code = store(context, path, conformance::program_of(exported));
  if (code == kNothingFound)
    context.result("next: cc -O2 -pthread -o " + exported.name + " " + path + " && ./" +
                   exported.name + " /mnt/dax\n");
  return code;
}

int export_test(const Args& args, Context& context, const conformance::Export& exported) {
  if (!args.has("out")) {
    context.out(conformance::test_of(exported, true));
    return kNothingFound;
  }
  const std::string name = conformance::test_name(exported),
                    source = conformance::source_name(exported),
                    test = args.get("out") + "/tests/xfs/" + name;
  if (const int code = store(context, test, conformance::test_of(exported, false));
      code != kNothingFound)
    return code;
  std::error_code refused;
  std::filesystem::permissions(test, std::filesystem::perms{0755}, refused);
  if (refused) return fail(context, {kEnvironment, test + ": chmod: " + refused.message()});
  if (const int code = store(context, test + ".out", conformance::golden_of(exported));
      code != kNothingFound)
    return code;
  if (const int code = store(context, args.get("out") + "/src/" + source + ".c",
                             conformance::program_of(exported));
      code != kNothingFound)
    return code;
  context.result("next: add " + source + " to LINUX_TARGETS in src/Makefile, make, ./check xfs/" +
                 name + "\n");
  return kNothingFound;
}

}  // namespace

int export_(const Args& args, Context& context) {
  if (args.has("c") == args.has("xfstests")) {
    context.problem("daxfuzz export: expected one of --c and --xfstests, found " +
                    std::string(args.has("c") ? "both" : "neither") +
                    "\nnext: daxfuzz help export\n");
    return kUsage;
  }
  const std::string& path = args.operands[0];
  const auto loaded = load_trace(*context.sys, path, trace::Parse::strict);
  if (!loaded) return fail(context, loaded.error());
  const exec::Execution execution = context.execute(loaded->trace.program, {});
  if (execution.diverged)
    return fail(context, {kBadTrace, path + ": expected a schedule that can be followed, found " +
                                         execution.divergence +
                                         "; see daxfuzz replay --lenient " + path});
  const auto exported = conformance::export_of(
      loaded->trace, execution, std::filesystem::path(path).stem().string(), version_line());
  if (!exported)
    return fail(context, {kUsage, path + ": expected ops that a program can make, found " +
                                      exported.error() + "; daxfuzz show " + path +
                                      " follows it in the model"});
  return args.has("c") ? export_program(args, context, *exported)
                       : export_test(args, context, *exported);
}

}  // namespace daxfuzz::cli
