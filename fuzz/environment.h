// SPDX-License-Identifier: GPL-2.0-only
// What the environment asks of a fuzz target. Engines own the command line, so
// `daxfuzz fuzz` talks to its targets through these variables:
//
//   DAXFUZZ_PROTOCOL=upstream     every input runs under it; `all` or unset: under
//                                 the protocol that the input names
//   DAXFUZZ_SET=switch=value,...  settings of every input. Unset: none, or the
//                                 findings of a protocol would be another's; the
//                                 word `input` keeps the input's own
//   DAXFUZZ_FINDINGS_FD=3         findings go there: finding_stream.h
//   DAXFUZZ_KNOWN=FILE            lines `protocol<TAB>signature`: not told again
//   DAXFUZZ_DIGESTS_FD=4          a line for each input goes there: which it is, the digest of
//                                 its run, its verdict. The same in every build
//   DAXFUZZ_EDGES_FD=5            the same with the edges of the code that it took: edge_line.h
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::fuzz {

struct Environment {
  std::optional<trace::ProtocolId> protocol;
  std::vector<trace::Setting> settings;
  bool settings_of_input = false;
  std::optional<int> findings_fd, digests_fd, edges_fd;
  std::set<std::pair<std::string, std::string>> known;  // protocol, signature
};

// The value of a variable, null if unset: std::getenv but for tests.
using Getenv = std::function<const char*(const char*)>;

// The error is one line: which variable, what was expected, what was found.
[[nodiscard]] std::expected<Environment, std::string> read_environment(const Getenv& getenv);
// For LLVMFuzzerInitialize: an error ends the process with code 2.
[[nodiscard]] Environment environment_or_exit();

// `program` as the environment wants it to run.
[[nodiscard]] trace::Program forced(trace::Program program, const Environment& environment);

}  // namespace daxfuzz::fuzz
