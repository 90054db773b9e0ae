// SPDX-License-Identifier: GPL-2.0-only
// The table of a difference, as wide as what is in it. See table.h.
#include "conformance/table.h"

#include <algorithm>
#include <tuple>

#include "trace/text.h"

namespace daxfuzz::conformance {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

// "name 12, other 3", the greatest first, broken before column 100.
std::string listed(std::string_view head, const Counts& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> rows(counts.begin(), counts.end());
  std::ranges::sort(rows, [](const auto& a, const auto& b) {
    return std::tie(b.second, a.first) < std::tie(a.second, b.first);
  });
  std::string text = "  " + padded(std::string(head), 8);
  std::size_t column = text.size();
  for (std::size_t i = 0; i < rows.size(); i++) {
    const std::string word = rows[i].first + " " + std::to_string(rows[i].second) +
                             (i + 1 == rows.size() ? "" : ",");
    if (column + 1 + word.size() > 100) {
      text += "\n" + std::string(10, ' ');
      column = 10;
    }
    text += (column == 10 ? "" : " ") + word;
    column += word.size() + (column == 10 ? 0 : 1);
  }
  return text + "\n";
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

std::string summary(std::size_t steps, const Counts& ops, const Counts& fields) {
  return "compared in " + std::to_string(steps) + " steps that agree:\n" + listed("ops", ops) +
         listed("fields", fields);
}

}  // namespace daxfuzz::conformance
