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

}  // namespace

std::vector<std::uint64_t> never_ended(const Log& log) {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < log.steps.size(); i++)
    if (log.steps[i].results.contains(i) && !ends(log, i)) out.push_back(i);
  return out;
}

std::vector<std::string> wrongs(const Log& log) {
  std::vector<std::string> out;
  const auto warnings = [&out](const Step& step, const std::string& name) {
    for (const std::string& text : step.warnings) out.push_back(name + " warns: " + text);
  };
  const std::vector<std::uint64_t> open = never_ended(log);
  for (std::size_t i = 0; i < log.steps.size(); i++) {
    const std::string name = "step " + std::to_string(i);
    warnings(log.steps[i], name);
    if (std::ranges::binary_search(open, i)) out.push_back(name + " never ends");
  }
  warnings(log.end, "the end");
  return out;
}

}  // namespace daxfuzz::conformance
