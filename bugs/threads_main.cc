// SPDX-License-Identifier: GPL-2.0-only
// The model with one bug in it, hunted by a stress loop on real threads: the baseline of bench/time. The
// programs are those that `random` draws from the same seed, set-up first (testdata/threads_set_up.patch); how they
// are interleaved the machine says, so a hunt is NOT REPEATABLE.
//
//   NAME_threads --patch=FILE --rows --engine=threads|threads-yields --seed=N --seeds=N --executions=N
//   NAME_threads_tsan ... --engine=threads-tsan     a row a hunt (row.h); --twin as in bug_main.cc
//   NAME --patch=FILE --survey --engine=NAME --seed=N --executions=N    every signature that runs end with
//
// Exit code 0, 2 usage, 3 environment, 5 bad input. Read next: threads_row.h, exec/threads.h.
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "bugs/bug.h"
#include "bugs/hunt.h"
#include "bugs/threads_row.h"
#include "exec/threads.h"
#include "properties/known_races.h"
#include "sched/tsan_reports.h"
#include "trace/number.h"

namespace {

using namespace daxfuzz;

// Of a thread that makes no step (sched/os_threads.h), and of a run, in seconds: long, for a machine that is busy
// must not make the clean model hang.
constexpr std::uint32_t kPatienceMs = 60000, kPatienceOfRun = 300;

struct Settings {
  std::string patch;
  bool rows = false, survey = false, twin = false;
  bugs::Engine engine = bugs::Engine::threads;
  std::uint64_t seed = 1, seeds = 1, executions = bugs::kCheckExecutions;
};

// A row must not say of another build what it is.
bool of_this_build(bugs::Engine engine) {
  return bugs::threaded(engine) && (engine == bugs::Engine::threads_tsan) == sched::tsan_linked();
}

bool argument(std::string_view text, Settings& settings) {
  if (text == "--rows") return settings.rows = true;
  if (text == "--twin") return settings.twin = true;
  if (text == "--survey") return settings.survey = true;
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view key = text.substr(0, at), value = text.substr(at + 1);
  if (key == "--patch") return settings.patch = value, true;
  if (key == "--seed") return trace::parse_number(value, settings.seed);
  if (key == "--seeds") return trace::parse_number(value, settings.seeds);
  if (key == "--executions") return trace::parse_number(value, settings.executions) && settings.executions > 0;
  if (key != "--engine") return false;
  const auto engine = bugs::engine_named(value);
  return engine && (settings.engine = *engine, true);
}

// Of the races that TSan has just reported the first that the kernel has not; "" if there is none.
std::string race_found() {
  for (const sched::TsanRace& race : sched::take_tsan_races()) {
    if (properties::expected(race)) continue;
    std::fprintf(stderr, "%s", properties::describe(race).c_str());
    return "data-race in " + properties::function_of(race.sides[race.sides[0].write ? 1 : 0]);
  }
  return "";
}

bugs::Stressed stressed(const bugs::Bug& bug, bugs::Engine engine, const trace::Program& program) {
  const exec::Execution run = exec::execute_on_threads(program, {.seed = program.schedule.seed,
                                                                 .yields = engine != bugs::Engine::threads,
                                                                 .patience_ms = kPatienceMs});
  std::string signature = run.failed() ? run.signature() : "";
  if (run.tsan_reports > 0 && signature.empty()) signature = race_found();
  if (!signature.empty() && !bugs::counts(bug, signature)) signature.clear();
  return {.steps = run.steps, .signature = signature};
}

bugs::Hunt hunt_of(const bugs::Bug& bug, const Settings& settings, std::uint64_t seed) {
  return {.engine = settings.engine,
          .protocol = bug.protocols.front(),
          .seed = seed,
          .executions = settings.executions};
}

void survey(const bugs::Bug& bug, const Settings& settings) {
  bugs::Programs programs(hunt_of(bug, settings, settings.seed));
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t i = 0; i < settings.executions; i++)
    seen[stressed(bug, settings.engine, programs.next().program).signature]++;
  for (const auto& [signature, count] : seen)
    std::printf("%8llu  %s\n", static_cast<unsigned long long>(count), signature.empty() ? "pass" : signature.c_str());
}

bool row(const bugs::Bug& bug, const Settings& settings, std::uint64_t seed) {
  bugs::Programs programs(hunt_of(bug, settings, seed));
  const auto told = bugs::threads_row({.bug = bug.name,
                                       .engine = std::string(bugs::name(settings.engine)),
                                       .seed = seed,
                                       .budget = settings.executions,
                                       .diverged = {},
                                       .signature = ""},
                                      kPatienceOfRun,
                                      [&] { return stressed(bug, settings.engine, programs.next().program); });
  if (!told) return std::fprintf(stderr, "%s\n", told.error().c_str()), false;
  std::printf("%s", bugs::text(*told).c_str());
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bool good = true;
  for (int i = 1; i < argc; i++) good = argument(argv[i], settings) && good;
  if (!good || settings.rows == settings.survey || settings.patch.empty() || !of_this_build(settings.engine)) {
    std::fprintf(stderr,
                 "expected --patch=FILE --rows|--survey [--twin] --engine=%s --seed=N --seeds=N\n--executions=N\n",
                 sched::tsan_linked() ? "threads-tsan" : "threads|threads-yields");
    return 2;
  }
  auto bug = bugs::load(settings.patch);
  if (!bug) return std::fprintf(stderr, "%s\n", bug.error().c_str()), 5;
  if (settings.twin) bug->name = bugs::twin_of(*bug);
  if (settings.survey) return survey(*bug, settings), 0;
  for (std::uint64_t i = 0; i < settings.seeds; i++)
    if (!row(*bug, settings, settings.seed + i)) return 3;
  return 0;
}
