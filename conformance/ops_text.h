// SPDX-License-Identifier: GPL-2.0-only
// The ops of a long run as text, one a line in the order of their steps: what `daxfuzz conform
// --random` writes beside its logs, and takes again. A trace has room for 64 ops only, and for
// a schedule that a real kernel does not follow. Of a nearly full file system the first line is "free N".
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/drive.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

[[nodiscard]] std::string print_ops(const Scene& scene, const std::vector<trace::Op>& ops);

// Scene::free_blocks is what the text says. "line 12: expected ..., found ...".
[[nodiscard]] std::expected<std::vector<trace::Op>, std::string> parse_ops(std::string_view text,
                                                                           Scene& scene);

}  // namespace daxfuzz::conformance
