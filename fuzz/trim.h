// SPDX-License-Identifier: GPL-2.0-only
// Programs that are a little smaller, one after the other, for an engine that asks of each
// whether it still takes the same edges: fewer ops, in pieces that halve, no settings, a
// shorter tail of the schedule. Read next: aflpp_mutator.cc; exec/minimize.h, which shrinks
// findings and knows what ops are.
#pragma once

#include <cstddef>
#include <optional>

#include "trace/program.h"

namespace daxfuzz::fuzz {

class Trim {
 public:
  explicit Trim(trace::Program program);
  // The next one to try; never larger than what was kept last. None: done.
  [[nodiscard]] std::optional<trace::Program> next();
  // Of what next() gave last: it stands for the program from now on, or was in vain.
  void tell(bool kept);
  [[nodiscard]] const trace::Program& program() const { return program_; }

 private:
  enum class Phase { ops, settings, schedule, done };
  [[nodiscard]] std::optional<trace::Program> candidate() const;
  void start(Phase phase);
  [[nodiscard]] std::size_t length() const;  // of what the phase shortens

  trace::Program program_, tried_;
  Phase phase_ = Phase::ops;
  std::size_t piece_ = 0, at_ = 0;
};

}  // namespace daxfuzz::fuzz
