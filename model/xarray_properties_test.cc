// SPDX-License-Identifier: GPL-2.0-only
// The XArray against a plain map (xarray_map.h), over random lists of operations of one cursor, in a
// small world and at order 9.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/xarray_map.h"

namespace daxfuzz::kernel {
namespace {

using testing::arbitrary_step;
using testing::Comparison;
using testing::Step;

// Up to some hundreds.
rc::Gen<std::vector<Step>> arbitrary_steps(rc::Gen<Step> step) {
  return rc::gen::scale(5, rc::gen::container<std::vector<Step>>(std::move(step)));
}

RC_GTEST_PROP(XArray, BehavesAsAMapOfRangesInASmallWorld, ()) {
  const unsigned large = *rc::gen::inRange(1u, 4u);
  Comparison comparison(8, large);
  const auto step = arbitrary_step(rc::gen::inRange<std::uint64_t>(0, 8));
  for (const Step& s : *arbitrary_steps(step)) comparison.apply(s);
}

RC_GTEST_PROP(XArray, BehavesAsAMapOfRangesAtOrderNine, ()) {
  Comparison comparison(1024, 9);
  const auto step = arbitrary_step(rc::gen::element<std::uint64_t>(
      0, 1, 2, 62, 63, 64, 65, 127, 200, 448, 511, 512, 513, 575, 576, 1022, 1023));
  for (const Step& s : *arbitrary_steps(step)) comparison.apply(s);
}

}  // namespace
}  // namespace daxfuzz::kernel
