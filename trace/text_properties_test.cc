// SPDX-License-Identifier: GPL-2.0-only
// Properties of both spellings over generated programs, and of the parser over
// bytes that are nearly or not at all a trace.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "trace/bytes.h"
#include "trace/generators.h"
#include "trace/text.h"

namespace daxfuzz::trace {
namespace {

using Bytes = std::vector<std::uint8_t>;

Program without_labels(Program program) {
  for (Segment& segment : program.schedule.segments) segment.label.clear();
  return program;
}

// A printed trace after some edits of single bytes and lines.
std::string mutated_text() {
  std::string text = print(*arbitrary_trace());
  const int edits = *rc::gen::inRange(1, 6);
  for (int i = 0; i < edits && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const std::size_t line = std::min(text.find('\n', at), text.size() - 1) + 1;
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, 1, *rc::gen::elementOf(std::string(" \n#:=+*@>-m0pT9x")));
        break;
      case 3:
        text.erase(at, line - at);
        break;
      case 4:
        text.insert(line, text.substr(at, line - at));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

// Whatever was parsed prints to a fixed point, and an error is one clean line.
void parse_is_sane(std::string_view text, Parse mode) {
  const auto first = parse(text, "x", mode);
  if (!first) {
    const std::string error = first.error().str();
    RC_ASSERT(std::ranges::all_of(error, [](char c) { return c >= ' ' && c <= '~'; }));
    RC_ASSERT(first.error().what.starts_with("expected "));
    RC_ASSERT(first.error().line >= 1u && first.error().column >= 1u);
    RC_ASSERT(first.error().line <= 2u + static_cast<std::size_t>(std::ranges::count(text, '\n')));
    RC_ASSERT(error.size() < 1000u);
    return;
  }
  RC_ASSERT(valid(first->trace.program));
  const std::string once = print(first->trace);
  const auto second = parse(once, "x");
  RC_ASSERT(second.has_value());
  RC_ASSERT(second->trace == first->trace);
  RC_ASSERT(print(second->trace) == once);
}

RC_GTEST_PROP(Generators, ProgramsAreValid, ()) {
  const Program program = *arbitrary_program();
  RC_ASSERT(valid(program));
  RC_ASSERT(!program.ops.empty());
}

RC_GTEST_PROP(BytesProperties, DecodeUndoesEncode, ()) {
  const Program program = *arbitrary_program();
  RC_ASSERT(decode(encode(program)) == without_labels(program));
}

RC_GTEST_PROP(BytesProperties, EveryStringDecodesAndEncodesCanonically, (const Bytes& bytes)) {
  const Program program = decode(bytes);
  RC_ASSERT(valid(program));
  const Bytes canonical = encode(program);
  RC_ASSERT(decode(canonical) == program);
  RC_ASSERT(encode(decode(canonical)) == canonical);
}

RC_GTEST_PROP(BytesProperties, AChangedByteStillDecodes, ()) {
  Bytes bytes = encode(*arbitrary_program());
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<std::uint8_t>();
  RC_ASSERT(valid(decode(bytes)));
}

// With an op and a geometry as they come.
RC_GTEST_PROP(BytesProperties, ValidIsWhatClampedLeavesAsItIs, ()) {
  Program program = *arbitrary_program();
  program.ops.front() = *arbitrary_op();
  if (*rc::gen::arbitrary<bool>()) program.geometry = *arbitrary_geometry();
  RC_ASSERT(valid(program) == (program == clamped(program)));
}

RC_GTEST_PROP(TextProperties, ParseUndoesPrint, ()) {
  const Trace trace = *arbitrary_trace();
  const auto read = parse(print(trace), "x");
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->trace == trace);
}

RC_GTEST_PROP(TextProperties, ProgramOfTheTextIsTheProgramOfTheBytes, ()) {
  Trace trace;
  trace.program = decode(encode(*arbitrary_program()));
  RC_ASSERT(parse(print(trace), "x")->trace.program == trace.program);
}

RC_GTEST_PROP(TextProperties, ArbitraryBytesAreSane, (const std::string& text)) {
  parse_is_sane(text, Parse::strict);
  parse_is_sane(text, Parse::lenient);
  parse_is_sane("daxt 1\n" + text, Parse::lenient);
}

RC_GTEST_PROP(TextProperties, MutatedTextIsSane, ()) {
  const std::string text = mutated_text();
  parse_is_sane(text, Parse::strict);
  parse_is_sane(text, Parse::lenient);
}

RC_GTEST_PROP(TextProperties, LenientAcceptsWhatStrictAccepts, ()) {
  const std::string text = mutated_text();
  const auto strict = parse(text, "x");
  const auto lenient = parse(text, "x", Parse::lenient);
  RC_PRE(strict.has_value());
  RC_ASSERT(lenient.has_value());
  RC_ASSERT(lenient->trace == strict->trace);
  RC_ASSERT(lenient->warnings.empty());
}

// Linear in what it keeps: a lenient parse of the longest hostile text has no
// more warnings than lines.
TEST(TextProperties, TheLongestTextHasOneWarningALineAtMost) {
  std::string text = "daxt 1\nT0: fsync a\n";
  std::size_t skipped = 0;
  for (; text.size() + 6 <= kTextBytesMax; ++skipped) text += "T0: x\n";
  const auto read = parse(text, "x", Parse::lenient);
  ASSERT_TRUE(read.has_value()) << read.error().str();
  EXPECT_EQ(read->warnings.size(), skipped);
}

}  // namespace
}  // namespace daxfuzz::trace
