// SPDX-License-Identifier: GPL-2.0-only
// What of a log is not done in every step. Read first: event_log.h.
#include "sched/event_log.h"

#include "sched/sanitizer.h"

namespace daxfuzz::sched {

void EventLog::keep(const Event& event) {
  // Grown by one task, freed by another: TSan would take that for a race.
  tsan_ignore_begin();
  events_.push_back(event);
  tsan_ignore_end();
}

void EventLog::clear(bool keep) {
  keep_ = keep;
  digest_ = kFnvBasis;
  size_ = 0;
  events_.clear();
}

}  // namespace daxfuzz::sched
