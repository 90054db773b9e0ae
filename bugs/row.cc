// SPDX-License-Identifier: GPL-2.0-only
// Rows to text and back. See row.h.
#include "bugs/row.h"

#include <algorithm>
#include <vector>

#include "bugs/engine.h"
#include "trace/number.h"

namespace daxfuzz::bugs {
namespace {

constexpr std::size_t kColumns = 9;

std::vector<std::string_view> columns(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    out.push_back(line.substr(0, end));
    if (end == line.size()) return out;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

std::string twin_of(const Bug& bug) {
  return "clean." + std::string(trace::name(bug.protocols.front()));
}

bool Row::repeatable() const {
  const auto known = engine_named(engine);
  return !known || bugs::repeatable(*known);
}

std::string text(const Row& row) {
  std::string out = row.bug + "\t" + row.engine;
  for (const std::uint64_t n : {row.seed, row.budget, row.executions}) out += "\t" + std::to_string(n);
  out += "\t" + (row.diverged ? std::to_string(*row.diverged)
                              : std::string(row.repeatable() ? kNothing : kUnrepeatable));
  for (const std::uint64_t n : {row.steps, row.microseconds}) out += "\t" + std::to_string(n);
  return out + "\t" + (row.found() ? row.signature : std::string(kNothing)) + "\n";
}

std::expected<Row, std::string> parse_row(std::string_view line) {
  const auto words = columns(line);
  if (words.size() != kColumns)
    return std::unexpected("expected " + std::to_string(kColumns) + " columns, found " +
                           std::to_string(words.size()));
  Row row{.bug = std::string(words[0]), .engine = std::string(words[1]), .diverged = {}, .signature = ""};
  const std::string_view no_mark = row.repeatable() ? kNothing : kUnrepeatable;
  if (no_mark == kUnrepeatable && words[5] != no_mark)
    return std::unexpected("expected '" + std::string(no_mark) + "' of " + row.engine + ", found '" +
                           std::string(words[5]) + "'");
  std::uint64_t diverged = 0;
  std::uint64_t* const numbers[] = {&row.seed, &row.budget, &row.executions, &diverged, &row.steps,
                                    &row.microseconds};
  for (std::size_t i = 0; i < std::size(numbers); i++)
    if (!(numbers[i] == &diverged && words[2 + i] == no_mark) && !trace::parse_number(words[2 + i], *numbers[i]))
      return std::unexpected("expected a number in column " + std::to_string(3 + i) + ", found '" +
                             std::string(words[2 + i]) + "'");
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, kColumns - 1})
    if (words[i].empty())
      return std::unexpected("expected a word in column " + std::to_string(i + 1) + ", found none");
  if (row.executions == 0 || row.executions > row.budget)
    return std::unexpected("expected executions of 1 to the budget, " + std::to_string(row.budget) +
                           ", found " + std::to_string(row.executions));
  if (words[5] != no_mark) row.diverged = diverged;
  if (row.diverged && (diverged == 0 || diverged > row.executions))
    return std::unexpected("expected to diverge in one of " + std::to_string(row.executions) +
                           " executions, found " + std::to_string(diverged));
  if (words.back() != kNothing) row.signature = words.back();
  if (!row.found() && row.executions != row.budget)
    return std::unexpected("expected the whole budget where nothing was found, found " +
                           std::to_string(row.executions) + " of " + std::to_string(row.budget));
  return row;
}

}  // namespace daxfuzz::bugs
