// SPDX-License-Identifier: GPL-2.0-only
// Every claim of the mail that started the project, as a program whose verdict
// under each protocol is written in the file. Built plain, with ASan and with TSan,
// the digests in the files are the determinism gate: they must be the same.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "corpus/expectations.h"
#include "model/protocol.h"

namespace daxfuzz::corpus {
namespace {

constexpr int kReplays = 20;
const std::string kFolder = "corpus/claims";

File loaded(const std::string& path) {
  const auto file = load(path);
  EXPECT_TRUE(file.has_value()) << file.error();
  return file.value_or(File{});
}

TEST(Claims, AreThere) { EXPECT_FALSE(list(kFolder).empty()); }

class Claim : public testing::TestWithParam<std::string> {};

TEST_P(Claim, SaysWhatIsClaimed) { EXPECT_FALSE(loaded(GetParam()).claim.empty()); }
TEST_P(Claim, ReplaysToItsDigest) { EXPECT_EQ(broken_replay(loaded(GetParam())), ""); }
TEST_P(Claim, HoldsAsExpected) { EXPECT_EQ(broken_expectations(loaded(GetParam())), ""); }
TEST_P(Claim, IsDeterministic) {
  EXPECT_EQ(broken_determinism(loaded(GetParam()), kReplays), "");
}

// The checks can fail: each promise of each file, broken in memory, is missed.
TEST_P(Claim, ABrokenPromiseIsNoticed) {
  const File file = loaded(GetParam());
  for (std::size_t i = 0; i < file.expectations.size(); i++) {
    File flipped = file;
    flipped.expectations = {file.expectations[i]};
    std::string& verdict = flipped.expectations[0].verdict;
    verdict = verdict == "PASS" ? "FAIL refcount-mismatch in folio_put" : "PASS";
    EXPECT_NE(broken_expectations(flipped), "") << file.expectations[i].variant.spelling;
  }
  for (std::size_t i = 0; i < file.returns.size(); i++) {
    File flipped = file;
    flipped.returns = {file.returns[i]};
    flipped.returns[0].value++;
    EXPECT_NE(broken_expectations(flipped), "") << file.returns[i].variant.spelling;
  }
  ASSERT_TRUE(file.trace.digest.has_value());
  ASSERT_FALSE(file.trace.program.schedule.segments.empty());
  File other = file;
  other.trace.digest = *file.trace.digest ^ 1;
  EXPECT_NE(broken_replay(other), "");
  other = file;
  other.trace.program.schedule.segments[0].steps++;
  EXPECT_NE(broken_replay(other), "");
}

INSTANTIATE_TEST_SUITE_P(Mail, Claim, testing::ValuesIn(list(kFolder)),
                         [](const auto& info) { return test_name(info.param); });

// --- switches ---------------------------------------------------------------------

using Settings = std::vector<trace::Setting>;

// Does some trace run otherwise under some protocol with the one than with the other?
bool tells_apart(const std::vector<File>& files, const Settings& one, const Settings& other) {
  for (const File& file : files)
    for (std::size_t i = 0; i < trace::protocol_count(); i++) {
      Variant variant{.spelling = {}, .protocol = static_cast<trace::ProtocolId>(i), .settings = one};
      const std::uint64_t digest = run(file, variant).digest;
      variant.settings = other;
      if (run(file, variant).digest != digest) return true;
    }
  return false;
}

bool every_protocol_has(trace::Setting setting) {
  for (std::size_t i = 0; i < trace::protocol_count(); i++) {
    const auto id = static_cast<trace::ProtocolId>(i);
    const Settings with{setting};
    if (kernel::protocol_value(id, with) != kernel::protocol_value(id, {})) return false;
  }
  return true;
}

// A switch that the port never asks would be a protocol in name only: each value changes a run
// of a protocol that has another. Where all protocols have it, another value does.
TEST(Switches, EachValueChangesTheRunOfATrace) {
  std::vector<File> files;
  for (const char* folder : {"corpus/claims", "corpus/findings", "corpus/litmus"})
    for (const std::string& path : list(folder)) files.push_back(loaded(path));
  for (std::size_t i = 0; i < trace::switch_count(); i++) {
    const auto id = static_cast<trace::SwitchId>(i);
    for (std::size_t v = 0; v < trace::value_count(id); v++) {
      const trace::Setting one{id, static_cast<std::uint8_t>(v)};
      bool asked = false;
      if (!every_protocol_has(one)) {
        asked = tells_apart(files, {one}, {});
      } else {
        for (std::size_t w = 0; w < trace::value_count(id) && !asked; w++)
          asked = w != v && tells_apart(files, {}, {{id, static_cast<std::uint8_t>(w)}});
      }
      EXPECT_TRUE(asked) << trace::info(id).name << "=" << trace::value_name(id, one.value);
    }
  }
}

// --- headers ---------------------------------------------------------------------

constexpr std::string_view kProgram =
    "T0: read    a+0 len=1\n"
    "schedule    T0*4\n";

std::string error_of(const std::string& headers) {
  const auto file = parse_file("x", "daxt 1\n" + headers + "protocol    legacy\n" +
                                        "geometry    files=1 blocks=1 pmd_order=2 mms=1\n" +
                                        std::string(kProgram));
  return file ? "none" : file.error();
}

const std::string kAll =
    "# expect    legacy PASS\n# expect    v1 PASS\n# expect    entry_ref PASS\n"
    "# expect    upstream PASS\n# expect    legacy60 PASS\n# expect    upstream71 PASS\n"
    "# expect    zap PASS\n";

TEST(Headers, EachProtocolOnceIsEnough) { EXPECT_EQ(error_of(kAll), "none"); }

TEST(Headers, WhatIsWrongIsSaid) {
  EXPECT_EQ(error_of("# expect    legacy PASS\n# expect    upstream PASS\n"),
            "x: nothing expected of v1 entry_ref legacy60 upstream71 zap");
  EXPECT_EQ(error_of("# expect    upstream+share=none PASS\n"),
            "x: nothing expected of legacy v1 entry_ref upstream legacy60 upstream71 zap");
  EXPECT_EQ(error_of(kAll + "# expect    v1 PASS\n"), "x: expected twice: v1");
  EXPECT_EQ(error_of(kAll + "# expect    v9 PASS\n"), "x: no protocol v9");
  EXPECT_EQ(error_of(kAll + "# expect    v1+share=some PASS\n"),
            "x: no switch and value share=some");
  EXPECT_EQ(error_of(kAll + "# expect    without=luck v1 PASS\n"), "x: no checker luck");
  EXPECT_EQ(error_of(kAll + "# expect    v1+share=none FAIL\n"),
            "x: expected PASS or FAIL id in function, found 'FAIL'");
  EXPECT_EQ(error_of(kAll + "# returns   v1 1 0\n"), "x: no op 1");
  EXPECT_EQ(error_of(kAll + "# returns   v1 0\n"),
            "x: expected the number of an op and a value in 'v1 0'");
  EXPECT_EQ(error_of(kAll + "protocol   v1\n").substr(0, 5), "x:10:");
}

TEST(Headers, VariantsReachTheRun) {
  const auto one = parse_expectation("without=data,warn v1+share=flag_0x4+idle_count=1  PASS");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->variant.checkers,
            exec::kCheckAll & ~(exec::kCheckData | exec::kCheckWarn));
  EXPECT_EQ(one->variant.settings.size(), 2u);
  EXPECT_FALSE(one->variant.plain());
}

// --- docs/claims.md -----------------------------------------------------------------

TEST(Page, AgreesWithTheFiles) {
  std::ifstream stream("docs/claims.md");
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  std::vector<File> files;
  for (const std::string& path : list(kFolder)) files.push_back(loaded(path));
  EXPECT_NE(page.find("\n" + table(files)), std::string::npos)
      << "docs/claims.md should hold this table:\n" << table(files);
  std::size_t sections = 0;
  for (const File& file : files) {
    EXPECT_NE(page.find("\n### " + file.name + "\n"), std::string::npos) << file.name;
    sections++;
  }
  for (std::size_t at = page.find("\n### "); at != std::string::npos;
       at = page.find("\n### ", at + 1))
    sections--;
  EXPECT_EQ(sections, 0u) << "a section of docs/claims.md is about no file";
}

}  // namespace
}  // namespace daxfuzz::corpus
