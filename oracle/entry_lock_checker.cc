// SPDX-License-Identifier: GPL-2.0-only
// Mutual exclusion on an entry: while its lock bit is set, the
// task that set it is the only one that stores to the slot, and it does so before its
// operation returns.
#include "model/dax.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {

void check_entry_stored(Judge& judge, kernel::FilePage where, const EntryRecord& before,
                        std::uint64_t after) {
  // The value that dax_lock_entry() makes of an empty slot.
  if (before.entry == 0 && after == kernel::dax_make_entry(0, kernel::DAX_LOCKED))
    judge.report("entry-lock-of-nothing", -1, "the slot of " + name(where) + " is empty, and locked");
  if (before.entry == 0 || !kernel::dax_is_locked(before.entry)) return;
  const sched::TaskId task = sched::Scheduler::current_task();
  if (before.locked_by == task) return;
  const bool real = kernel::dax_is_real_entry(before.entry);
  judge.report("entry-lock-stolen",
               real ? static_cast<std::int64_t>(kernel::dax_to_pfn(before.entry)) : -1,
               "entry " + name(where) + " locked by T" + std::to_string(before.locked_by) +
                   ", replaced by T" + std::to_string(task));
}

void check_entries_unlocked(Judge& judge, sched::TaskId task) {
  if (!judge.ledger().any_entry_locked()) return;
  for (std::size_t i = 0; i < judge.ledger().entries.size(); i++) {
    const EntryRecord& record = judge.ledger().entries[i];
    if (record.entry == 0 || !kernel::dax_is_locked(record.entry) || record.locked_by != task)
      continue;
    const bool real = kernel::dax_is_real_entry(record.entry);
    judge.report("entry-lock-leaked",
                 real ? static_cast<std::int64_t>(kernel::dax_to_pfn(record.entry)) : -1,
                 "entry " + name(judge.ledger().file_page(i)) + " is locked, the operation that did it has returned",
                 record.locked_in.text());
  }
}

}  // namespace daxfuzz::oracle
