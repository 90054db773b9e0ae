// SPDX-License-Identifier: GPL-2.0-only
// Nobody makes progress, somebody has not returned, and every pin is gone: why? In
// order of what says most: a task sleeps although what it waits
// for is true; a page never becomes idle; a task spins for ever; tasks wait for each
// other.
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

std::string waits_for(const sched::Scheduler& scheduler, sched::TaskId task) {
  const sched::WaitReason& reason = *scheduler.waiting(task);
  return "T" + std::to_string(task) + " waits for " + reason.what.text() + " " +
         std::to_string(reason.object);
}

}  // namespace

void check_stuck(Judge& judge, const sched::Scheduler& scheduler) {
  const kernel::World& machine = judge.machine();
  using Kind = sched::WaitReason::Kind;
  for (int pass = 0; pass < 4; pass++) {
    for (sched::TaskId task = 0; task < scheduler.tasks(); task++) {
      const sched::WaitReason* reason = scheduler.waiting(task);
      if (reason == nullptr) {
        if (pass == 2 && !scheduler.done(task))
          judge.report("livelock", -1, "T" + std::to_string(task) + " retries for ever",
                       machine.function_of(task).text());
        continue;
      }
      const bool event = reason->kind == Kind::event;
      const bool idle = event && reason->what == sched::Label("page_idle");
      const char* function = machine.function_of(task).text();
      const std::int64_t pfn = idle ? reason->object : -1;
      if (pass == 0 && event && reason->satisfied(reason->arg))
        judge.report("lost-wakeup", pfn, waits_for(scheduler, task) + ", which is true", function);
      if (pass == 1 && idle)
        judge.report("idle-never-reached", pfn, waits_for(scheduler, task), function);
      if (pass == 3) judge.report("deadlock", -1, waits_for(scheduler, task), function);
    }
  }
}

}  // namespace daxfuzz::oracle
