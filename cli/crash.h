// SPDX-License-Identifier: GPL-2.0-only
// What is left when a fuzz target itself dies: the engine's input file and its last
// words. Both are imported into durable files; the engine's own are not trusted.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/engine_output.h"
#include "cli/store.h"

namespace daxfuzz::cli {

// From libFuzzer's crash-*, oom-*, timeout-* and leak-* files in `scratch`: into
// `folder` go NAME.bin (the bytes), NAME.daxt (what they decode to) and NAME.log
// (the tail of stderr). The paths written; an error if one cannot be, or if an
// input is empty (what libFuzzer leaves on a full disk).
[[nodiscard]] std::expected<std::vector<std::string>, std::string> import_crash(
    Syscalls& sys, const std::string& scratch, const std::string& folder, const Death& death,
    const std::string& tail);

}  // namespace daxfuzz::cli
