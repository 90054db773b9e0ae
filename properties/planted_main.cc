// SPDX-License-Identifier: GPL-2.0-only
// A planted defect on fibers: a schedule that shows it is looked for once, by counting seeds,
// and shows it in N replays of N. Exit code 0 if so, and if TSan reports no race but what the patch names and the
// kernel has. Read first: planted.h.
#include <cstdio>

#include "exec/execute.h"
#include "properties/planted.h"
#include "sched/tsan_reports.h"

namespace {

using namespace daxfuzz;

constexpr std::uint64_t kSeeds = 20'000;  // it ends at the first
constexpr int kReplays = 20;

int others = 0;  // runs with a race that was not planted

bool caught(const properties::Planted& planted, const trace::Program& program) {
  return properties::shown(planted, exec::execute(program), &others);
}

}  // namespace

int main(int argc, char** argv) {
  auto planted = properties::planted(argc, argv);
  if (!planted) return 2;
  // sched/race_detector.h sees the words of primitives.h; these races are on other memory.
  if (planted->race() && !sched::tsan_linked()) {
    std::printf("%s: only TSan sees it\n", planted->path.c_str());
    return exec::execute(planted->program).failed() ? 1 : 0;
  }
  std::uint64_t seed = 0;
  do {
    planted->program.schedule = {.strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}};
  } while (!caught(*planted, planted->program) && others == 0 && ++seed < kSeeds);
  const exec::Execution run = exec::execute(planted->program);
  (void)sched::take_tsan_races();  // looked at above
  const trace::Program replay = exec::with_schedule(planted->program, run);
  int often = 0;
  for (int i = 0; i < kReplays; i++) often += caught(*planted, replay) ? 1 : 0;
  std::printf("%s on fibers: first caught by seed %llu, then in %d of %d replays\n", planted->path.c_str(),
              static_cast<unsigned long long>(seed), often, kReplays);
  return often == kReplays && others == 0 ? 0 : 1;
}
