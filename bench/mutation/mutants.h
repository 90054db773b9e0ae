// SPDX-License-Identifier: GPL-2.0-only
// The list of a build's mutants, as generate.py writes it, and those that are recorded as
// equivalent. Read next: probes.h, trial.h.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace daxfuzz::mutation {

struct Mutant {
  std::uint32_t id = 0;  // of this build, from 1
  std::string file;
  std::uint32_t line = 0;
  std::string function, op;
  std::uint32_t occurrence = 0;  // of what the other columns have in common
  std::string before, after;

  // Names it whatever lines move: function, operator, occurrence, before, after.
  [[nodiscard]] std::string key() const;
};

struct MutantList {
  std::vector<Mutant> mutants;                     // by id, from 1
  std::vector<std::string> left_out;               // "735 a declaration"
  std::map<std::string, std::string> equivalent;   // key: reason
  std::uint64_t hash = 0;                          // of the mutants
};

// The columns of a line.
[[nodiscard]] std::vector<std::string> columns(std::string_view line);
[[nodiscard]] std::expected<std::string, std::string> read_file(const std::string& path);

// A row of `equivalent` that is no mutant's is an error, and so is one without a reason; if
// `partial`, the list is of some files only, and rows of others are not looked at.
[[nodiscard]] std::expected<MutantList, std::string> load_mutants(const std::string& mutants,
                                                                  const std::string& equivalent,
                                                                  bool partial = false);

}  // namespace daxfuzz::mutation
