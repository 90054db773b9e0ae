// SPDX-License-Identifier: GPL-2.0-only
// What a hunt of the bench came to, as a line of tab separated text: written by each bug's programs
// (--rows), kept as they are by bench/, and read back there. Read next: bench/time/README.md.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "bugs/bug.h"

namespace daxfuzz::bugs {

struct Row {
  std::string bug;     // or "clean.PROTOCOL": the model without one
  std::string engine;  // a name of engine.h
  std::uint64_t seed = 0;
  std::uint64_t budget = 0;      // executions at most
  std::uint64_t executions = 0;  // to the finding, or all
  // The first of them whose event log is another than the clean model's, of the same program and
  // choices, if it was asked: from there on the bug makes a difference, which need not be wrong.
  std::optional<std::uint64_t> diverged;
  std::uint64_t steps = 0;  // of those executions
  std::uint64_t microseconds = 0;  // of processor time
  std::string signature;  // of what was found; "" if nothing was: the row is censored

  [[nodiscard]] bool found() const { return !signature.empty(); }
  // Else the row is one sample of many, and says so in the column `diverged`, which it cannot have.
  [[nodiscard]] bool repeatable() const;
  bool operator==(const Row&) const = default;
};

inline constexpr std::string_view kRowHeader =
    "bug\tengine\tseed\tbudget\texecutions\tdiverged\tsteps\tmicroseconds\tsignature";
// Where nothing was found, or did not diverge.
inline constexpr std::string_view kNothing = "-";
inline constexpr std::string_view kUnrepeatable = "unrepeatable";

// What the clean model's rows call themselves, hunted as this bug is: "clean.upstream".
[[nodiscard]] std::string twin_of(const Bug& bug);

// With its end of line.
[[nodiscard]] std::string text(const Row& row);
// Of a line without its end. The error says what was expected, without the place.
[[nodiscard]] std::expected<Row, std::string> parse_row(std::string_view line);

}  // namespace daxfuzz::bugs
