// SPDX-License-Identifier: GPL-2.0-only
// A trace as a program that runs without daxfuzz: one C file, or a test of fstests. Its ops are
// those that a guest would be given (drive.h), by the same code (agent/). Read next: export.cc,
// export_xfstests.cc, standalone/main.c.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "exec/execution.h"
#include "trace/text.h"

namespace daxfuzz::conformance {

// A trace, told apart for whoever reads the result.
struct Export {
  std::string name;     // "unmapped-file-is-not-scanned"; letters, digits, '-'
  std::string version;  // "daxfuzz 0.1.0"
  std::vector<std::string> about;  // lines of its comment; printable, and no comment ends in one
  std::vector<std::string> groups;  // of fstests
  std::string script;               // as a C initialiser, each op with what the model says of it
};

// `stem`: the file's name without its folders. Why no program can do it: one line.
[[nodiscard]] std::expected<Export, std::string> export_of(const trace::Trace& trace,
                                                           const exec::Execution& execution,
                                                           std::string_view stem,
                                                           std::string_view version);

[[nodiscard]] std::string program_of(const Export& exported);

// A test of fstests is three files, of which the program is one that its src/Makefile builds; or
// one that has the program in it and compiles it itself.
[[nodiscard]] std::string test_name(const Export& exported);     // below tests/xfs
[[nodiscard]] std::string source_name(const Export& exported);   // below src, without ".c"
[[nodiscard]] std::string test_of(const Export& exported, bool has_program);
[[nodiscard]] std::string golden_of(const Export& exported);

}  // namespace daxfuzz::conformance
