// SPDX-License-Identifier: GPL-2.0-only
// The spellings of a program: what is printed is read again, and whatever is read, from lines that are nearly a trace
// or from bytes, is a valid program that has one spelling. More about them: trace/text_properties_test.cc.
#include <rapidcheck.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "properties/property.h"
#include "trace/bytes.h"
#include "trace/generators.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using trace::Program;
using trace::Trace;

// Words of traces, and some that are nearly such.
std::vector<std::string> words() {
  std::vector<std::string> all = {
      "T0:", "T1:", "T9:", "a", "b", "e", "a+0", "b+7", "a+99", "m0", "m0+0", "-> m1", "-> p0", "p0", "len=1", "len=0",
      "len=65536", "read", "write", "0x5a", "0x1ff", "pin", "get", "fast", "longterm", "fail_nth=1", "geometry",
      "files=2", "blocks=4", "blocks=-1", "pmd_order=2", "mms=4", "protocol", "upstream", "set",
      "busy_test=ref_nonzero",
      "schedule", "random", "7", "bytes", "00", "T0*6", "T1@xa_lock*9", "T0*0", "digest", "5f1c9a02", "daxt", "1", "#",
      "# verdict", "18446744073709551616", "\t", "\x7f",
      "T0: write a+0 len=1 0xe5", "T0: mkwrite m0+0 0xff", "geometry files=2 blocks=4", "schedule random seed=3"};
  for (std::size_t i = 0; i < trace::op_count(); i++)
    all.emplace_back(trace::info(static_cast<trace::OpCode>(i)).name);
  return all;
}

// A printed trace in which some lines are others, or have become two.
rc::Gen<std::string> nearly_a_trace() {
  const auto word = rc::gen::resize(rc::kNominalSize, rc::gen::elementOf(words()));
  const auto line = rc::gen::map(rc::gen::resize(6, rc::gen::container<std::vector<std::string>>(word)),
                                 [](const std::vector<std::string>& all) {
                                   std::string text;
                                   for (const std::string& word : all) text += (text.empty() ? "" : " ") + word;
                                   return text;
                                 });
  const auto place = rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, 40));
  const auto edit = rc::gen::tuple(place, rc::gen::arbitrary<bool>(), line);
  return rc::gen::apply(
      [](const Trace& trace, const auto& edits) {
        std::vector<std::string> lines;
        std::istringstream in(trace::print(trace));
        for (std::string one; std::getline(in, one);) lines.push_back(one);
        for (const auto& [at, insert, text] : edits) {
          const auto here = lines.begin() + static_cast<std::ptrdiff_t>(at % lines.size());
          if (insert) lines.insert(here, text);
          else *here = text;
        }
        std::string out;
        for (const std::string& one : lines) out += one + "\n";
        return out;
      },
      trace::arbitrary_trace(),
      rc::gen::scale(0.05, rc::gen::container<std::vector<std::tuple<std::size_t, bool, std::string>>>(edit)));
}

void fail(Trial& trial, const std::string& why, const std::string& text) {
  if (why.empty()) return;
  const std::string header = "# property  " + trial.property().full_name() + "\n# seed      " +
                             std::to_string(trial.search().seed) + "\n# because   " + why + "\n";
  trial.failed(why, [header, text] { return header + text; }, false);
}

std::string read_badly(const std::string& text, trace::Parse mode) {
  const auto first = trace::parse(text, "x", mode);
  if (!first) {
    const std::string error = first.error().str();
    const bool clean = std::ranges::all_of(error, [](char c) { return c >= ' ' && c <= '~'; });
    if (!clean) return "an error is not one clean line";
    return first.error().what.starts_with("expected ") ? "" : "an error does not say what was expected";
  }
  if (!trace::valid(first->trace.program)) return "what was read is no valid program";
  const std::string once = trace::print(first->trace);
  const auto second = trace::parse(once, "x");
  if (!second) return "what was read and printed is not read again: " + second.error().str();
  if (!(second->trace == first->trace)) return "what was read, printed and read again is another trace";
  return trace::print(second->trace) == once ? "" : "it is printed in another way the second time";
}

PROPERTY(Text, ParseUndoesPrint, "what is printed of a trace is read as that trace", "trace/text.h: print(), parse()") {
  trial.run([&] {
    const Trace trace = *trace::arbitrary_trace();
    const std::string text = trace::print(trace);
    const auto read = trace::parse(text, "x");
    fail(trial, !read ? read.error().str() : read->trace == trace ? "" : "another trace was read", text);
  });
}

PROPERTY(Text, IsReadOrRefused,
         "lines of any words are a valid program with one spelling, or an error that says what was expected",
         "trace/text.h: parse(), strict and lenient") {
  trial.run([&] {
    const std::string text = *nearly_a_trace();
    std::string why = read_badly(text, trace::Parse::strict);
    if (why.empty()) why = read_badly(text, trace::Parse::lenient);
    fail(trial, why, text);
  });
}

PROPERTY(Text, EveryStringOfBytesIsAProgram, "any bytes are a valid program, and a program is what its bytes are",
         "trace/bytes.h: decode() is total") {
  trial.run([&] {
    const auto of_bytes = rc::gen::map(rc::gen::arbitrary<std::vector<std::uint8_t>>(),
                                       [](const std::vector<std::uint8_t>& bytes) { return trace::decode(bytes); });
    Program program = *rc::gen::oneOf(of_bytes, trace::arbitrary_program());
    for (trace::Segment& segment : program.schedule.segments) segment.label.clear();  // bytes have none
    std::string why = trace::valid(program) ? "" : "not a valid program";
    if (why.empty() && !(trace::decode(trace::encode(program)) == program)) why = "its bytes are another program";
    Trace as_text;
    as_text.program = program;
    fail(trial, why, trace::print(as_text));
  });
}

}  // namespace
}  // namespace daxfuzz::properties
