// SPDX-License-Identifier: GPL-2.0-only
// Linked with a model whose share counts are one off (testdata/share_is_one_off.patch): the
// comparison with a recorded kernel must find it, in one random program. See recorded_test.cc.
#include <gtest/gtest.h>

#include "conformance/recorded.h"

namespace daxfuzz::conformance {
namespace {

TEST(Planted, AShareThatIsOneOffIsFound) {
  const testing::Recorded run = testing::recorded("conformance/testdata/random-6.12");
  const Comparison result = compare(run.model, run.kernel);
  ASSERT_TRUE(result.difference.has_value());
  EXPECT_EQ(result.difference->field, "share");
  EXPECT_GT(result.steps, 0u);  // the defect, and not everything
}

}  // namespace
}  // namespace daxfuzz::conformance
