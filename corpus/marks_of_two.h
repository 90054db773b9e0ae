// SPDX-License-Identifier: GPL-2.0-only
// Marks that are about what two tasks or more do to each other: who woke whom, and what one
// took away while the other was elsewhere. Read first: marks.h. Read next: marks.cc, the table.
#pragma once

#include <vector>

#include "sched/event_log.h"

namespace daxfuzz::corpus {

// A fault that was woken finds the entry locked again, and sleeps again.
[[nodiscard]] bool fault_waits_again(const std::vector<sched::Event>& events);
// An unlock wakes one waiter, which takes the lock; its unlock wakes another that waited for the
// same entry all the while.
[[nodiscard]] bool lock_is_handed_over(const std::vector<sched::Event>& events);
// A busy scan sees a reference that a fast GUP is about to drop again; that put wakes who sleeps.
[[nodiscard]] bool busy_by_gup_loser(const std::vector<sched::Event>& events);
// The entry of a MAP_SYNC fault goes during its fsync; the end of the fault maps nothing.
[[nodiscard]] bool sync_fault_finds_no_entry(const std::vector<sched::Event>& events);

}  // namespace daxfuzz::corpus
