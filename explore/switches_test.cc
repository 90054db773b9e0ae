// SPDX-License-Identifier: GPL-2.0-only
// Which switches two protocols differ in, and which of them change a verdict.
#include "explore/switches.h"

#include <gtest/gtest.h>

#include "model/protocol.h"
#include "trace/text.h"

namespace daxfuzz::explore {
namespace {

trace::Program parsed(const std::string& lines) {
  const auto result = trace::parse("daxt 1\n" + lines, "test");
  EXPECT_TRUE(result.has_value()) << result.error().str();
  return result.has_value() ? result->trace.program : trace::Program{};
}

// "share=none scan_wait=same_entry"
std::string text(const std::vector<trace::Setting>& settings) {
  std::string text;
  for (const trace::Setting& setting : settings) {
    text += (text.empty() ? "" : " ") + std::string(trace::info(setting.id).name) + "=";
    text += trace::value_name(setting.id, setting.value);
  }
  return text;
}

TEST(Switches, DifferencesMakeTheOtherProtocol) {
  for (std::size_t from = 0; from < trace::protocol_count(); from++)
    for (std::size_t to = 0; to < trace::protocol_count(); to++) {
      const auto one = static_cast<trace::ProtocolId>(from), other = static_cast<trace::ProtocolId>(to);
      const auto different = differences(one, other);
      EXPECT_EQ(different.empty(), from == to);
      EXPECT_EQ(kernel::protocol_value(one, different), kernel::protocol_value(other));
    }
}

// What is mapped at once stays mapped over a last put under upstream, and under v1 it is a
// load of a hole that counts the zero page.
constexpr const char* kZeroPage =
    "protocol upstream\ngeometry files=1 blocks=4 pmd_order=1 mms=1\n"
    "T0: alloc a+0 len=1\nT0: mmap a+0 len=1 -> m0\nT0: fault m0+0 read\nT1: fsync a\n";

TEST(Switches, OneThatChangesTheVerdictIsFound) {
  const Flips found = flips(parsed(kZeroPage), trace::ProtocolId::upstream, trace::ProtocolId::v1, {}, 2);
  EXPECT_EQ(found.from, "pass");
  EXPECT_EQ(found.to, "zero-page-counted in dax_load_hole");
  ASSERT_EQ(found.smallest.size(), 1u);
  EXPECT_EQ(text(found.smallest[0]), "zero_page_counted=yes");
  EXPECT_FALSE(found.undecided);
  EXPECT_FALSE(found.stopped);
}

TEST(Switches, WhatTheProgramSetsIsNotChanged) {
  std::string fixed = kZeroPage;
  fixed.insert(fixed.find("geometry"), "set zero_page_counted=no\n");
  const Flips found = flips(parsed(fixed), trace::ProtocolId::upstream, trace::ProtocolId::v1, {}, 1);
  EXPECT_EQ(found.from, "pass");
  EXPECT_EQ(found.to, found.from);
  EXPECT_TRUE(found.smallest.empty());
  EXPECT_EQ(found.searches, 2u);
}

TEST(Switches, NothingIsSaidOfASearchThatWasCut) {
  ProgramLimits limits;
  limits.executions = 1;
  const Flips found = flips(parsed(kZeroPage), trace::ProtocolId::upstream, trace::ProtocolId::legacy, limits, 1);
  EXPECT_EQ(found.from, "");
  EXPECT_TRUE(found.smallest.empty());
}

}  // namespace
}  // namespace daxfuzz::explore
