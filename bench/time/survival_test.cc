// SPDX-License-Identifier: GPL-2.0-only
// Against an example that textbooks print: the 21 patients under 6-mercaptopurine of Freireich et al.
// (Blood 21, 1963), weeks in remission, 12 of them censored.
#include "bench/time/survival.h"

#include <gtest/gtest.h>

#include <cmath>

namespace daxfuzz::bench {
namespace {

Sample patients() {
  Sample sample;
  for (const double week : {6, 6, 6, 7, 10, 13, 16, 22, 23}) sample.push_back({week, true});
  for (const double week : {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35}) sample.push_back({week, false});
  return sample;
}

TEST(KaplanMeier, IsTheTextbooks) {
  const Curve curve = kaplan_meier(patients());
  const Fall wanted[] = {{6, 0.857}, {7, 0.807}, {10, 0.753}, {13, 0.690}, {16, 0.627}, {22, 0.538}, {23, 0.448}};
  ASSERT_EQ(curve.size(), std::size(wanted));
  for (std::size_t i = 0; i < curve.size(); i++) {
    EXPECT_EQ(curve[i].time, wanted[i].time);
    EXPECT_NEAR(curve[i].share, wanted[i].share, 0.0005);
  }
  EXPECT_EQ(median(curve), 23);
  // 6 + 0.857 + 3 * 0.807 + 3 * 0.753 + 3 * 0.690 + 6 * 0.627 + 0.538 + 12 * 0.448
  EXPECT_NEAR(restricted_mean(curve, 35), 23.29, 0.01);
}

TEST(KaplanMeier, SharesBetweenAndOutside) {
  const Curve curve = kaplan_meier(patients());
  EXPECT_EQ(share_at(curve, 5.9), 1);
  EXPECT_NEAR(share_at(curve, 6), 0.857, 0.0005);
  EXPECT_NEAR(share_at(curve, 21.9), 0.627, 0.0005);
  EXPECT_NEAR(share_at(curve, 1000), 0.448, 0.0005);
  EXPECT_EQ(restricted_mean(curve, 6), 6);
  EXPECT_NEAR(restricted_mean(curve, 7), 6.857, 0.0005);
}

TEST(KaplanMeier, WithoutCensoringIsTheMean) {
  const Curve curve = kaplan_meier({{1, true}, {2, true}, {6, true}, {7, true}});
  EXPECT_EQ(median(curve), 2);
  EXPECT_NEAR(restricted_mean(curve, 100), 4, 1e-9);
  EXPECT_NEAR(share_at(curve, 7), 0, 1e-9);
}

TEST(KaplanMeier, OfNothingFoundIsFlat) {
  const Curve curve = kaplan_meier({{100, false}, {100, false}});
  EXPECT_TRUE(curve.empty());
  EXPECT_TRUE(std::isinf(median(curve)));
  EXPECT_EQ(restricted_mean(curve, 100), 100);
}

TEST(Bootstrap, IsAroundTheEstimateAndNarrowerWithMore) {
  const auto mean = [](const std::vector<Sample>& samples) {
    return restricted_mean(kaplan_meier(samples.front()), 35);
  };
  const Interval few = bootstrap({patients()}, mean);
  EXPECT_LT(few.low, 23.29);
  EXPECT_GT(few.high, 23.29);
  Sample more;
  for (int i = 0; i < 20; i++)
    for (const Observation& one : patients()) more.push_back(one);
  const Interval many = bootstrap({more}, mean);
  EXPECT_LT(many.high - many.low, (few.high - few.low) / 3);
  // The standard error of this mean by Greenwood's formula is 2.83; 1.96 of them to each side.
  EXPECT_NEAR(few.high - few.low, 2 * 1.96 * 2.83, 1.5);
}

TEST(Bootstrap, IsTheSameForTheSameSeed) {
  const auto median_of = [](const std::vector<Sample>& samples) { return median(kaplan_meier(samples.front())); };
  const Interval a = bootstrap({patients()}, median_of, 7), b = bootstrap({patients()}, median_of, 7);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
}

TEST(Bootstrap, OfOneThatNeverVariesIsAPoint) {
  const Interval interval = bootstrap({{{3, true}, {3, true}}}, [](const std::vector<Sample>& samples) {
    return median(kaplan_meier(samples.front()));
  });
  EXPECT_EQ(interval.low, 3);
  EXPECT_EQ(interval.high, 3);
}

}  // namespace
}  // namespace daxfuzz::bench
