// SPDX-License-Identifier: GPL-2.0-only
// The model with one bug in it, hunted by libFuzzer. One such program a bug (bugs.bzl), all of this
// source; its main() is libFuzzer's, which calls LLVMFuzzerInitialize() first.
//
//   NAME_libfuzzer --patch=FILE                  the check: found, or missed as the header says
//   NAME_libfuzzer --patch=FILE --rows --seeds=20 --executions=1000000 [--engine=NAME]
//                                                a row a hunt: for bench; --twin as in bug_main.cc
//
// Exit code 0 as expected, 1 not, 2 usage, 5 bad input. Read next: libfuzzer_hunt.h.
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "bugs/libfuzzer_hunt.h"
#include "trace/number.h"

namespace {

using namespace daxfuzz;

struct Settings {
  std::string patch;
  bool rows = false, twin = false;
  std::optional<bugs::Engine> engine;
  std::uint64_t seed = bugs::kCheckSeed, seeds = 1, executions = bugs::kCheckExecutions;
};

bool argument(std::string_view text, Settings& settings) {
  if (text == "--rows") return settings.rows = true;
  if (text == "--twin") return settings.twin = true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--patch") settings.patch = value;
  else if (key == "--engine")
    return (settings.engine = bugs::engine_named(value)).has_value() && bugs::guided(*settings.engine) &&
           *settings.engine != bugs::Engine::aflpp;
  else if (key == "--seed") return trace::parse_number(value, settings.seed) && settings.seed > 0;
  else if (key == "--seeds") return trace::parse_number(value, settings.seeds) && settings.seeds > 0;
  else if (key == "--executions") return trace::parse_number(value, settings.executions) && settings.executions > 0;
  else return false;
  return true;
}

[[noreturn]] void leave(int code) {
  std::fflush(stdout);
  std::_Exit(code);
}

// Null in a child, which has its arguments and goes on to libFuzzer.
std::optional<bugs::Row> row_of(const bugs::Bug& bug, const bugs::GuidedHunt& hunt,
                                std::vector<std::string>& arguments) {
  auto row = bugs::guided_hunt(bug, hunt, arguments);
  if (!row) return std::nullopt;
  if (*row) return **row;
  std::fprintf(stderr, "%s\n", row->error().c_str());
  leave(1);
}

// Both come back in a child only.
void rows(const bugs::Bug& bug, const Settings& settings, std::vector<std::string>& arguments) {
  std::vector<bugs::Engine> engines(std::begin(bugs::kGuidedEngines), std::end(bugs::kGuidedEngines));
  if (settings.engine) engines = {*settings.engine};
  for (const bugs::Engine engine : engines) {
    for (std::uint64_t i = 0; i < settings.seeds; i++) {
      const auto row = row_of(bug, {engine, settings.seed + i, settings.executions}, arguments);
      if (!row) return;
      std::printf("%s", bugs::text(*row).c_str());
      std::fflush(stdout);
    }
  }
  leave(0);
}

void check(const bugs::Bug& bug, std::vector<std::string>& arguments) {
  const bool misses = bug.misses(bugs::name(bugs::Engine::libfuzzer));
  const std::uint64_t budget = misses ? bugs::kMissedExecutions : bugs::kCheckExecutions;
  const auto row = row_of(bug, {bugs::Engine::libfuzzer, bugs::kCheckSeed, budget}, arguments);
  if (!row) return;
  const bool good = row->found() != misses && (!row->found() || bug.shows(row->signature));
  std::printf("%s: libfuzzer: %s%s\n", bug.name.c_str(),
              (row->found() ? "found after " + std::to_string(row->executions) + " executions, " + row->signature
                            : "missed in " + std::to_string(row->executions) + " executions").c_str(),
              good ? "" : "  NOT AS EXPECTED");
  leave(good ? 0 : 1);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  Settings settings;
  bool good = true;
  for (int i = 1; i < *argc; i++) good = argument((*argv)[i], settings) && good;
  good = good && !settings.patch.empty();
  good = good && settings.seed + settings.seeds <= bugs::kGuidedSeedMax;
  if (!good) {
    std::fprintf(stderr,
                 "expected --patch=FILE [--rows --engine=libfuzzer|libfuzzer-unsteered|libfuzzer-...\n"
                 "--seed=N --seeds=N --executions=N], N from 1\n");
    leave(2);
  }
  static auto bug = bugs::load(settings.patch);
  if (!bug) {
    std::fprintf(stderr, "%s\n", bug.error().c_str());
    leave(5);
  }
  if (settings.twin) bug->name = bugs::twin_of(*bug);
  static std::vector<std::string> arguments;
  if (settings.rows) rows(*bug, settings, arguments);
  else check(*bug, arguments);
  static std::vector<char*> pointers = {(*argv)[0]};  // libFuzzer insists on it
  for (std::string& one : arguments) pointers.push_back(one.data());
  *argc = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  *argv = pointers.data();
  return 0;
}
