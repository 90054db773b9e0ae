// SPDX-License-Identifier: GPL-2.0-only
// From what the oracle found to what an Execution tells of it, on fibers (execute.cc) and on real
// threads (threads.cc). Private to exec/.
#pragma once

#include <string>

#include "exec/execution.h"
#include "model/world.h"
#include "oracle/invariant.h"
#include "sched/scheduler.h"

namespace daxfuzz::exec {

[[nodiscard]] Verdict verdict_of(const oracle::Invariant& row);
// After the run: waits are those that it ended with.
[[nodiscard]] Finding finding_of(const oracle::Violation& violation, const kernel::World& world,
                                 const sched::Scheduler& scheduler);
// Who waits for what, held by whom: one line a task.
[[nodiscard]] std::string waits(const kernel::World& world, const sched::Scheduler& scheduler);

}  // namespace daxfuzz::exec
