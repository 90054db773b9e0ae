// SPDX-License-Identifier: GPL-2.0-only
// The model with bugs in it, as a maker of crashes for bench/minimize: what a hunt of the engine `random`
// (bugs/hunt.h) finds first, from each of so many seeds, is written as an engine would write it, crash-HASH.
//
//   --patch=FILE --make=DIR [--hunts=25 --seed=1]   a line for each crash, as --look
//   --look [--protocol=NAME] FILE...    path, ops, switches, protocol, signature of each, as it ends in this model
//   --time FILE...    path, ops and switches before and after, executions and microseconds of exec::minimize()
//
// Files that end in .daxt are text, others are bytes, which run as in a fuzz target: without settings, and under the
// protocol that is given (fuzz/environment.h). Lines are tab-separated. Exit code 0, 2 usage, 5 bad input.
// Read next: folder.py, which asks for all this.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bugs/bug.h"
#include "bugs/hunt.h"
#include "exec/minimize.h"
#include "sched/label.h"
#include "trace/bytes.h"
#include "trace/number.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;
using trace::Program;

struct Settings {
  std::string patch, make;
  std::uint64_t hunts = 25, seed = 1;
  bool look = false, time = false;
  std::optional<trace::ProtocolId> protocol;
  std::vector<std::string> files;
};

bool argument(std::string_view text, Settings& settings) {
  if (text == "--look") return settings.look = true;
  if (text == "--time") return settings.time = true;
  if (!text.starts_with("--")) return settings.files.emplace_back(text), true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--patch") settings.patch = value;
  else if (key == "--make") settings.make = value;
  else if (key == "--protocol") return (settings.protocol = trace::protocol_named(value)).has_value();
  else if (key == "--hunts") return trace::parse_number(value, settings.hunts);
  else if (key == "--seed") return trace::parse_number(value, settings.seed);
  else return false;
  return true;
}

std::optional<Program> read(const std::string& path, std::optional<trace::ProtocolId> protocol) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  if (!in.good() && !in.eof()) return std::fprintf(stderr, "%s: cannot be read\n", path.c_str()), std::nullopt;
  if (!path.ends_with(".daxt")) {
    Program program = trace::decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    program.protocol = protocol.value_or(program.protocol);
    program.settings.clear();
    return program;
  }
  const auto parsed = trace::parse(bytes, path);
  if (!parsed) return std::fprintf(stderr, "%s\n", parsed.error().str().c_str()), std::nullopt;
  return parsed->trace.program;
}

std::string write(const std::string& folder, const Program& program) {
  const auto bytes = trace::encode(program);
  const std::string text(bytes.begin(), bytes.end());
  char name[32];
  std::snprintf(name, sizeof name, "/crash-%016llx", static_cast<unsigned long long>(sched::fnv1a(text)));
  std::ofstream out(folder + name, std::ios::binary);
  out << text;
  out.close();
  return out ? folder + name : "";
}

std::size_t switches(const exec::Execution& execution) {
  return execution.segments.empty() ? 0 : execution.segments.size() - 1;
}

void tell(const std::string& path, const Program& program, const exec::Execution& execution) {
  std::printf("%s\t%zu\t%zu\t%s\t%s\n", path.c_str(), program.ops.size(), switches(execution),
              std::string(trace::name(program.protocol)).c_str(), execution.signature().c_str());
}

// As it was drawn: an engine writes down what it gave to its target, not how that ran.
std::optional<Program> first_found(const bugs::Bug& bug, std::uint64_t seed) {
  bugs::Programs programs({.protocol = bug.protocols.front(), .seed = seed});
  for (std::uint64_t drawn = 0; drawn < bugs::kCheckExecutions; ++drawn) {
    Program program = programs.next().program;
    if (bug.shows(exec::execute(program, {.keep_schedule = false}).signature())) return program;
  }
  return std::nullopt;
}

int make(const Settings& settings) {
  const auto bug = bugs::load(settings.patch);
  if (!bug) return std::fprintf(stderr, "%s\n", bug.error().c_str()), 5;
  for (std::uint64_t i = 0; i < settings.hunts; ++i) {
    const auto program = first_found(*bug, settings.seed + i);
    if (!program) continue;
    const std::string path = write(settings.make, *program);
    if (path.empty()) return std::fprintf(stderr, "%s: cannot be written\n", settings.make.c_str()), 5;
    tell(path, *program, exec::execute(*program));
  }
  return 0;
}

void time(const std::string& path, const Program& program) {
  using std::chrono::steady_clock;
  const exec::Execution before = exec::execute(program);
  const auto start = steady_clock::now();
  const exec::Minimized small =
      exec::minimize(program, [](const Program& p, const exec::Options& o) { return exec::execute(p, o); });
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - start);
  std::printf("%s\t%zu\t%zu\t%zu\t%zu\t%llu\t%lld\n", path.c_str(), program.ops.size(), switches(before),
              small.program.ops.size(), switches(small.execution),
              static_cast<unsigned long long>(small.executions), static_cast<long long>(passed.count()));
}

int each(const Settings& settings) {
  for (const std::string& path : settings.files) {
    const auto program = read(path, settings.protocol);
    if (!program) return 5;
    if (settings.look) tell(path, *program, exec::execute(*program));
    if (settings.time) time(path, *program);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bool good = true;
  for (int i = 1; i < argc; i++) good = argument(argv[i], settings) && good;
  const bool makes = !settings.make.empty() && !settings.patch.empty();
  if (good && makes && !settings.look && !settings.time && settings.files.empty()) return make(settings);
  if (good && settings.make.empty() && settings.look != settings.time) return each(settings);
  std::fprintf(stderr, "expected --patch=FILE --make=DIR [--hunts=N --seed=N], --look [--protocol=NAME] FILE...\n"
                       "or --time FILE...\n");
  return 2;
}
