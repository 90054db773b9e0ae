// SPDX-License-Identifier: GPL-2.0-only
// The command line: strict, tiny, driven by the tables of verbs.def. Values that
// mean something (seeds, budgets, protocols) are read by values.h.
#pragma once

#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daxfuzz::cli {

struct Args {
  std::string verb;
  std::vector<std::string> operands;
  std::map<std::string, std::vector<std::string>, std::less<>> flags;  // a switch has the value ""

  [[nodiscard]] bool has(std::string_view flag) const { return flags.contains(flag); }
  // The last value given, or `fallback`.
  [[nodiscard]] std::string get(std::string_view flag, std::string_view fallback = "") const;
  [[nodiscard]] std::vector<std::string> all(std::string_view flag) const;
};

// What is wrong with the command line, with the nearest word and the usage line.
struct UsageError {
  std::string what;
};

// `words` are argv without the program's name. `--flag=value`, `--flag value`,
// `--` ends the flags; -h and -q are the only short ones.
[[nodiscard]] std::expected<Args, UsageError> parse_args(std::span<const std::string> words);

// A verb as it is written: "export" of export_.
[[nodiscard]] constexpr std::string_view spelled(std::string_view name) {
  return name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
}

// All verbs, or one verb with its flags. Empty if there is no such verb.
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(std::string_view verb);
[[nodiscard]] std::vector<std::string> verb_names();

// The word of `words` with the smallest edit distance, "" if none is near.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> words);

}  // namespace daxfuzz::cli
