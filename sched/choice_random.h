// SPDX-License-Identifier: GPL-2.0-only
// Strategy: uniform over the tasks that can run, from a seed. The generator is
// written out here so that a seed means the same schedule on every machine.
#pragma once

#include "sched/choice.h"

namespace daxfuzz::sched {

class RandomChoice final : public ChoiceSource {
 public:
  explicit RandomChoice(std::uint64_t seed);
  TaskId next(const Choice& choice) override;

 private:
  std::uint64_t state_[4];
};

}  // namespace daxfuzz::sched
