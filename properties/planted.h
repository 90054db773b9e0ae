// SPDX-License-Identifier: GPL-2.0-only
// What the two programs of a planted defect have in common: the model with it on fibers
// (planted_main.cc) and on real threads (planted_threads_main.cc), which say how often the
// defect is caught of how many runs of one trace. See threads.bzl.
#pragma once

#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "exec/execution.h"
#include "properties/races.h"
#include "trace/text.h"

namespace daxfuzz::properties {

// usage: NAME FILE.daxt FILE.patch
struct Planted {
  std::vector<std::string> races;  // the functions of the patch's "Races:"; none: a wake-up is lost
  std::string path;
  trace::Program program;
  [[nodiscard]] bool race() const { return !races.empty(); }
};

inline std::optional<std::string> text_of_file(const std::string& path) {
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.good() || !text.empty()) return text;
  return std::fprintf(stderr, "cannot read %s\n", path.c_str()), std::nullopt;
}

inline std::optional<Planted> planted(int argc, char** argv) {
  if (argc != 3) return std::nullopt;
  const auto trace = text_of_file(argv[1]), patch = text_of_file(argv[2]);
  if (!trace.has_value() || !patch.has_value()) return std::nullopt;
  const auto parsed = trace::parse(*trace, argv[1]);
  if (!parsed.has_value()) return std::fprintf(stderr, "%s\n", parsed.error().str().c_str()), std::nullopt;
  return Planted{.races = races_of_patch(*patch), .path = argv[1], .program = parsed->trace.program};
}

// Whether a run showed the defect: by a race of the functions that it names, or by a wait that nobody ends. A race of
// others is printed, and counted in `others`.
inline bool shown(const Planted& planted, const exec::Execution& run, int* others) {
  const Reported reported = judged(sched::take_tsan_races(), run.tsan_reports, planted.races);
  if (!reported.wrong.empty()) {
    ++*others;
    std::printf("%s: another race\n%s", planted.path.c_str(), reported.wrong.c_str());
  }
  return planted.race() ? reported.planted : run.verdict == exec::Verdict::lost_wakeup;
}

}  // namespace daxfuzz::properties
