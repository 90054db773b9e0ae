// SPDX-License-Identifier: GPL-2.0-only
// Expects steps_to_limit() to be the number given as argument: 2 from the clean
// library, 3 from the patched one. One object serves both tests, so only the
// link can make the difference. Read next: bazel/testdata/BUILD.
#include <gtest/gtest.h>

#include <cstdlib>

#include "bazel/testdata/counter.h"

namespace daxfuzz::testdata {
namespace {

TEST(PatchedModel, TheLinkedObjectIsTheOneExpected) {
  const auto arguments = testing::internal::GetArgvs();
  ASSERT_EQ(arguments.size(), 2u) << "want one argument: the number of steps to expect";
  EXPECT_EQ(steps_to_limit(), std::atoi(arguments[1].c_str()));
  EXPECT_EQ(next(limit()), 3);
}

}  // namespace
}  // namespace daxfuzz::testdata
