// SPDX-License-Identifier: GPL-2.0-only
// Sums over paths. See classes.h.
#include "explore/classes.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "explore/node.h"
#include "explore/states.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

bool conflict(const Effect& a, const Effect& b) {
  // What all read.
  if (a.changes_untold || b.changes_untold) return true;
  return std::any_of(a.touches.begin(), a.touches.end(), [&](const Touch& one) {
    return std::any_of(b.touches.begin(), b.touches.end(), [&](const Touch& other) {
      return one.object == other.object && (one.writes || other.writes);
    });
  });
}

class Counter {
 public:
  explicit Counter(Machine& machine) : machine_(machine) { states_.clear(machine.width() + 1); }

  // row: a state, then who sleeps there: whose next step was made first already, and nothing since
  // conflicts with it.
  std::uint64_t from(Numbers row) {
    const auto [number, fresh] = states_.insert(row);
    if (!fresh) return counts_[number];
    counts_.push_back(0);
    const std::uint32_t ready = machine_.ready(row.data());
    std::uint64_t count = ready == 0 ? 1 : 0;
    std::uint32_t& sleeping = row.back();
    for (std::uint32_t left = ready & ~sleeping; left != 0; left &= left - 1) {
      const auto task = static_cast<sched::TaskId>(std::countr_zero(left));
      const Effect& effect = *machine_.step(row.data(), task);
      Numbers to = row;
      machine_.apply(effect, task, to.data());
      to.back() = 0;
      for (std::uint32_t others = sleeping; others != 0; others &= others - 1) {
        const auto other = static_cast<sched::TaskId>(std::countr_zero(others));
        if (!conflict(effect, *machine_.step(row.data(), other))) to.back() |= bit(other);
      }
      count = saturated_sum(count, from(std::move(to)));
      sleeping |= bit(task);
    }
    counts_[number] = count;
    return count;
  }

 private:
  Machine& machine_;
  States states_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace

std::uint64_t count_classes(Machine& machine) {
  Numbers start = machine.start();
  start.push_back(0);
  return Counter(machine).from(std::move(start));
}

}  // namespace daxfuzz::explore
