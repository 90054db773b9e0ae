// SPDX-License-Identifier: GPL-2.0-only
// Every format of every sample against its golden file in report/testdata, and
// what must hold for all: printable ASCII, 80 columns, the signature, strict JSON.
// DAXFUZZ_UPDATE_GOLDEN=<folder> writes the golden files there instead.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "report/ascii.h"
#include "report/json.h"
#include "report/json_check.h"
#include "report/json_writer.h"
#include "report/samples.h"
#include "report/splat.h"

namespace daxfuzz::report {
namespace {

struct Form {
  const char* suffix;
  std::string (*text)(const Sample&);
  bool lines;  // for people: 80 columns
};

SplatOptions tail() {
  return {.full = false,
          .reproduce = "daxfuzz replay corpus/regressions/sample.daxt",
          .reliable = "20/20 replays, identical digest 0x000000005f1c9a02",
          .found_by = "interleaving_fuzz_test, libfuzzer seed 3221",
          .tool = "daxfuzz 0.1.0, port of Linux fs/dax.c"};
}

constexpr Form kForms[] = {
    {".splat", [](const Sample& s) { return splat(s.trace, s.run, tail()); }, true},
    {".full.splat",
     [](const Sample& s) {
       SplatOptions o = tail();
       o.full = true;
       return splat(s.trace, s.run, o);
     },
     true},
    {".json", [](const Sample& s) { return json(s.trace, s.run) + "\n"; }, false},
};

TEST(Report, Golden) {
  const char* update = std::getenv("DAXFUZZ_UPDATE_GOLDEN");
  for (const Sample& sample : samples()) {
    for (const Form& form : kForms) {
      const std::string file = sample.name + form.suffix, text = form.text(sample);
      if (update != nullptr) {
        std::ofstream(std::string(update) + "/" + file) << text;
        continue;
      }
      std::ifstream in("report/testdata/" + file);
      ASSERT_TRUE(in.is_open()) << file;
      std::stringstream golden;
      golden << in.rdbuf();
      EXPECT_EQ(golden.str(), text) << file;
    }
  }
}

TEST(Report, OnlyPrintableAsciiInEightyColumnsWithTheSignature) {
  for (const Sample& sample : samples()) {
    for (const Form& form : kForms) {
      SCOPED_TRACE(sample.name + form.suffix);
      const std::string text = form.text(sample);
      EXPECT_NE(text.find(sample.run.signature()), std::string::npos);
      EXPECT_EQ(text.back(), '\n');
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) {
        EXPECT_EQ(line, printable(line));
        if (form.lines) {
          EXPECT_LE(line.size(), kColumns) << line;
        }
      }
    }
  }
}

TEST(Report, FirstLineOfAFindingIsTheSignatureAlone) {
  for (const Sample& sample : samples()) {
    if (!sample.run.failed()) continue;
    const std::string text = splat(sample.trace, sample.run);
    EXPECT_EQ(
        text.substr(text.find('\n') + 1).find("BUG: DAXFUZZ: " + sample.run.signature() + "\n"),
        0u);
  }
}

TEST(Report, FailingStepIsMarkedOnce) {
  for (const Sample& sample : samples()) {
    if (!sample.run.failed()) continue;
    for (bool full : {false, true}) {
      const std::string text =
          splat(sample.trace, sample.run,
                {.full = full, .reproduce = {}, .reliable = {}, .found_by = {}, .tool = {}});
      std::size_t marks = 0;
      for (std::size_t at = text.find("\n! "); at != std::string::npos;
           at = text.find("\n! ", at + 1))
        ++marks;
      EXPECT_EQ(marks, 1u) << text;
    }
  }
}

TEST(Report, ALongCommandStaysWhole) {
  const std::string path = "out/findings/entry_ref/" + std::string(40, 'x') + "-12345678.daxt";
  const std::string text = splat(samples()[0].trace, samples()[0].run,
                                 {.full = false,
                                  .reproduce = "daxfuzz replay " + path,
                                  .reliable = {},
                                  .found_by = {},
                                  .tool = {}});
  EXPECT_NE(text.find("Reproduce:  daxfuzz replay \\\n  " + path + "\n"), std::string::npos)
      << text;
}

TEST(Report, FullShowsEveryEvent) {
  for (const Sample& sample : samples()) {
    const std::string text =
        splat(sample.trace, sample.run,
              {.full = true, .reproduce = {}, .reliable = {}, .found_by = {}, .tool = {}});
    const std::string count = std::to_string(sample.run.events.size());
    EXPECT_NE(text.find(count + " of " + count + " events shown"), std::string::npos);
  }
}

TEST(Report, JsonIsStrict) {
  for (const Sample& sample : samples()) EXPECT_EQ(json_error(json(sample.trace, sample.run)), "");
  std::string bytes;
  for (int b = 0; b < 256; ++b) bytes += static_cast<char>(b);
  EXPECT_EQ(json_error(json_string(bytes)), "");
}

TEST(Report, JsonCheckIsNotBlind) {
  for (const char* bad :
       {"", "{", "{}x", "{\"a\":1,}", "[1,]", "{'a':1}", "\"\t\"", "\"\\x\"", "01", "+1", "nul",
        "{\"a\" 1}", "[1 2]", "\"abc", "{\"a\":1,\"a\":2}", "-", "1.", "\"\\u00g0\""})
    EXPECT_NE(json_error(bad), "") << bad;
  for (const char* good :
       {"{}", "[]", "[1,-2,3.5,1e9,true,false,null]", "{\"a\":{\"b\":[\"\\u00ff\\n\"]}}"})
    EXPECT_EQ(json_error(good), "") << good;
}

TEST(Report, JsonTellsOpsThatNeverEnded) {
  const std::string text = json(samples()[0].trace, samples()[0].run);
  EXPECT_NE(text.find("\"result\":null"), std::string::npos);
  EXPECT_NE(text.find("\"result\":-11,\"errno\":\"-EAGAIN\""), std::string::npos);
  EXPECT_EQ(text.find(std::to_string(std::numeric_limits<std::int64_t>::min())), std::string::npos);
}

TEST(Ascii, Fields) {
  EXPECT_EQ(field("  key: ", ""), "  key:\n");
  EXPECT_EQ(field("k: ", "a  b"), "k: a b\n");
  EXPECT_EQ(field("k: ", std::string(80, 'x')), "k: " + std::string(77, 'x') + "\n   xxx\n");
  EXPECT_EQ(field("k: ", std::string(76, 'x') + " yy"), "k: " + std::string(76, 'x') + "\n   yy\n");
}

TEST(Ascii, Names) {
  EXPECT_EQ(result_name(0), "0");
  EXPECT_EQ(result_name(-22), "-EINVAL");
  EXPECT_EQ(result_name(-4000), "-4000");
  EXPECT_EQ(result_name(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(hex64(0), "0x0000000000000000");
  EXPECT_EQ(hex64(~std::uint64_t{0}), "0xffffffffffffffff");
  EXPECT_EQ(hex64(0x5f1c9a02), "0x000000005f1c9a02");
}

}  // namespace
}  // namespace daxfuzz::report
