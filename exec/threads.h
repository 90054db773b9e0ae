// SPDX-License-Identifier: GPL-2.0-only
// Runs a program on real threads: for TSan and ASan, for what fibers cannot show, and as the
// stress test that the deterministic engines are compared with. Only in programs that are
// linked with //sched:os_threads, and whose model has exec/one_step.patch.
//
// NOT REPLAYABLE: the same program may end otherwise each time. An Execution has no schedule,
// no events and no digest; its steps are yield points passed, of all threads.
//
// Judged are the port's WARNs, BUGs and CHECKs, all that the oracle says as facts are told
// (facts that change together are told under one lock), and at quiescence, which is when no op
// is in flight, and the end. Who can never go on is a finding, as on fibers: stuck threads
// see pins go one by one first. Read next: sched/os_threads.h.
#pragma once

#include <cstdint>

#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::exec {

struct ThreadsOptions {
  std::uint64_t seed = 1;            // of the yields
  bool yields = true;                // at some yield points, else none but where a thread waits
  std::uint64_t steps_max = 200000;  // of a thread; then it is a livelock
  std::uint32_t patience_ms = 30000; // the watchdog's (sched/os_threads.h)
};

// The program's schedule is ignored, and so are ops `crash`: a power failure is one moment for
// all processors, and threads have none.
[[nodiscard]] Execution execute_on_threads(const trace::Program& program, const ThreadsOptions& options = {});

}  // namespace daxfuzz::exec
