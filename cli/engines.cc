// SPDX-License-Identifier: GPL-2.0-only
// Command lines of engines, and the books that AFL++ keeps. See engines.h.
#include "cli/engines.h"

#include <algorithm>
#include <cstdlib>

#include "cli/target.h"
#include "trace/number.h"

namespace daxfuzz::cli {
namespace {

constexpr std::uint64_t kGraceSeconds = 60;  // for an engine that overstays its budget
constexpr std::size_t kBytesMax = 1024 * 1024;

bool is_target_name(const std::string& name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

// libFuzzer takes 31 bits, and 0 for "choose one".
std::uint64_t engine_seed(std::uint64_t seed) { return ((seed ^ seed >> 32) & 0x7fffffff) | (seed == 0); }

// Each of so many jobs has its share of executions.
std::uint64_t share(const FuzzPlan& plan) { return std::max<std::uint64_t>(plan.budget.executions / plan.jobs, 1); }

std::string settings_of(const FuzzPlan& plan) {
  std::string out;
  for (const trace::Setting& s : plan.settings)
    out += (out.empty() ? "" : ",") + std::string(trace::info(s.id).name) + "=" +
           std::string(trace::value_name(s.id, s.value));
  return out;
}

ChildSpec child_of(const FuzzPlan& plan, std::string path, bool tells) {
  ChildSpec out{.path = std::move(path),
                .arguments = {},
                .environment = {"DAXFUZZ_PROTOCOL=" + plan.protocol, "DAXFUZZ_KNOWN=" + plan.known()}};
  if (tells) out.environment.push_back("DAXFUZZ_FINDINGS_FD=" + std::to_string(kFindingsFd));
  if (const std::string set = settings_of(plan); !set.empty()) out.environment.push_back("DAXFUZZ_SET=" + set);
  if (plan.budget.seconds != 0) out.seconds_max = plan.budget.seconds + kGraceSeconds;
  return out;
}

std::string missing(const FuzzPlan& plan, const std::vector<std::string>& tried, const std::string& next) {
  std::string what = "no fuzz target '" + plan.name + "'\n";
  for (const std::string& path : tried) what += "  not at " + path + "\n";
  return what + "next: " + next + "\n";
}

std::string on_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path != nullptr ? path : "", ':'))
    if (const std::string full = folder + "/" + name; !folder.empty() && access(full.c_str(), X_OK) == 0) return full;
  return "";
}

bool is_text(const std::string& target) { return target == "trace_text" || target == "xarray"; }

std::expected<std::vector<ChildSpec>, std::string> libfuzzer(const FuzzPlan& plan, const Context& context) {
  std::vector<std::string> tried;
  std::string target;
  if (is_target_name(plan.name))
    target = find_target(context.program_path, plan.target_dir, plan.name + "_fuzz_test_libfuzzer", tried);
  if (target.empty())
    return std::unexpected(missing(plan, tried, "bazel build //fuzz:" + plan.name + "_fuzz_test_libfuzzer"));
  std::vector<ChildSpec> out;
  for (std::size_t job = 0; job < plan.jobs; ++job) {
    ChildSpec child = child_of(plan, target, true);
    // Programs are useful from a few ops on, so lengths need no growing; the most is 64 ops with a schedule. Text
    // is longer. As in the targets' .options.
    child.arguments = {"-len_control=0", is_text(plan.name) ? "-max_len=16384" : "-max_len=1024", "-print_funcs=0",
                       "-seed=" + std::to_string(engine_seed(plan.seed + job)), "-print_final_stats=1",
                       "-timeout=60", "-artifact_prefix=" + plan.artifacts(job) + "/"};
    if (plan.jobs > 1) child.arguments.push_back("-reload=1");  // what the others have put into the corpus
    child.arguments.push_back(plan.budget.seconds != 0 ? "-max_total_time=" + std::to_string(plan.budget.seconds)
                                                       : "-runs=" + std::to_string(share(plan)));
    child.arguments.push_back(plan.corpus());
    out.push_back(std::move(child));
  }
  return out;
}

// Programs drawn by the campaign's own hand: only the target that runs programs is meant.
std::expected<std::vector<ChildSpec>, std::string> drawn(const FuzzPlan& plan, const Context& context) {
  if (plan.name != "interleaving")
    return std::unexpected("--engine=" + plan.engine + " draws programs for the target interleaving, not for '" +
                           plan.name + "'\nnext: daxfuzz fuzz interleaving --engine=" + plan.engine + "\n");
  std::vector<std::string> tried;
  const std::string path = find_target(context.program_path, plan.target_dir, "campaign", tried);
  if (path.empty()) return std::unexpected(missing(plan, tried, "bazel build //fuzz:campaign"));
  std::vector<ChildSpec> out;
  for (std::size_t job = 0; job < plan.jobs; ++job) {
    ChildSpec child = child_of(plan, path, true);
    // As large as those of a hunt (bugs/hunt.cc).
    constexpr int kThreads[] = {3, 2, 4, 1};
    child.arguments = {"--threads=" + std::to_string(kThreads[job % std::size(kThreads)]), "--ops=24",
                       "--seed=" + std::to_string(plan.seed + job), "--schedules=" + plan.engine,
                       "--protocol=" + plan.protocol};
    if (plan.budget.seconds != 0) {
      child.arguments.push_back("--seconds=" + std::to_string(plan.budget.seconds));
      child.arguments.push_back("--executions=" + std::to_string(UINT64_MAX));
    } else {
      child.arguments.push_back("--executions=" + std::to_string(share(plan)));
    }
    out.push_back(std::move(child));
  }
  return out;
}

// Of a target whose input is a program; of the others the bytes themselves are the subject.
bool takes_programs(const std::string& name) { return name != "bytes" && !is_text(name); }

// AFL_CUSTOM_MUTATOR_LIBRARY=..., or "": the user has named one, none is wanted, or there is none, which is told.
std::string mutator_of(const FuzzPlan& plan, const Context& context) {
  const char* own = std::getenv("AFL_CUSTOM_MUTATOR_LIBRARY");
  if ((own != nullptr && *own != '\0') || !takes_programs(plan.name)) return "";
  std::vector<std::string> tried;
  const std::string path = find_target(context.program_path, plan.target_dir, "aflpp_mutator.so", tried);
  if (!path.empty()) return "AFL_CUSTOM_MUTATOR_LIBRARY=" + path;
  context.note("AFL++ mutates bytes alone, for there is no " + tried.front() +
               "; it finds more with it: bazel build //fuzz:aflpp_mutator.so\n");
  return "";
}

// What one instance of AFL++ has written down of itself.
EngineStats stats_of(Syscalls& sys, const std::string& folder) {
  EngineStats out;
  const auto text = read_file(sys, folder + "/fuzzer_stats", kBytesMax);
  for (const std::string& line : split(text.value_or(""), '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(0, line.find_last_not_of(' ', colon - 1) + 1);
    const std::size_t begin = line.find_first_not_of(' ', colon + 1);
    if (begin == std::string::npos) continue;
    const std::size_t end = line.find_first_not_of("0123456789", begin);
    std::uint64_t value = 0;
    if (!trace::parse_number(std::string_view(line).substr(begin, end - begin), value)) continue;
    if (key == "execs_done") out.execs = value;
    if (key == "execs_per_sec") out.execs_per_second = value;
    if (key == "edges_found") out.edges = value;
    if (key == "corpus_count") out.corpus = value;
  }
  return out;
}

std::expected<std::vector<ChildSpec>, std::string> aflpp(const FuzzPlan& plan, const Context& context) {
  std::vector<std::string> tried;
  std::string target;
  if (is_target_name(plan.name))
    target = find_target(context.program_path, plan.target_dir, plan.name + "_fuzz_test_aflpp", tried);
  if (target.empty())
    return std::unexpected(missing(plan, tried, "bazel build //fuzz:" + plan.name + "_fuzz_test_aflpp"));
  const std::string afl = on_path("afl-fuzz");
  if (afl.empty())
    return std::unexpected("--engine=aflpp needs afl-fuzz, which is not on PATH\nnext: apt install afl++\n");
  const std::string mutator = mutator_of(plan, context);
  std::vector<ChildSpec> out;
  for (std::size_t job = 0; job < plan.jobs; ++job) {
    ChildSpec child = child_of(plan, afl, false);
    if (!mutator.empty()) child.environment.push_back(mutator);
    // It resumes by itself; nobody looks at its screen, and crashes are taken from its folder.
    for (const char* wish : {"AFL_AUTORESUME=1", "AFL_NO_UI=1", "AFL_NO_COLOR=1", "AFL_SKIP_CPUFREQ=1",
                             "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1", "AFL_NO_AFFINITY=1"})
      child.environment.emplace_back(wish);
    const std::string seeds = plan.scratch() + "/seeds";
    child.arguments = {"-i", seeds, "-o", plan.corpus(), job == 0 ? "-M" : "-S", "job" + std::to_string(job),
                       "-s", std::to_string(engine_seed(plan.seed + job))};
    // It counts the executions of earlier campaigns on which it goes on, too, but not their seconds.
    const std::uint64_t before = stats_of(*context.sys, plan.corpus() + "/job" + std::to_string(job)).execs;
    child.arguments.push_back(plan.budget.seconds != 0 ? "-V" : "-E");
    child.arguments.push_back(std::to_string(plan.budget.seconds != 0 ? plan.budget.seconds : before + share(plan)));
    child.arguments.insert(child.arguments.end(), {"--", target});
    out.push_back(std::move(child));
  }
  return out;
}

}  // namespace

bool is_engine(const std::string& name) {
  for (const char* one : {"libfuzzer", "aflpp", "random", "pct", "portfolio"})
    if (name == one) return true;
  return false;
}

std::expected<std::vector<ChildSpec>, std::string> engine_children(const FuzzPlan& plan, const Context& context) {
  if (plan.engine == "libfuzzer") return libfuzzer(plan, context);
  return plan.afl() ? aflpp(plan, context) : drawn(plan, context);
}

EngineStats afl_stats(Syscalls& sys, const std::string& folder) {
  EngineStats out;
  const auto names = list_folder(folder, "");
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const EngineStats one = stats_of(sys, folder + "/" + name);
    out.execs += one.execs;
    out.execs_per_second += one.execs_per_second;
    out.edges = std::max(out.edges, one.edges);
    out.corpus = std::max(out.corpus, one.corpus);
  }
  return out;
}

}  // namespace daxfuzz::cli
