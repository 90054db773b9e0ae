// SPDX-License-Identifier: GPL-2.0-only
// Hostile text: parse() ends with a trace or with one clean line, strict or lenient, and
// what it took is printed as a text that parses to the same and prints to itself. No custom
// mutator: the input is text. Read next: trace/text.h; trace/text_properties_test.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/fail.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;

void check_error(const trace::ParseError& error, std::string_view text) {
  const std::string line = error.str();
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  if (!std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }) || line.size() >= 1000 ||
      !error.what.starts_with("expected ") || error.column < 1 || error.line < 1 || error.line > lines + 2)
    fuzz::fail("error-is-not-clean in parse", line);
}

void check(std::string_view text, trace::Parse mode) {
  const auto first = trace::parse(text, "input", mode);
  if (!first) return check_error(first.error(), text);
  if (!trace::valid(first->trace.program)) fuzz::fail("invalid-program in parse", trace::print(first->trace));
  for (const trace::ParseError& warning : first->warnings) check_error(warning, text);
  const std::string once = trace::print(first->trace);
  const auto second = trace::parse(once, "printed");
  if (!second) fuzz::fail("printed-text-is-refused in parse", second.error().str() + "\n" + once);
  if (second->trace != first->trace) fuzz::fail("trace-changes in print", once);
  if (trace::print(second->trace) != once) fuzz::fail("text-is-not-stable in print", once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check(text, trace::Parse::strict);
  check(text, trace::Parse::lenient);
  return 0;
}
