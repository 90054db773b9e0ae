// SPDX-License-Identifier: GPL-2.0-only
// Printable ASCII, wrapping and names of results. See ascii.h.
#include "report/ascii.h"

#include <algorithm>
#include <cstring>

#include "sched/check.h"

namespace daxfuzz::report {

std::string printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::string field(std::string_view key, std::string_view text) {
  CHECK(key.size() < kColumns / 2);
  std::string out = printable(key);
  const std::string indent(key.size(), ' ');
  const std::string clean = squeezed(printable(text));
  const std::size_t width = kColumns - key.size();
  std::string_view rest = clean;
  while (true) {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    std::size_t take = rest.size();
    if (take > width) {
      const std::size_t space = rest.substr(0, width + 1).rfind(' ');
      take = space == std::string_view::npos ? width : space;
    }
    out += rest.substr(0, take);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
    rest.remove_prefix(take);
    if (rest.find_first_not_of(' ') == std::string_view::npos) return out;
    out += indent;
  }
}

std::string result_name(std::int64_t value) {
  // The kernel's errno numbers are this system's own.
  if (value < 0 && value > -4096) {
    if (const char* name = strerrorname_np(static_cast<int>(-value)))
      return std::string("-") + name;
  }
  return std::to_string(value);
}

std::string hex64(std::uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "0x0000000000000000";
  for (std::size_t i = out.size(); value != 0; value >>= 4) out[--i] = kDigits[value & 15];
  return out;
}

std::string squeezed(std::string_view words) {
  std::string out;
  for (char c : words)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  return out;
}

}  // namespace daxfuzz::report
