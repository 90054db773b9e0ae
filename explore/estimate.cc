// SPDX-License-Identifier: GPL-2.0-only
// The estimators. See estimate.h.
//
// Schedules: Knuth 1975, "Estimating the efficiency of backtrack programs": the product of
// the numbers of choices along a random path is, on average, the number of leaves. Of many
// leaves most of the sum is from few paths, so a mean of few probes is rather too small.
//
// States: those that the search was in are marked; what share of the different states that
// probes met is marked tells what share of all is (Petersen 1896, of fish). It would be exact
// if each state were met with the same chance. States that probes meet often are the early
// ones, and the search, depth first, knows the early ones of its first branches only.
#include "explore/estimate.h"

#include <cmath>
#include <cstdio>

#include "sched/check.h"

namespace daxfuzz::explore {

double Estimate::share() const {
  return visits == 0 ? 1 : static_cast<double>(known) / static_cast<double>(visits);
}

std::string worth(const Estimate& estimate) {
  char text[200];
  int size = std::snprintf(text, sizeof text, "worth: of where %llu random schedules decide %.0f %% was searched",
                           static_cast<unsigned long long>(estimate.probes), 100 * estimate.share());
  const auto add = [&](const char* format, double number) {
    size += std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), format, number);
  };
  if (estimate.states > 0) add(", and there are about %.1e states", estimate.states);
  add(" and 1e%.0f schedules", estimate.schedules_log10);
  return text;
}

void Probes::decision(const std::optional<sched::Fingerprint::Value>& state, bool known, std::uint32_t width) {
  CHECK(width > 0);
  visits_++;
  known_ += known ? 1 : 0;
  width_log_ += std::log(static_cast<double>(width));
  if (!state) return;
  Met& met = met_[*state];
  met.known = known;
  if (met.last == probes_ + 1) return;
  met.last = probes_ + 1;
  met.times++;
}

void Probes::end() {
  probes_++;
  if (width_log_ > largest_) {
    scaled_ *= std::exp(largest_ - width_log_);
    largest_ = width_log_;
  }
  scaled_ += std::exp(width_log_ - largest_);
  width_log_ = 0;
}

Estimate Probes::estimate(std::uint64_t searched) const {
  Estimate estimate{.probes = probes_, .visits = visits_, .known = known_};
  if (probes_ == 0) return estimate;
  estimate.schedules_log10 = (largest_ + std::log(scaled_ / static_cast<double>(probes_))) / std::log(10.0);
  if (met_.empty()) return estimate;
  std::uint64_t marked = 0;
  for (const auto& [state, met] : met_) marked += met.known ? 1 : 0;
  // One more of each, so that none marked is no division by nothing (Chapman 1951).
  estimate.states = static_cast<double>(searched + 1) * static_cast<double>(met_.size() + 1) /
                        static_cast<double>(marked + 1) - 1;
  return estimate;
}

}  // namespace daxfuzz::explore
