// SPDX-License-Identifier: GPL-2.0-only
// The estimates and their intervals. See survival.h.
#include "bench/time/survival.h"

#include <algorithm>
#include <limits>

#include "fuzz/random.h"
#include "sched/check.h"

namespace daxfuzz::bench {

Curve kaplan_meier(Sample sample) {
  std::ranges::sort(sample, {}, &Observation::time);
  Curve curve;
  double share = 1;
  for (std::size_t i = 0; i < sample.size();) {
    const double time = sample[i].time;
    const auto at_risk = static_cast<double>(sample.size() - i);
    double found = 0;
    for (; i < sample.size() && sample[i].time == time; i++) found += sample[i].found ? 1 : 0;
    if (found == 0) continue;
    share *= 1 - found / at_risk;
    curve.push_back({time, share});
  }
  return curve;
}

double share_at(const Curve& curve, double time) {
  double share = 1;
  for (const Fall& fall : curve)
    if (fall.time <= time) share = fall.share;
  return share;
}

double median(const Curve& curve) {
  // What is a half but for rounding is a half.
  const auto fall = std::ranges::find_if(curve, [](const Fall& f) { return f.share <= 0.5 + 1e-12; });
  return fall == curve.end() ? std::numeric_limits<double>::infinity() : fall->time;
}

double restricted_mean(const Curve& curve, double horizon) {
  double area = 0, from = 0, share = 1;
  for (const Fall& fall : curve) {
    if (fall.time >= horizon) break;
    area += (fall.time - from) * share;
    from = fall.time;
    share = fall.share;
  }
  return area + (horizon - from) * share;
}

Interval bootstrap(const std::vector<Sample>& samples, const Statistic& statistic, std::uint64_t seed) {
  fuzz::Random random(seed);
  std::vector<double> values;
  for (std::size_t round = 0; round < kRounds; round++) {
    std::vector<Sample> drawn;
    for (const Sample& sample : samples) {
      CHECK(!sample.empty());
      Sample& again = drawn.emplace_back();
      for (std::size_t i = 0; i < sample.size(); i++) again.push_back(sample[random.below(sample.size())]);
    }
    values.push_back(statistic(drawn));
  }
  std::ranges::sort(values);
  return {values[kRounds * 25 / 1000], values[kRounds * 975 / 1000 - 1]};
}

}  // namespace daxfuzz::bench
