// SPDX-License-Identifier: GPL-2.0-only
// The text form against files: testdata/good-*.daxt print as they are,
// loose-NAME.daxt prints as good-NAME.daxt, bad-*.daxt are refused with the line
// of messages.txt. Every example of docs/trace-format.md parses.
#include "trace/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace daxfuzz::trace {
namespace {

constexpr std::string_view kHead = "daxt 1\n";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Paths of trace/testdata whose name begins so, by name.
std::map<std::string, std::string> testdata(std::string_view prefix) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("trace/testdata")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix)) files[name] = read_file(entry.path());
  }
  return files;
}

std::string error_of(std::string_view text, Parse mode = Parse::strict) {
  const auto parsed = parse(text, "x", mode);
  return parsed ? "no error" : parsed.error().str();
}

Trace parsed(std::string_view text) {
  const auto read = parse(text, "x");
  EXPECT_TRUE(read.has_value()) << read.error().str();
  return read ? read->trace : Trace{};
}

std::string with_op(std::string_view line) { return std::string(kHead) + std::string(line) + "\n"; }

TEST(Golden, GoodFilesPrintAsTheyAre) {
  const auto files = testdata("good-");
  EXPECT_GE(files.size(), 4u);
  for (const auto& [name, text] : files) {
    const auto read = parse(text, name);
    ASSERT_TRUE(read.has_value()) << read.error().str();
    EXPECT_EQ(print(read->trace), text);
    EXPECT_TRUE(valid(read->trace.program));
  }
}

TEST(Golden, LooseFilesPrintAsTheirGoodTwins) {
  const auto files = testdata("loose-");
  EXPECT_GE(files.size(), 3u);
  for (const auto& [name, text] : files) {
    const auto read = parse(text, name);
    ASSERT_TRUE(read.has_value()) << read.error().str();
    EXPECT_EQ(print(read->trace), testdata("good-" + name.substr(6)).begin()->second);
  }
}

TEST(Golden, BadFilesAreRefusedWithTheirMessage) {
  const auto files = testdata("bad-");
  EXPECT_GE(files.size(), 50u);
  std::string found;
  for (const auto& [name, text] : files) {
    const auto read = parse(text, name);
    found += (read ? name + ": accepted" : read.error().str()) + "\n";
  }
  EXPECT_EQ(found, read_file("trace/testdata/messages.txt"));
}

TEST(Documentation, EveryExampleIsCanonical) {
  const std::string doc = read_file("docs/trace-format.md");
  const std::string open = "```daxt\n";
  std::size_t examples = 0;
  for (std::size_t at = doc.find(open); at != std::string::npos; at = doc.find(open, at)) {
    at += open.size();
    const std::string example = doc.substr(at, doc.find("```", at) - at);
    const auto read = parse(example, "example");
    ASSERT_TRUE(read.has_value()) << read.error().str() << "\n" << example;
    EXPECT_EQ(print(read->trace), example);
    ++examples;
  }
  EXPECT_GE(examples, 3u);
}

TEST(Documentation, NamesEveryOpSwitchAndProtocol) {
  const std::string doc = read_file("docs/trace-format.md");
  const auto named = [&](std::string_view word) {
    return doc.find("`" + std::string(word) + "`") != std::string::npos;
  };
  for (std::size_t i = 0; i < op_count(); ++i) {
    EXPECT_TRUE(named(info(static_cast<OpCode>(i)).name)) << info(static_cast<OpCode>(i)).name;
  }
  for (std::size_t i = 0; i < switch_count(); ++i) {
    EXPECT_TRUE(named(info(static_cast<SwitchId>(i)).name)) << info(static_cast<SwitchId>(i)).name;
  }
  for (std::size_t i = 0; i < protocol_count(); ++i) {
    EXPECT_TRUE(named(name(static_cast<ProtocolId>(i)))) << name(static_cast<ProtocolId>(i));
  }
}

// Not files, because the tree holds text only.
TEST(Bad, BytesThatAreNotTextAreNamed) {
  const std::string_view rest = "; a .daxt file is text";
  const auto refused = [&](std::string_view line, std::string_view where) {
    std::string want = "x:2:";
    EXPECT_EQ(error_of(with_op(line)), (want += where) += rest);
  };
  refused(std::string_view("T0: \0", 5), "5: expected printable ASCII, found byte 0x00");
  refused("# \x1b[2J", "3: expected printable ASCII, found byte 0x1b");
  refused("# caf\xc3\xa9", "6: expected printable ASCII, found byte 0xc3");
  refused("T0:\rfsync a", "4: expected printable ASCII, found byte 0x0d");
  refused("T0: fsync a\x7f", "12: expected printable ASCII, found byte 0x7f");
}

TEST(Limits, AFileThatIsTooLongIsRefused) {
  std::string text = with_op("T0: fsync a");
  text += std::string(kTextBytesMax - text.size(), '\n');
  EXPECT_EQ(error_of(text), "no error");
  EXPECT_EQ(error_of(text + "\n"), "x:1:1: expected at most " + std::to_string(kTextBytesMax) +
                                       " bytes, found " + std::to_string(kTextBytesMax + 1));
}

TEST(Limits, ALineThatIsTooLongIsRefused) {
  const std::string comment = "#" + std::string(kTextLineCharsMax - 1, 'x');
  EXPECT_EQ(error_of(with_op(comment + "\nT0: fsync a")), "no error");
  EXPECT_EQ(error_of(with_op(comment + "x\nT0: fsync a")),
            "x:2:513: expected a line of at most 512 characters, found 513");
}

std::string repeated(std::string_view line, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line;
  return text;
}

// `max` times this line is right; the first one more is refused where it stands.
void line_is_bounded(const std::string& head, std::string_view line, std::size_t max,
                     std::size_t column, const std::string& what) {
  EXPECT_EQ(error_of(head + repeated(line, max)), "no error") << line;
  const auto number = 1 + static_cast<std::size_t>(std::ranges::count(head, '\n')) + max;
  const std::string want = "x:" + std::to_string(number) + ":" + std::to_string(column) +
                           ": expected at most " + std::to_string(max) + " " + what;
  EXPECT_EQ(error_of(head + repeated(line, max + 1)), want);
}

TEST(Limits, CountsAreBounded) {
  const std::string head(kHead);
  const std::string op = "T0: fsync a\n";
  line_is_bounded(head, op, kOpsMax, 1, "ops, found 'T0:'");
  line_is_bounded(head + op, "#\n", kCommentsMax, 1, "comments, found '#'");
  line_is_bounded(head + op, "schedule T0*1\n", kSwitchesMax, 10, "segments, found 'T0*1'");
  line_is_bounded(head + op, "schedule bytes 07\n", kScheduleBytesMax, 16,
                  "schedule bytes, found '07'");
}

TEST(Lenient, SkipsWhatItDoesNotKnowWithAWarning) {
  const auto read = parse(
      "daxt 1\nprotocol w1\nmutant x\n# stays before the set line\nset nothing=1\nset share=none\n"
      "set share=none\ngeometry files=3 folios=4\nT0: frob a\nT0: fsync c\ndigest 1\ndigest 2\n",
      "x", Parse::lenient);
  ASSERT_TRUE(read.has_value()) << read.error().str();
  std::string warnings;
  for (const ParseError& warning : read->warnings) warnings += std::to_string(warning.line) + " ";
  EXPECT_EQ(warnings, "2 3 5 7 8 9 12 ");
  EXPECT_EQ(print(read->trace),
            "daxt 1\nprotocol    upstream\n# stays before the set line\nset         share=none\n"
            "geometry    files=3 blocks=8 pmd_order=2 mms=1\nT0: fsync   c\n"
            "schedule    random seed=0\ndigest      0000000000000001\n");
}

TEST(Lenient, StillRefusesWhatIsMalformed) {
  EXPECT_NE(error_of("daxt 2\nT0: fsync a\n", Parse::lenient), "no error");
  EXPECT_NE(error_of(with_op("T0: fsync z"), Parse::lenient), "no error");
  EXPECT_NE(error_of(with_op("T0: frob z"), Parse::lenient), "no error");  // no op is left
}

TEST(Strict, WarnsOfNothing) { EXPECT_TRUE(parse(with_op("T0: fsync a"), "x")->warnings.empty()); }

TEST(Errors, NeverHoldAControlByte) {
  ParseError error{"\x1b[2J.daxt", 1, 2, "found '\x07\xff'"};
  EXPECT_EQ(error.str(), "\\x1b[2J.daxt:1:2: found '\\x07\\xff'");
}

TEST(Errors, QuoteOnlyTheBeginningOfALongWord) {
  const std::string message = error_of(with_op("T0: " + std::string(400, 'x')));
  EXPECT_NE(message.find("found '" + std::string(40, 'x') + "...'"), std::string::npos) << message;
  EXPECT_NE(message.find("known are mmap, munmap,"), std::string::npos) << message;
}

TEST(Header, FindsKeysAndTrimsValues) {
  const Trace trace = parsed(
      "#verdict wrong\ndaxt 1\n# verdict   FAIL a in b  \n# expect x\n# verdicts y\n"
      "#  expect\ty z\n# expect\nT0: fsync a\n");
  EXPECT_EQ(header(trace, "verdict"), "FAIL a in b");
  EXPECT_EQ(headers(trace, "expect"), (std::vector<std::string_view>{"x", "y z", ""}));
  EXPECT_EQ(header(trace, "missing"), "");
  EXPECT_EQ(header(trace, ""), "");
}

TEST(Header, IsAddedBelowTheFirstLineInOrder) {
  Trace trace = parsed("# top\ndaxt 1\nT0: fsync a\n# end\n");
  set_header(trace, "verdict", "PASS");
  set_header(trace, "found-by-something", "me");
  EXPECT_TRUE(print(trace).starts_with(
      "# top\ndaxt 1\n# verdict   PASS\n# found-by-something me\nprotocol"))
      << print(trace);
  EXPECT_EQ(parsed(print(trace)), trace);
}

TEST(Header, KeepsItsColumnAndItsPlace) {
  Trace trace = parsed("daxt 1\n#  verdict     FAIL x\n# expect\nT0: fsync a\n");
  set_header(trace, "verdict", "PASS");
  set_header(trace, "expect", "y");
  EXPECT_EQ(trace.comments[0].text, "#  verdict     PASS");
  EXPECT_EQ(trace.comments[1].text, "# expect    y");
}

TEST(Header, CannotBreakTheFile) {
  Trace trace = parsed(with_op("T0: fsync a") + repeated("#\n", kCommentsMax));
  set_header(trace, "note", "two\nlines \x1b[0m" + std::string(1000, 'x'));
  EXPECT_TRUE(header(trace, "note").starts_with("two\\x0alines \\x1b[0mxxx"));
  EXPECT_EQ(parsed(print(trace)), trace);
}

// The short segments would end in column 81.
TEST(Print, WrapsSchedulesAt80Columns) {
  for (const Segment& segment : {Segment{3, 12345, "a_label"}, Segment{0, 1, ""}}) {
    Trace trace = parsed(with_op("T0: fsync a"));
    trace.program.schedule.strategy = Strategy::replay;
    trace.program.schedule.segments.assign(500, segment);
    std::istringstream lines(print(trace));
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
    EXPECT_LE(longest, 80u);
    EXPECT_GE(longest, 70u);
    EXPECT_EQ(parsed(print(trace)), trace);
  }
}

TEST(Print, WhatIsOutOfRangeIsClampedSoThatItParses) {
  Trace trace = parsed(with_op("T0: fsync a"));
  trace.program.ops[0].file = 9;
  trace.program.schedule.strategy = Strategy::replay;
  trace.program.schedule.segments = {{0, 0, "two words\n"}};
  EXPECT_EQ(parsed(print(trace)).program, clamped(trace.program));
}

}  // namespace
}  // namespace daxfuzz::trace
