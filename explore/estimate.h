// SPDX-License-Identifier: GPL-2.0-only
// What a search is worth that was cut: random schedules are tried, and from what they meet
// it is told how much of the space had been searched. Knows keys of states and numbers of
// choices only. Read next: search.h, which makes the probes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sched/fingerprint.h"

namespace daxfuzz::explore {

struct Estimate {
  std::uint64_t probes = 0;      // random schedules, each decision uniform
  std::uint64_t visits = 0;      // decisions on them
  std::uint64_t known = 0;       // of those, in states that the search had been in
  double states = 0;             // that there are in all, about; 0: not to be told
  double schedules_log10 = 0;    // of how many there are

  // The chance that where a random schedule decides was searched.
  [[nodiscard]] double share() const;
};
// "43 % of where 200 random schedules decide was searched; ...", one line.
[[nodiscard]] std::string worth(const Estimate& estimate);

// What the probes met.
class Probes {
 public:
  // A decision between so many, in a state that the search knows or not; none: no states are told apart.
  void decision(const std::optional<sched::Fingerprint::Value>& state, bool known, std::uint32_t width);
  void end();
  [[nodiscard]] std::uint64_t count() const { return probes_; }
  [[nodiscard]] std::uint64_t visits() const { return visits_; }
  // searched: so many states.
  [[nodiscard]] Estimate estimate(std::uint64_t searched) const;

 private:
  struct Met {
    bool known = false;
    std::uint64_t last = 0, times = 0;  // probes that met it
  };
  std::map<sched::Fingerprint::Value, Met> met_;
  std::uint64_t probes_ = 0, visits_ = 0, known_ = 0;
  double width_log_ = 0;              // of this probe: of the product of its widths
  double largest_ = 0, scaled_ = 0;   // of all: e^largest_ * scaled_ is the sum of the products
};

}  // namespace daxfuzz::explore
