// SPDX-License-Identifier: GPL-2.0-only
// The table of a difference, as wide as what is in it. See table.h.
#include "conformance/table.h"

#include <algorithm>

#include "trace/text.h"

namespace daxfuzz::conformance {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

}  // namespace

std::string table(const Difference& difference, const std::vector<trace::Op>& ops) {
  const std::size_t step = difference.step;
  std::string at =
      difference.at_end ? "after the last step, all pins dropped" : "step " + std::to_string(step);
  if (!difference.at_end && step < ops.size())
    at += ", T" + std::to_string(ops[step].thread) + ": " + trace::print(ops[step]);
  const std::string field = difference.where + ", " + difference.field;
  const std::size_t width = std::max<std::size_t>(difference.model.size(), 5) + 2;
  return "  first difference at " + at + "\n" + "  " + padded("", field.size()) + "  " +
         padded("model", width) + "kernel\n" + "  " + field + "  " +
         padded(difference.model, width) + difference.kernel + "\n";
}

}  // namespace daxfuzz::conformance
