// SPDX-License-Identifier: GPL-2.0-only
// Hostile text: parse() ends with a trace or with one clean line, strict or lenient, and
// what it took is printed as a text that parses to the same and prints to itself. No custom
// mutator: the input is text. Read next: trace/text.h; trace/text_properties_test.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/digest_line.h"
#include "fuzz/environment.h"
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

// What became of it: the text that it is printed as, or the error.
std::string check(std::string_view text, trace::Parse mode) {
  const auto first = trace::parse(text, "input", mode);
  if (!first) {
    check_error(first.error(), text);
    return first.error().str();
  }
  if (!trace::valid(first->trace.program)) fuzz::fail("invalid-program in parse", trace::print(first->trace));
  for (const trace::ParseError& warning : first->warnings) check_error(warning, text);
  const std::string once = trace::print(first->trace);
  const auto second = trace::parse(once, "printed");
  if (!second) fuzz::fail("printed-text-is-refused in parse", second.error().str() + "\n" + once);
  if (second->trace != first->trace) fuzz::fail("trace-changes in print", once);
  if (trace::print(second->trace) != once) fuzz::fail("text-is-not-stable in print", once);
  std::string all = once;
  for (const trace::ParseError& warning : first->warnings) all += warning.str() + "\n";
  return all;
}

std::optional<fuzz::Environment> g_environment;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::string strict = check(text, trace::Parse::strict);
  const std::string lenient = check(text, trace::Parse::lenient);
  if (g_environment->digests_fd) {
    fuzz::Outcome outcome;
    outcome.add(strict);
    outcome.add(lenient);
    fuzz::tell_digest(*g_environment, data, size, outcome.digest(), strict.starts_with("daxt ") ? "pass" : "refused");
  }
  return 0;
}
