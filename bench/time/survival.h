// SPDX-License-Identifier: GPL-2.0-only
// Times to a first finding, where some hunts ended before theirs: Kaplan and Meier's estimate of the
// share that has found nothing by a time (J. Am. Stat. Assoc. 53, 1958), the mean up to a horizon that
// all hunts reach, and intervals by the bootstrap. Read next: summary.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace daxfuzz::bench {

struct Observation {
  double time = 0;     // of the finding, or until which there was none
  bool found = false;  // false: censored
};
using Sample = std::vector<Observation>;

// The share that has found nothing falls to `share` at `time`.
struct Fall {
  double time = 0, share = 1;
};
// In the order of time. A sample without a finding has none.
using Curve = std::vector<Fall>;

// Who is censored at the time of a finding was still at risk then.
[[nodiscard]] Curve kaplan_meier(Sample sample);
[[nodiscard]] double share_at(const Curve& curve, double time);
// The first time at which half or fewer have found nothing; infinite if that never is.
[[nodiscard]] double median(const Curve& curve);
// The area under the curve up to `horizon`: the mean of the smaller of time and horizon.
[[nodiscard]] double restricted_mean(const Curve& curve, double horizon);

struct Interval {
  double low = 0, high = 0;
};
using Statistic = std::function<double(const std::vector<Sample>&)>;
inline constexpr std::size_t kRounds = 1000;
// Of 95 percent, by percentiles: each sample is drawn anew from itself, with replacement. The same
// for the same samples and seed.
[[nodiscard]] Interval bootstrap(const std::vector<Sample>& samples, const Statistic& statistic,
                                 std::uint64_t seed = 1);

}  // namespace daxfuzz::bench
