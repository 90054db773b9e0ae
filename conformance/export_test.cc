// SPDX-License-Identifier: GPL-2.0-only
// What a trace becomes before it is text of C or of a shell: its ops with what the model says of
// them, its story, its names. The whole is looked at by cli/export_test.sh.
#include "conformance/export.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/testing.h"
#include "exec/execute.h"

namespace daxfuzz::conformance {
namespace {

std::expected<Export, std::string> exported(const std::string& text, std::string_view stem = "t") {
  const kernel::testing::KernelRaces races;
  const auto parsed = trace::parse("daxt 1\n" + text, "test");
  EXPECT_TRUE(parsed.has_value()) << (parsed.has_value() ? "" : parsed.error().str());
  const exec::Execution execution = exec::execute(parsed->trace.program);
  return export_of(parsed->trace, execution, stem, "daxfuzz 9.9");
}

bool tells(const Export& of, std::string_view line) {
  return std::ranges::any_of(of.about,
                             [&](const std::string& each) { return each.contains(line); });
}

constexpr const char* kWaits =
    "protocol    legacy\ngeometry    files=1 blocks=4 pmd_order=1 mms=1\n"
    "T0: write   a+0 len=1 0x11\nT0: mmap    a+0 len=1 -> m0\nT0: pin     m0+0 read pin fast -> p0\n"
    "T0: truncate a 0\nschedule    random seed=1\n";

TEST(Export, AnOpIsALineWithWhatTheModelSaysOfIt) {
  const auto out = exported(kWaits);
  ASSERT_TRUE(out.has_value()) << out.error();
  EXPECT_TRUE(out->script.starts_with("\t\"daxconf-script 1\\n\"\n\t\"files 1\\n\"\n")) << out->script;
  EXPECT_TRUE(out->script.contains("\t\"op 0 0 0 write 0 0 4096 17\\n\" /* T0: write   a+0 len=1 "
                                   "0x11; the model: ok 0 */\n"))
      << out->script;
  EXPECT_TRUE(out->script.contains("truncate 0 0\\n\" /* T0: truncate a 0; the model: blocked */\n"))
      << out->script;
  EXPECT_TRUE(out->script.ends_with("\t\"end\\n\"\n")) << out->script;
}

TEST(Export, AnOpThatNeverEndsIsTheLast) {
  const auto out = exported(
      "protocol    entry_ref\nset         busy_test=ref_nonzero\n"
      "geometry    files=1 blocks=1 pmd_order=2 mms=1\nT0: write   a+0 len=1 0x11\n"
      "T0: mmap    a+0 len=1 -> m0\nT0: fault   m0+0 write 0x22\nT0: truncate a 0\nT0: fsync   a\n"
      "schedule    random seed=1\n");
  ASSERT_TRUE(out.has_value()) << out.error();
  EXPECT_TRUE(out->script.contains("T0: truncate a 0; the model: never ends */\n\t\"end"))
      << out->script;
  EXPECT_TRUE(tells(*out, "The model goes no further than the last op here: an op spins for ever."));
  EXPECT_TRUE(tells(*out, "Look for: an op that never ends"));
  EXPECT_TRUE(tells(*out, "No released kernel is like that"));
  EXPECT_EQ(out->groups, (std::vector<std::string>{"dangerous", "quick", "dax", "mmap"}));
}

TEST(Export, SaysHowPinsAreTaken) {
  const auto out = exported(kWaits);
  ASSERT_TRUE(out.has_value()) << out.error();
  EXPECT_TRUE(tells(*out, "Where the trace wants FOLL_PIN, process_vm_readv(2) takes it"));
  EXPECT_FALSE(tells(*out, "MADV_POPULATE_WRITE"));
  EXPECT_FALSE(tells(*out, "FOLL_LONGTERM"));
}

TEST(Export, NoCommentOfATraceEndsOurs) {
  const auto out = exported(std::string("# why       */*/ /*/ \n") + kWaits);
  ASSERT_TRUE(out.has_value()) << out.error();
  EXPECT_TRUE(tells(*out, "why       * / * / / * / "));
  for (const std::string& line : out->about) {
    EXPECT_FALSE(line.contains("*/") || line.contains("/*") || line.contains('\n')) << line;
  }
}

TEST(Export, ANameIsAWordOfAnyShell) {
  const auto out = exported(kWaits, "a b$(c)\n/../");
  ASSERT_TRUE(out.has_value()) << out.error();
  EXPECT_EQ(test_name(*out), "900-daxfuzz-a-b--c------");
  EXPECT_EQ(source_name(*out), "daxfuzz-a-b--c------");
  EXPECT_EQ(golden_of(*out), "QA output created by " + test_name(*out) + "\nSilence is golden\n");
}

TEST(Export, WhatOnlyAModuleDoesIsRefused) {
  const auto out = exported(
      "protocol    legacy\ngeometry    files=1 blocks=1 pmd_order=1 mms=1\n"
      "T0: invalidate a+0 len=1\nschedule    random seed=1\n");
  ASSERT_FALSE(out.has_value());
  EXPECT_EQ(out.error(), "invalidate: no system call drops DAX entries and does nothing else");
}

}  // namespace
}  // namespace daxfuzz::conformance
