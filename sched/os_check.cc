// SPDX-License-Identifier: GPL-2.0-only
// A failed CHECK on real threads. On a task it may end the run instead of the process, so
// that a hunt can go on: what threads do between two yield points is the port's business,
// and its CHECKs are oracles of it. See os_threads.h, check.h.
#include <cstdio>
#include <cstdlib>

#include "sched/check.h"
#include "sched/os_impl.h"

namespace daxfuzz {

void check_failed(const char* condition, const char* file, int line) {
  using sched::running;
  if (running.task != sched::kNoTask) sched::os_check_failed(condition, file, line);
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, condition);
  std::abort();
}

namespace sched {
namespace {

// Its own first: one more is only what the first has broken.
constinit thread_local bool failing = false;

}  // namespace

void os_check_failed(const char* condition, const char* file, int line) {
  Scheduler::Impl* run = os_current_run;
  if (run->settings.check_failed == nullptr || failing) return;
  failing = true;
  {
    const HarnessScope scope;
    run->settings.check_failed(run->settings.arg, condition, file, line);
  }
  run->end_run(Outcome::stopped);
  run->leave();
}

}  // namespace sched
}  // namespace daxfuzz
