// SPDX-License-Identifier: GPL-2.0-only
// The ops of a long run are read back as they were written; what is no op is told with its line.
#include "conformance/ops_text.h"

#include <gtest/gtest.h>

#include "conformance/generate.h"
#include "conformance/testing.h"

namespace daxfuzz::conformance {
namespace {

TEST(OpsText, ALongRunComesBackAsItWas) {
  Scene scene = long_run(trace::ProtocolId::legacy);
  const std::vector<trace::Op> ops = testing::driven(scene, random_ops(scene, 300, 5)).ops;
  const auto read = parse_ops(print_ops(scene, ops), scene);
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(*read, ops);
}

TEST(OpsText, HowManyBlocksAreFreeComesBackToo) {
  Scene scene = long_run_of(trace::ProtocolId::legacy, 3), read = long_run(trace::ProtocolId::legacy);
  const std::vector<trace::Op> ops = testing::driven(scene, random_ops(scene, 20, 3)).ops;
  const std::string text = print_ops(scene, ops);
  EXPECT_TRUE(text.starts_with("free 40\n"));
  const auto again = parse_ops(text, read);
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_EQ(*again, ops);
  EXPECT_EQ(read.free_blocks, 40);
  for (const char* line : {"free 0\n", "free\n", "free 4x\n", "free 65536\n"})
    EXPECT_FALSE(parse_ops(line, read).has_value()) << line;
}

TEST(OpsText, ALineThatIsNoOpIsTold) {
  Scene scene = long_run(trace::ProtocolId::legacy);
  const auto unknown = parse_ops("T0: write   a+0 len=1 0x11\nT0: wrote   a+0\n", scene);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_TRUE(unknown.error().starts_with("line 2: ") && unknown.error().contains("wrote"))
      << unknown.error();
  const auto empty = parse_ops("T0: write   a+0 len=1 0x11\n\n", scene);
  ASSERT_FALSE(empty.has_value());
  EXPECT_TRUE(empty.error().starts_with("line 2: expected at least one op")) << empty.error();
}

}  // namespace
}  // namespace daxfuzz::conformance
