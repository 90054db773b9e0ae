// SPDX-License-Identifier: GPL-2.0-only
// Warnings, events and results in the words of a guest. See watch.h.
#include "conformance/watch.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "model/world.h"

namespace daxfuzz::conformance {

void Watch::tell(sched::Label id) {
  const sched::HarnessScope scope;  // from any task
  const sched::Label where = kernel::world().function_of(sched::Scheduler::current_task());
  std::string text = std::string(id.text()) + " in " + where.text();
  if (std::ranges::find(told_, text) == told_.end()) told_.push_back(std::move(text));
}

std::vector<std::string> Watch::take() { return std::exchange(told_, {}); }

std::vector<Event> events_of(std::span<const sched::Event> events) {
  static constexpr std::string_view kProbed[] = {"__dax_invalidate_entry",
                                                 "dax_layout_busy_page_range", "dax_writeback_one"};
  std::vector<Event> out;
  for (const sched::Event& event : events)
    if (event.kind == sched::EventKind::leave &&
        std::ranges::find(kProbed, event.what.text()) != std::end(kProbed))
      out.push_back({.step = -1,
                     .name = event.what.text(),
                     .fields = {{"ret", static_cast<std::uint64_t>(event.a)}}});
  return out;
}

Result result_of(const trace::Op& op, std::int64_t result) {
  using trace::OpCode;
  const bool access = op.code == OpCode::fault || op.code == OpCode::mkwrite;
  if (access && result == -EFAULT) return {.kind = Result::Kind::sig, .value = SIGBUS};
  if (result < 0) return {.kind = Result::Kind::err, .value = -result};
  const bool reads =
      op.code == OpCode::read ||
      ((op.code == OpCode::fault || op.code == OpCode::dma) && op.access == trace::Access::read);
  return {.kind = Result::Kind::ok, .value = reads ? result : 0};
}

}  // namespace daxfuzz::conformance
