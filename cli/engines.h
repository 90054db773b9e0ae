// SPDX-License-Identifier: GPL-2.0-only
// The engines of `daxfuzz fuzz`, each as the command lines that run it: libFuzzer's target, AFL++ over its own
// target, and the campaigns without an engine (fuzz/campaign_main.cc). How a child tells what it finds:
// fuzz/environment.h; AFL++ only fills a folder. Read next: fuzz.cc, which runs them.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "cli/child.h"
#include "cli/context.h"
#include "cli/engine_output.h"
#include "cli/values.h"
#include "trace/program.h"

namespace daxfuzz::cli {

inline constexpr std::uint64_t kDefaultFuzzSeconds = 60;

struct FuzzPlan {
  std::string name, engine, target_dir, out, protocol;
  std::vector<trace::Setting> settings;
  Budget budget{kDefaultFuzzSeconds, 0};
  std::uint64_t seed = 0;
  std::size_t jobs = 1;
  std::string findings;  // folder of recorded findings, "" for none
  bool json = false;

  [[nodiscard]] bool afl() const { return engine == "aflpp"; }
  [[nodiscard]] std::string corpus() const { return out + (afl() ? "/afl/" : "/corpus/") + name; }
  [[nodiscard]] std::string scratch() const { return out + "/scratch/" + name + "-" + std::to_string(getpid()); }
  [[nodiscard]] std::string known() const { return scratch() + "/known.tsv"; }
  // Where AFL++ finds what it begins with.
  [[nodiscard]] std::string begin() const { return scratch() + "/seeds"; }
  // Where a job's engine leaves the input it died of: a folder each, for which death was whose nothing else says.
  [[nodiscard]] std::string artifacts(std::size_t job) const { return scratch() + "/job" + std::to_string(job); }
};

// "libfuzzer|aflpp|...", and whether one of them it is.
inline constexpr const char* kEngines = "libfuzzer, aflpp, random, pct or portfolio";
[[nodiscard]] bool is_engine(const std::string& name);

// An engine that is ready to run: one child a job, and the folder of inputs that it begins with, "" for none.
struct Engine {
  std::vector<ChildSpec> children;
  std::string seeds;
};
// The error says what is not there and how to get it; lines.
[[nodiscard]] std::expected<Engine, std::string> ready_engine(const FuzzPlan& plan, const Context& context);

// The names of what is in the folder.
[[nodiscard]] std::vector<std::string> seed_names(const std::string& seeds);
// In FuzzPlan::begin(). AFL++ takes files alone, no links, wants one at least, and gives up if it crashes with each:
// the empty program goes with the others.
[[nodiscard]] std::expected<void, std::string> lay_out_seeds(Syscalls& sys, const FuzzPlan& plan,
                                                             const std::string& seeds);

// What AFL++'s instances have written down of themselves below `folder`, together.
[[nodiscard]] EngineStats afl_stats(Syscalls& sys, const std::string& folder);

}  // namespace daxfuzz::cli
