// SPDX-License-Identifier: GPL-2.0-only
// See verdict.h. An op that is blocked at the end of its step is told of again when it ends.
#include "conformance/verdict.h"

#include <algorithm>

namespace daxfuzz::conformance {
namespace {

bool ends(const Log& log, std::uint64_t op) {
  const auto tells = [op](const Step& step) {
    const auto found = step.results.find(op);
    return found != step.results.end() && found->second.kind != Result::Kind::blocked;
  };
  return tells(log.end) || std::ranges::any_of(log.steps, tells);
}

void warnings_of(const Step& step, const std::string& name, std::vector<std::string>& out) {
  for (const std::string& text : step.warnings) out.push_back(name + " warns: " + text);
}

std::string name_of(std::size_t step) { return "step " + std::to_string(step); }

}  // namespace

std::vector<std::uint64_t> never_ended(const Log& log) {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < log.steps.size(); i++)
    if (log.steps[i].results.contains(i) && !ends(log, i)) out.push_back(i);
  return out;
}

std::vector<std::string> wrongs(const Log& log) {
  std::vector<std::string> out;
  const std::vector<std::uint64_t> open = never_ended(log);
  for (std::size_t i = 0; i < log.steps.size(); i++) {
    warnings_of(log.steps[i], name_of(i), out);
    if (std::ranges::binary_search(open, i)) out.push_back(name_of(i) + " never ends");
  }
  warnings_of(log.end, "the end", out);
  return out;
}

std::vector<std::string> warned(const Log& log, std::size_t steps) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(steps, log.steps.size()); i++)
    warnings_of(log.steps[i], name_of(i), out);
  return out;
}

}  // namespace daxfuzz::conformance
