// SPDX-License-Identifier: GPL-2.0-only
// Strategy: uniform over the tasks that can run, from a seed.
#pragma once

#include "sched/choice.h"
#include "sched/seeded.h"

namespace daxfuzz::sched {

class RandomChoice final : public ChoiceSource {
 public:
  explicit RandomChoice(std::uint64_t seed) : random_(seed) {}
  TaskId next(const Choice& choice) override;

 private:
  Seeded random_;
};

}  // namespace daxfuzz::sched
