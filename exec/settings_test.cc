// SPDX-License-Identifier: GPL-2.0-only
// Any two settings on top of any protocol make a machine that runs: a rule may be broken
// there, which is a finding, but no CHECK of the port may fail, which ends the process.
// What the switches mean is docs/protocols.md; that each is asked is corpus/claims_test.cc.
#include <gtest/gtest.h>

#include <vector>

#include "exec/execute.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

trace::Program program(const std::string& text) {
  const auto parsed = trace::parse("daxt 1\n" + text, "test");
  EXPECT_TRUE(parsed.has_value()) << parsed.error().str();
  return parsed.has_value() ? parsed->trace.program : trace::Program{};
}

// Pages of a PMD, of one file and of two, pinned and mapped, until their entries go.
const std::string kPmd =
    "geometry    files=2 blocks=8 pmd_order=1 mms=1\n"
    "T0: alloc   a+0 len=2\n"
    "T0: mmap    a+0 len=2 -> m0\n"
    "T0: fault   m0+0 write 0x01\n"
    "T0: pin     m0+1 read pin fast -> p0\n"
    "T0: unpin   p0\n";
const std::string kUnshared = kPmd + "T0: fsync   a\nT0: fault   m0+1 write 0x02\nT0: truncate a 0\n";
const std::string kShared = kPmd +
                            "T0: mmap    b+0 len=2 -> m1\n"
                            "T0: reflink a+0 b+0 len=2\n"
                            "T0: fault   m1+0 read\n"
                            "T0: fault   m0+0 read\n"
                            "T0: write   a+0 len=1 0x03\n"
                            "T0: munmap  m1\n"
                            "T0: unlink  b\n"
                            "T0: punch   a+0 len=2\n";

std::vector<trace::Setting> all_settings() {
  std::vector<trace::Setting> all;
  for (std::size_t i = 0; i < trace::switch_count(); i++)
    for (std::size_t v = 0; v < trace::value_count(static_cast<trace::SwitchId>(i)); v++)
      all.push_back({static_cast<trace::SwitchId>(i), static_cast<std::uint8_t>(v)});
  return all;
}

TEST(Settings, AnyTwoOnAnyProtocolMakeAMachineThatRuns) {
  const std::vector<trace::Setting> all = all_settings();
  for (const std::string& text : {kUnshared, kShared}) {
    trace::Program p = program(text);
    for (std::size_t id = 0; id < trace::protocol_count(); id++)
      for (const trace::Setting& one : all)
        for (const trace::Setting& other : all) {
          if (one.id >= other.id) continue;
          p.protocol = static_cast<trace::ProtocolId>(id);
          p.settings = {one, other};
          EXPECT_GT(execute(p).steps, 0u);
        }
  }
}

// A PMD entry whose pages stay apart is counted and associated page by page, however a
// page that is shared is told.
TEST(Settings, PagesThatStayApartAreAssociatedEach) {
  for (const char* share : {"null_mapping", "flag_0x4", "index_0x1"})
    EXPECT_EQ(execute(program("protocol    legacy\nset         share=" + std::string(share) + "\n" +
                              kUnshared)).signature(), "pass") << share;
}

}  // namespace
}  // namespace daxfuzz::exec
