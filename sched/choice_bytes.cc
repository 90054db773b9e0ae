// SPDX-License-Identifier: GPL-2.0-only
// Bytes to choices. Read first: choice_bytes.h.
#include "sched/choice_bytes.h"

#include <bit>

namespace daxfuzz::sched {

TaskId BytesChoice::next(const Choice& choice) {
  if (used_ == size_) return go_on(choice);
  const auto count = static_cast<std::uint32_t>(std::popcount(choice.runnable));
  return nth_task(choice.runnable, bytes_[used_++] % count);
}

}  // namespace daxfuzz::sched
