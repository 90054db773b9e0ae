// SPDX-License-Identifier: GPL-2.0-only
// The edges of the code that inputs take. This command counts none, so libFuzzer's target of the interleavings is
// asked, many inputs a process (fuzz/edge_line.h): what is kept of an engine's folder is then kept for what the
// engine itself counts. Read next: corpus.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"

namespace daxfuzz::cli {

// Of each input, in order; nullopt of one that the target dies of.
using EdgesOfInputs = std::vector<std::optional<std::vector<std::uint64_t>>>;

// The path of the target; "" if there is none, and then where it is not.
[[nodiscard]] std::string edges_target(const Context& context, std::vector<std::string>& tried);

// `jobs` processes at once. The error is one line. After an interrupt what is not counted is nullopt, too.
[[nodiscard]] std::expected<EdgesOfInputs, std::string> count_edges(const Context& context, const std::string& target,
                                                                   const std::vector<std::string>& inputs,
                                                                   std::size_t jobs);

}  // namespace daxfuzz::cli
