// SPDX-License-Identifier: GPL-2.0-only
// One input minimised, as a job of triage.h tells it: the smaller trace, whether it is reliable, the one
// reordering that it hangs on, and the report. A value that goes through a pipe and into a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/context.h"
#include "cli/inputs.h"

namespace daxfuzz::cli {

struct Piece {
  int code = 0;         // exit code; not 0: see problem
  std::string problem;  // why there is no minimal trace
  std::string minimal, fails, passes;  // traces as text; the last two differ in the critical reordering
  std::string critical, reliable, summary, report;
};

// `folder` is where its files will be, for the report.
[[nodiscard]] Piece make_piece(Context& context, const Input& input, const std::string& folder,
                               std::uint64_t budget, bool lenient);

[[nodiscard]] std::string text(const Piece& piece);
[[nodiscard]] std::optional<Piece> parse_piece(std::string_view text);

// Of two the one to keep: that has a minimal trace, of fewer ops, then fewer switches.
[[nodiscard]] bool smaller(const Piece& a, const Piece& b);

// Names and contents of its files; when its finding was first seen goes into them.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> files_of(const Piece& piece, const std::string& seen,
                                                                        const std::string& first_seen);

}  // namespace daxfuzz::cli
