// SPDX-License-Identifier: GPL-2.0-only
// A word that is a number and nothing else: for command lines and rows of tools. The library of
// programs has no need of it (text.h says of a number where it is wrong).
#pragma once

#include <charconv>
#include <string_view>

namespace daxfuzz::trace {

// All of `text`, in decimal. False, and `number` as it was, if it is not one or does not fit.
template <class Number>
[[nodiscard]] bool parse_number(std::string_view text, Number& number) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  number = value;
  return true;
}

}  // namespace daxfuzz::trace
