// SPDX-License-Identifier: GPL-2.0-only
// `explore --jobs` and `--resume`: searches side by side, each in processes of its own, and a
// file that keeps which parts have come to their end. Read first: explore/parts.h.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "cli/context.h"
#include "explore/program.h"
#include "explore/search.h"

namespace daxfuzz::cli {

struct Search {
  trace::Program program;
  explore::ProgramLimits limits;
};

struct Searched {
  explore::Report report;
  std::size_t parts = 0, whole = 0;  // whole: searched to their end, or to a failure
};

struct PartsWish {
  std::size_t jobs = 1;
  std::uint64_t seconds = 0;  // of each search; 0: no matter
  std::string resume;         // file, or ""
};

// Each search's parts as one report. If there are fewer searches than jobs each is split; its
// executions and seconds are shared by its parts. With Limits::first_failure the parts behind
// one that fails are not waited for, and the report is the same whichever came first.
// The error is one of the file's.
[[nodiscard]] std::expected<std::vector<Searched>, std::string> search_in_parts(
    const std::vector<Search>& searches, const PartsWish& wish, const Context& context);

}  // namespace daxfuzz::cli
