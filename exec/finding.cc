// SPDX-License-Identifier: GPL-2.0-only
// Kinds of failures and the wait-for report. See finding.h.
#include "exec/finding.h"

namespace daxfuzz::exec {

Verdict verdict_of(const oracle::Invariant& row) {
  if (row.id == "lost-wakeup") return Verdict::lost_wakeup;
  if (row.id == "idle-never-reached") return Verdict::hang;
  if (row.id == "deadlock") return Verdict::deadlock;
  if (row.id == "livelock") return Verdict::livelock;
  if (row.checker != oracle::Checker::warn) return Verdict::invariant;
  return row.id.starts_with("bug-") ? Verdict::bug : Verdict::warn;
}

Finding finding_of(const oracle::Violation& violation, const kernel::World& world,
                   const sched::Scheduler& scheduler) {
  const oracle::Invariant& row = *violation.invariant;
  return {.id = std::string(row.id),
          .function = violation.function,
          .rule = std::string(row.rule),
          .citation = std::string(row.citation),
          .value = violation.value,
          .waits = waits(world, scheduler),
          .pfn = violation.pfn,
          .step = violation.step != 0 ? violation.step : scheduler.steps(),
          .task = violation.task};
}

std::string waits(const kernel::World& world, const sched::Scheduler& scheduler) {
  std::string text;
  for (sched::TaskId task = 0; task < scheduler.tasks(); task++) {
    const sched::WaitReason* reason = scheduler.waiting(task);
    if (reason == nullptr) continue;
    text += "T" + std::to_string(task) + " in " + world.function_of(task).text() + " waits for " +
            reason->what.text() + " " + std::to_string(reason->object);
    for (sched::TaskId holder = 0; holder < scheduler.tasks(); holder++)
      if ((reason->holders & (1u << holder)) != 0) text += ", held by T" + std::to_string(holder);
    text += "\n";
  }
  return text;
}

}  // namespace daxfuzz::exec
