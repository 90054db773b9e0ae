// SPDX-License-Identifier: GPL-2.0-only
// Trace files as verbs see them: operands become paths, paths become traces, and
// the comments that verbs understand become values. Errors carry the exit code.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "corpus/expectations.h"
#include "trace/text.h"

namespace daxfuzz::cli {

struct LoadError {
  int exit_code = 0;
  std::string what;  // "file:line:column: ..." if it is about the content
};

struct LoadedTrace {
  std::string path;
  std::string text;
  trace::Trace trace;
  std::vector<trace::ParseError> warnings;
};

[[nodiscard]] bool is_folder(const std::string& path);
// A folder stands for all *.daxt in it, sorted.
[[nodiscard]] std::expected<std::vector<std::string>, LoadError> trace_paths(
    std::span<const std::string> operands);
[[nodiscard]] std::expected<LoadedTrace, LoadError> load_trace(Syscalls& sys,
                                                               const std::string& path,
                                                               trace::Parse mode);

// What a `# verdict` or `# expect` comment says.
struct Expectation {
  corpus::Expectation promise;
  bool own = false;  // of `# verdict`: protocol and settings of the file
};

// All that a file says about its verdicts, in order; kBadTrace if a comment is
// malformed or there is none.
[[nodiscard]] std::expected<std::vector<Expectation>, LoadError> expectations(
    const LoadedTrace& loaded);

// "v1" or "v1+share=none": a protocol as `# expect` spells it.
[[nodiscard]] std::string protocol_label(const trace::Program& program);
[[nodiscard]] std::string protocol_label(trace::ProtocolId protocol,
                                         std::span<const trace::Setting> settings);

}  // namespace daxfuzz::cli
