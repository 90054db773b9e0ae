// SPDX-License-Identifier: GPL-2.0-only
// Random schedules of a program whose search was cut. Inside of search.cc only; what they
// are good for: estimate.h.
#pragma once

#include <bit>
#include <utility>

#include "explore/arena.h"
#include "explore/node.h"
#include "explore/table.h"
#include "sched/seeded.h"

namespace daxfuzz::explore {

// Probes end here, however many were asked for: of a long program each takes a while.
constexpr std::uint64_t kProbeVisits = 20'000;

// One random schedule after the other, of those that the search may make.
class Probe final : public sched::ChoiceSource {
 public:
  Probe(const Subject& subject, const Limits& limits, const Table& table)
      : subject_(subject), limits_(limits), table_(table) {}

  sched::TaskId next(const sched::Choice& choice) override {
    const ArenaPause pause;
    Node node = asked(choice, last_ ? &*last_ : nullptr);
    if (bounded(node, limits_)) node.left = bit(node.current);
    const auto width = static_cast<std::uint32_t>(std::popcount(node.left));
    const auto key = key_of(subject_, limits_, node);
    probes.decision(key, key && table_.contains(*key), width);
    node.chosen = sched::nth_task(node.left, random_.below(width));
    last_ = std::move(node);
    decisions_.push_back(last_->chosen);
    return last_->chosen;
  }
  [[nodiscard]] bool more() const {
    return !over_ && probes.count() < limits_.probes && probes.visits() < kProbeVisits;
  }
  // After a run: what was decided.
  Decisions ended(bool failed) {
    over_ = failed && limits_.first_failure;
    probes.end();
    last_.reset();
    return std::exchange(decisions_, {});
  }

  Probes probes;

 private:
  const Subject& subject_;
  const Limits& limits_;
  const Table& table_;
  sched::Seeded random_{1};
  std::optional<Node> last_;
  Decisions decisions_;
  bool over_ = false;
};

}  // namespace daxfuzz::explore
