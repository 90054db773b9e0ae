// SPDX-License-Identifier: GPL-2.0-only
// A million operations on the XArray and on a plain map (xarray_map.h) from one seed, each applied
// and compared: a step that no caller may take is drawn again. Plain builds only: the properties
// of the same comparison run under the sanitizers.
#include <gtest/gtest.h>

#include "model/xarray_map.h"

namespace daxfuzz::kernel {
namespace {

using testing::Comparison;

constexpr std::uint64_t kSteps = 1'000'000, kStepsOfAWorld = 500;
constexpr int kSize = 100;  // rapidcheck's largest: the generators here do not ask for it

// Applies steps to new worlds until so many were compared.
std::uint64_t compare(std::uint64_t steps, std::size_t pages, rc::Gen<std::uint64_t> index, unsigned large_least,
                      unsigned large_most) {
  rc::Random random(1);
  const auto step = testing::arbitrary_step(std::move(index));
  std::uint64_t done = 0;
  for (unsigned large = large_least; done < steps; large = large == large_most ? large_least : large + 1) {
    Comparison comparison(pages, large);
    while (comparison.applied() < kStepsOfAWorld) comparison.apply(step(random.split(), kSize).value());
    done += comparison.applied();
  }
  return done;
}

TEST(XArray, BehavesAsAMapOfRangesForAMillionSteps) {
  EXPECT_GE(compare(kSteps, 8, rc::gen::inRange<std::uint64_t>(0, 8), 1, 3), kSteps);
}

}  // namespace
}  // namespace daxfuzz::kernel
