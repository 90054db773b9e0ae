// SPDX-License-Identifier: GPL-2.0-only
// A planted defect on real threads, where the machine decides: caught in k runs of n, by TSan if
// it is a race, else by a wait that nobody ends. Exit code 0 if it was caught at all; a race in a
// build without TSan shows nothing, and must do no harm either. Read first: planted.h.
#include <cstdio>
#include <string>

#include "exec/threads.h"
#include "properties/planted.h"
#include "sched/tsan_reports.h"

namespace {

using namespace daxfuzz;

constexpr int kRuns = 100;
constexpr int kRunsMost = 20;  // times as many, if the machine has shown nothing yet

// Of a wait that nobody ends: who waits for what, and a line with the op of every thread.
bool tells_all(const properties::Planted& planted, const exec::Finding& finding) {
  bool all = finding.waits.find(" waits for ") != std::string::npos;
  for (std::size_t t = 0; t < planted.program.threads(); t++)
    all = all && finding.waits.find("T" + std::to_string(t) + " op ") != std::string::npos;
  if (!all) std::printf("%s: not all that threads do and wait for:\n%s", planted.path.c_str(), finding.waits.c_str());
  return all;
}

int runs(const properties::Planted& planted, int first, bool yields, int* failed) {
  int often = 0;
  for (int i = 0; i < kRuns; i++) {
    const exec::Execution run =
        exec::execute_on_threads(planted.program, {.seed = static_cast<std::uint64_t>(first + i), .yields = yields});
    const bool caught = properties::shown(planted, run, failed);
    often += caught ? 1 : 0;
    if (caught && !planted.race() && !tells_all(planted, run.finding)) ++*failed;
    if (!run.failed() || caught) continue;
    ++*failed;
    std::printf("%s: %s\n%s", planted.path.c_str(), run.signature().c_str(), run.finding.waits.c_str());
  }
  std::printf("%s on threads%s: caught in %d of %d runs\n", planted.path.c_str(), yields ? " that yield" : "", often,
              kRuns);
  return often;
}

}  // namespace

int main(int argc, char** argv) {
  const auto planted = properties::planted(argc, argv);
  if (!planted) return 2;
  int failed = 0;
  int often = runs(*planted, 0, false, &failed) + runs(*planted, 0, true, &failed);
  const bool shows = !planted->race() || sched::tsan_linked();
  for (int i = 1; shows && often == 0 && i < kRunsMost; i++) often += runs(*planted, i * kRuns, true, &failed);
  if (failed != 0) return 1;
  if (!shows) return 0;
  return often > 0 ? 0 : 1;
}
