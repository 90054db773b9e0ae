// SPDX-License-Identifier: GPL-2.0-only
// Interleaving coverage for libFuzzer: which write of another thread an access saw, as counters
// beside those of the code. A pair is the places of both (labels). Of locks it is who asked before,
// which need not be who had it before. libFuzzer finds the counters by their section, and clears them
// before each input.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "sched/access.h"

namespace daxfuzz::fuzz {

class InterleavingCoverage final : public sched::AccessWatcher {
 public:
  void accessed(sched::TaskId task, const sched::Access& access, sched::Label at) override;
  void acquired(sched::TaskId, const void*) override {}
  void released(sched::TaskId, const void*) override {}
  // Between runs: what was written is forgotten, the counters are not.
  void next_run() { words_.clear(); }

 private:
  struct Write {
    sched::TaskId task = sched::kNoTask;
    std::uint64_t at = 0;
  };
  std::unordered_map<const void*, Write> words_;
};

}  // namespace daxfuzz::fuzz
