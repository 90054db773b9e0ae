// SPDX-License-Identifier: GPL-2.0-only
// Mutual exclusion on an entry: while its lock bit is set, the
// task that set it is the only one that stores to the slot.
#include "model/dax.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {

void check_entry_stored(Judge& judge, kernel::FilePage where, const EntryRecord& before) {
  if (before.entry == 0 || !kernel::dax_is_locked(before.entry)) return;
  const sched::TaskId task = sched::Scheduler::current_task();
  if (before.locked_by == task) return;
  const bool real = kernel::dax_is_real_entry(before.entry);
  judge.report("entry-lock-stolen",
               real ? static_cast<std::int64_t>(kernel::dax_to_pfn(before.entry)) : -1,
               "entry " + name(where) + " locked by T" + std::to_string(before.locked_by) +
                   ", replaced by T" + std::to_string(task));
}

}  // namespace daxfuzz::oracle
