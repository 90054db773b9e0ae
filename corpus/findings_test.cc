// SPDX-License-Identifier: GPL-2.0-only
// What the kernel itself does wrong, kept: each file of corpus/findings, and of
// corpus/litmus what a real kernel was seen to do, fails under its own protocol as it says,
// and replays to its digest. Written up in docs/findings; the checks are those of claims_test.cc.
#include <gtest/gtest.h>

#include "corpus/expectations.h"

namespace daxfuzz::corpus {
namespace {

constexpr int kReplays = 20;

File loaded(const std::string& path) {
  const auto file = load(path);
  EXPECT_TRUE(file.has_value()) << file.error();
  return file.value_or(File{});
}

TEST(Findings, AreThere) {
  EXPECT_FALSE(list("corpus/findings").empty());
  EXPECT_FALSE(list("corpus/litmus").empty());
}

class Finding : public testing::TestWithParam<std::string> {};

TEST_P(Finding, FailsUnderItsOwnProtocol) {
  EXPECT_TRUE(exec::execute(loaded(GetParam()).trace.program).failed());
}
TEST_P(Finding, ReplaysToItsDigest) { EXPECT_EQ(broken_replay(loaded(GetParam())), ""); }
TEST_P(Finding, HoldsAsExpected) { EXPECT_EQ(broken_expectations(loaded(GetParam())), ""); }
TEST_P(Finding, IsDeterministic) {
  EXPECT_EQ(broken_determinism(loaded(GetParam()), kReplays), "");
}

INSTANTIATE_TEST_SUITE_P(Kernel, Finding, testing::ValuesIn(list("corpus/findings")),
                         [](const auto& info) { return test_name(info.param); });
INSTANTIATE_TEST_SUITE_P(Litmus, Finding, testing::ValuesIn(list("corpus/litmus")),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace daxfuzz::corpus
