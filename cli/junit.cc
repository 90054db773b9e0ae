// SPDX-License-Identifier: GPL-2.0-only
// Cases as elements, and what XML wants escaped. See junit.h.
#include "cli/junit.h"

#include <algorithm>

#include "cli/context.h"

namespace daxfuzz::cli {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : Context::clean(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string junit(std::string_view suite, const std::vector<JunitCase>& cases) {
  using Outcome = JunitCase::Outcome;
  const auto count = [&](Outcome outcome) {
    return std::to_string(std::ranges::count(cases, outcome, &JunitCase::outcome));
  };
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"" + escaped(suite) +
                    "\" tests=\"" + std::to_string(cases.size()) + "\" failures=\"" + count(Outcome::failure) +
                    "\" errors=\"" + count(Outcome::error) + "\" skipped=\"0\">\n";
  for (const JunitCase& one : cases) {
    out += "<testcase classname=\"" + escaped(suite) + "\" name=\"" + escaped(one.name) + "\">\n";
    const char* element = one.outcome == Outcome::failure ? "failure" : "error";
    if (one.outcome != Outcome::good)
      out += std::string("<") + element + " message=\"" + escaped(first_line(one.said)) + "\">" + escaped(one.said) +
             "</" + element + ">\n";
    else
      out += "<system-out>" + escaped(one.said) + "</system-out>\n";
    out += "</testcase>\n";
  }
  return out + "</testsuite>\n</testsuites>\n";
}

}  // namespace daxfuzz::cli
