// SPDX-License-Identifier: GPL-2.0-only
// What runs are worth that found nothing (more). Two answers that need not the same: how
// likely the next run shows something that none has shown, and, of priority schedules, in how
// many programs a bug of a depth can still be. Read next: worth.cc; docs/campaigns.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "exec/execution.h"
#include "sched/choice_pct.h"
#include "trace/program.h"

namespace daxfuzz::report {

// What a run has shown, by hashes: pairs of places where the running thread was left, one after the other; and
// what ops returned, an error or how it compares with 0.
[[nodiscard]] std::vector<std::uint64_t> switches_shown(const exec::Execution& execution);
[[nodiscard]] std::vector<std::uint64_t> results_shown(const trace::Program& program,
                                                       const exec::Execution& execution);

// Kinds of things that runs show, and how many runs have shown each.
class Saturation {
 public:
  // One run, by hashes of what it showed; the same twice is once.
  void ran(std::span<const std::uint64_t> showed);
  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t kinds() const { return seen_.size(); }
  [[nodiscard]] std::uint64_t once() const { return once_; }  // kinds that one run has shown
  // About how many new kinds the next run shows: those of one run, by runs (Good 1953).
  [[nodiscard]] double next() const;

 private:
  struct Seen {
    std::uint64_t runs = 0, last = 0;
  };
  std::unordered_map<std::uint64_t, Seen> seen_;
  std::uint64_t runs_ = 0, once_ = 0;
};

// The bound of sched/choice_pct.h, over runs of different programs.
class PctBound {
 public:
  // `steps`: what the strategy was told; a run that took more counts for nothing.
  void ran(std::size_t tasks, std::uint64_t steps, std::uint64_t taken, std::uint32_t depth);
  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  // If every program that ran had a bug of that depth: at most the chance that none was found.
  [[nodiscard]] double missed(std::uint32_t depth) const;
  // With a confidence of 95 %: at most this share of such programs has one, if those that have one are
  // like the others (docs/campaigns.md). 1: nothing is known.
  [[nodiscard]] double share(std::uint32_t depth) const;

 private:
  std::array<double, sched::PctChoice::kDepthMax> chances_{};  // sums, of depths 1...
  std::uint64_t runs_ = 0;
};

// Runs of a campaign.
class Worth {
 public:
  void ran(const trace::Program& program, const exec::Execution& execution);
  // The same, scheduled by priorities.
  void ran(const trace::Program& program, const exec::Execution& execution, std::uint64_t steps,
           std::uint32_t depth);
  // A line each that begins with "worth: "; none without a run.
  [[nodiscard]] std::string text() const;

 private:
  Saturation switches_, results_;
  PctBound pct_;
  std::vector<std::uint64_t> showed_;  // a buffer
};

}  // namespace daxfuzz::report
