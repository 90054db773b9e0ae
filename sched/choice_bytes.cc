// SPDX-License-Identifier: GPL-2.0-only
// Bytes to choices. Read first: choice_bytes.h.
#include "sched/choice_bytes.h"

#include <bit>

#include "sched/check.h"

namespace daxfuzz::sched {

TaskId keep_current(const Choice& choice) {
  CHECK(choice.runnable != 0);
  if (choice.current_runnable) return choice.current;
  return static_cast<TaskId>(std::countr_zero(choice.runnable));
}

TaskId BytesChoice::next(const Choice& choice) {
  if (used_ == size_) return keep_current(choice);
  std::uint32_t tasks = choice.runnable;
  for (int skip = bytes_[used_++] % std::popcount(tasks); skip > 0; --skip) tasks &= tasks - 1;
  return static_cast<TaskId>(std::countr_zero(tasks));
}

}  // namespace daxfuzz::sched
