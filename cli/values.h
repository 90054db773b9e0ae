// SPDX-License-Identifier: GPL-2.0-only
// Values of flags that have a meaning: seeds, budgets, protocols, switches. Each
// parser takes all of its text or says what it expected.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::cli {

// What was expected, what was found.
using Wrong = std::string;

// A decimal number, or the 40 hex digits of a git commit, hashed to 64 bits.
[[nodiscard]] std::expected<std::uint64_t, Wrong> parse_seed(std::string_view text);
[[nodiscard]] std::expected<std::uint64_t, Wrong> parse_count(std::string_view text,
                                                              std::uint64_t max);

// One of the two is not 0.
struct Budget {
  std::uint64_t seconds = 0;
  std::uint64_t executions = 0;
};
[[nodiscard]] std::expected<Budget, Wrong> parse_budget(std::string_view text);

// "legacy,v1". An unknown name is answered with the nearest.
// All of them, as parse_protocols() takes them.
[[nodiscard]] std::string every_protocol();
[[nodiscard]] std::expected<std::vector<trace::ProtocolId>, Wrong> parse_protocols(
    std::string_view text);
[[nodiscard]] std::expected<trace::Setting, Wrong> parse_setting(std::string_view text);
[[nodiscard]] std::expected<std::vector<trace::Setting>, Wrong> parse_settings(
    std::span<const std::string> texts);

// `settings` on top of those that the program has.
void apply_settings(trace::Program& program, std::span<const trace::Setting> settings);

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

}  // namespace daxfuzz::cli
