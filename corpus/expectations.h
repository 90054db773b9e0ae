// SPDX-License-Identifier: GPL-2.0-only
// What a corpus file promises in its headers, and whether it is kept. The grammar
// of `# expect` and `# returns` is in corpus/README.md. Used by claims_test.cc,
// findings_test.cc and `daxfuzz replay --expect`; read next: expectations.cc.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "exec/execute.h"
#include "trace/text.h"

namespace daxfuzz::corpus {

// How a file is run again: another protocol, settings of its own, checkers off.
struct Variant {
  std::string spelling;  // "upstream+share=flag_0x1", "without=association upstream"
  trace::ProtocolId protocol{};
  std::vector<trace::Setting> settings;
  std::uint32_t checkers = exec::kCheckAll;

  // As it is: nothing set, nothing off.
  [[nodiscard]] bool plain() const {
    return settings.empty() && checkers == exec::kCheckAll;
  }
};

struct Expectation {
  Variant variant;
  std::string verdict;  // "PASS" or "FAIL id in function"

  // Is this verdict() what was expected? Where a step budget ends is an accident, so
  // "FAIL livelock in *" stands for a livelock in any function.
  [[nodiscard]] bool kept(std::string_view found) const;
};

// The value that an op of the program returns.
struct Returns {
  Variant variant;
  std::size_t op = 0;  // by its number, from 0
  std::int64_t value = 0;
};

struct File {
  std::string name;  // without folder and ending
  std::string text;
  trace::Trace trace;
  std::string claim;
  std::vector<Expectation> expectations;
  std::vector<Returns> returns;
};

// Headers' values. The error says what is wrong, in one line.
[[nodiscard]] std::expected<Expectation, std::string> parse_expectation(std::string_view value);
[[nodiscard]] std::expected<Returns, std::string> parse_returns(std::string_view value);
// A file from its text: strict, canonical, every protocol expected exactly once.
[[nodiscard]] std::expected<File, std::string> parse_file(std::string_view name,
                                                          std::string_view text);

// The .daxt files of a folder, in the order of their names; empty if there is none.
[[nodiscard]] std::vector<std::string> list(const std::string& folder);
[[nodiscard]] std::expected<File, std::string> load(const std::string& path);
// The file's name as gtest wants one.
[[nodiscard]] std::string test_name(const std::string& path);

// The program as the variant has it, its schedule replayed leniently.
[[nodiscard]] exec::Execution run(const File& file, const Variant& variant);
[[nodiscard]] std::string verdict(const exec::Execution& execution);

// Each: empty if the promise is kept, else what is not, one line a promise.
[[nodiscard]] std::string broken_replay(const File& file);  // strict: digest, divergence
[[nodiscard]] std::string broken_expectations(const File& file);
[[nodiscard]] std::string broken_determinism(const File& file, int replays);

// The table of docs/claims.md: a row a file, a column a protocol.
[[nodiscard]] std::string table(const std::vector<File>& files);

}  // namespace daxfuzz::corpus
