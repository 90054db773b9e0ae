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

#include "trace/text.h"

namespace daxfuzz::properties {

// usage: NAME race|lost-wakeup FILE.daxt
struct Planted {
  bool race = false;  // or a wake-up is lost
  std::string path;
  trace::Program program;
};

inline std::optional<Planted> planted(int argc, char** argv) {
  const std::string kind = argc == 3 ? argv[1] : "";
  if (kind != "race" && kind != "lost-wakeup") return std::nullopt;
  Planted planted{.race = kind == "race", .path = argv[2], .program = {}};
  std::ifstream in(planted.path);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto parsed = trace::parse(text, planted.path);
  if (!parsed.has_value()) return std::fprintf(stderr, "%s\n", parsed.error().str().c_str()), std::nullopt;
  planted.program = parsed->trace.program;
  return planted;
}

}  // namespace daxfuzz::properties
