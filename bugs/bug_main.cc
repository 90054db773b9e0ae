// SPDX-License-Identifier: GPL-2.0-only
// The model with one bug in it: shows that the bug's trace fails as its patch says, and hunts for
// it by each engine. One such program a bug (bugs.bzl), all of this source.
//
//   NAME --patch=FILE --trace=FILE               the check: trace, hunts, minimised
//   NAME --patch=FILE --trace=FILE --without=data    the trace alone, a checker off: must pass
//   NAME --patch=FILE --record=FILE              find, minimise and write the trace
//   NAME --patch=FILE --rerecord=FILE            the trace that is there, after a change of the port
//   NAME --patch=FILE --rows --seeds=20 --executions=1000000 [--engine=NAME]
//                                                a row a hunt: for bench. --twin: this is the
//                                                clean model, with a bug of the protocol that is meant;
//                                                --clean=PROGRAM: when it diverges from that
//   NAME --patch=FILE --digests --engine=NAME    of each run, as bytes: what --clean reads
//   NAME --patch=FILE --survey [--engine=NAME]   every signature that programs end with
//
// Exit code 0 as expected, 1 not, 2 usage, 5 bad input. Read next: check.h.
#include <cstdio>
#include <expected>
#include <fstream>
#include <map>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bugs/check.h"
#include "bugs/rows.h"
#include "trace/number.h"

namespace {

using namespace daxfuzz;

struct Settings {
  std::string patch, trace, record, rerecord, without, clean;
  bool rows = false, survey = false, twin = false, digests = false;
  std::optional<bugs::Engine> engine;
  std::uint64_t seed = 1, seeds = 1, executions = bugs::kCheckExecutions;
};

bool argument(std::string_view text, Settings& settings) {
  if (text == "--rows") return settings.rows = true;
  if (text == "--digests") return settings.digests = true;
  if (text == "--twin") return settings.twin = true;
  if (text == "--survey") return settings.survey = true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--patch") settings.patch = value;
  else if (key == "--trace") settings.trace = value;
  else if (key == "--clean") settings.clean = value;
  else if (key == "--record") settings.record = value;
  else if (key == "--rerecord") settings.rerecord = value;
  else if (key == "--without") settings.without = value;
  else if (key == "--engine")
    return (settings.engine = bugs::engine_named(value)).has_value() && !bugs::guided(*settings.engine) &&
           !bugs::threaded(*settings.engine);
  else if (key == "--seed") return trace::parse_number(value, settings.seed);
  else if (key == "--seeds") return trace::parse_number(value, settings.seeds);
  else if (key == "--executions") return trace::parse_number(value, settings.executions);
  else return false;
  return true;
}

void rows(const bugs::Bug& bug, const Settings& settings) {
  std::vector<bugs::Engine> engines(std::begin(bugs::kEngines), std::end(bugs::kEngines));
  if (settings.engine.has_value()) engines = {*settings.engine};
  for (const bugs::Engine engine : engines) {
    for (std::uint64_t i = 0; i < settings.seeds; i++) {
      const bugs::Hunt hunt{.engine = engine,
                            .protocol = bug.protocols.front(),
                            .settings = bug.settings(),
                            .seed = settings.seed + i,
                            .executions = settings.executions};
      std::printf("%s", bugs::text(bugs::row_of(bug, hunt, settings.clean, settings.patch)).c_str());
      std::fflush(stdout);
    }
  }
}

// For the header's Signature lines: the bug's own are those that the clean model has not.
void survey(const bugs::Bug& bug, const Settings& settings) {
  std::map<std::string, std::uint64_t> seen;
  (void)bugs::hunt({.engine = settings.engine.value_or(bugs::Engine::random),
                    .protocol = bug.protocols.front(),
                    .settings = bug.settings(),
                    .seed = settings.seed,
                    .executions = settings.executions},
                   [&seen](std::string_view signature) {
                     seen[std::string(signature)]++;
                     return false;
                   });
  for (const auto& [signature, count] : seen)
    std::printf("%8llu  %s%s\n", static_cast<unsigned long long>(count), signature.c_str(),
                bug.shows(signature) ? "  (in the header)" : "");
}

int write(const bugs::Bug& bug, const std::string& path,
          const std::expected<std::string, std::string>& text) {
  if (!text) {
    std::printf("%s: %s\n", bug.name.c_str(), text.error().c_str());
    return 1;
  }
  std::ofstream out(path);
  out << *text;
  out.close();
  if (!out) return std::fprintf(stderr, "%s: cannot be written\n", path.c_str()), 5;
  return 0;
}

int record(const bugs::Bug& bug, const Settings& settings) {
  return write(bug, settings.record,
               bugs::recorded(bug, {.engine = settings.engine.value_or(bugs::Engine::random),
                                    .protocol = bug.protocols.front(),
                                    .settings = bug.settings(),
                                    .seed = settings.seed,
                                    .executions = settings.executions}));
}

int rerecord(const bugs::Bug& bug, const Settings& settings) {
  const auto trace = bugs::read_trace(settings.rerecord);
  if (!trace) return std::fprintf(stderr, "%s\n", trace.error().c_str()), 5;
  return write(bug, settings.rerecord, bugs::rerecorded(bug, *trace));
}

int run(const Settings& settings) {
  auto bug = bugs::load(settings.patch);
  if (!bug) return std::fprintf(stderr, "%s\n", bug.error().c_str()), 5;
  if (settings.twin) bug->name = bugs::twin_of(*bug);
  if (!settings.record.empty()) return record(*bug, settings);
  if (!settings.rerecord.empty()) return rerecord(*bug, settings);
  if (settings.digests)
    return bugs::write_digests({.engine = settings.engine.value_or(bugs::Engine::random),
                                .protocol = bug->protocols.front(),
                                .settings = bug->settings(),
                                .seed = settings.seed,
                                .executions = settings.executions}), 0;
  if (settings.rows) return rows(*bug, settings), 0;
  if (settings.survey) return survey(*bug, settings), 0;
  std::string told;
  const bool good = settings.without.empty() ? bugs::check(*bug, settings.trace, told)
                                             : bugs::escapes(*bug, settings.trace, settings.without, told);
  std::printf("%s", told.c_str());
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bool good = true;
  for (int i = 1; i < argc; i++) good = argument(argv[i], settings) && good;
  good = good && !settings.patch.empty();
  good = good && (!settings.trace.empty() || !settings.record.empty() || !settings.rerecord.empty() ||
                  settings.rows || settings.survey || settings.digests);
  if (good) return run(settings);
  std::fprintf(stderr,
               "expected --patch=FILE and one of --trace=FILE [--without=CHECKER], --record=FILE,\n"
               "--rerecord=FILE, --rows [--twin|--clean=PROGRAM], --survey, --digests;\n"
               "--engine=random|pct|rapidcheck --seed=N --seeds=N --executions=N\n");
  return 2;
}
