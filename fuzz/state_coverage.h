// SPDX-License-Identifier: GPL-2.0-only
// State coverage for libFuzzer: in which state of a page or an entry of a file a thread accessed it, as counters beside
// those of the code. A state is what the entry is, whether it is locked, how many share and hold the page, how many
// pins it has and who waits. libFuzzer finds the counters by their section, and clears them before each input.
#pragma once

#include <cstdint>

#include "sched/access.h"

namespace daxfuzz::fuzz {

class StateCoverage final : public sched::AccessWatcher {
 public:
  // One a run. handed_over: only where another thread made the access before.
  explicit StateCoverage(bool handed_over) : handed_over_(handed_over) {}
  void accessed(sched::TaskId task, const sched::Access& access, sched::Label at) override;
  void acquired(sched::TaskId, const void*) override {}
  void released(sched::TaskId, const void*) override {}

 private:
  bool handed_over_;
  sched::TaskId last_ = sched::kNoTask;
};

}  // namespace daxfuzz::fuzz
