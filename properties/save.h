// SPDX-License-Identifier: GPL-2.0-only
// A file that is there whole or not at all: for counterexamples and lists of results. The layers that properties stand
// on keep no files, and the command's store (cli/store.h) is above. Read next: check_main.cc, property_main.cc.
#pragma once

#include <string>

namespace daxfuzz::properties {

// Replaces the content of `path`, making its folders: a temporary file beside it, synced, renamed, the folder synced,
// and read again. Why it could not, as "open DIR/.X.daxt.tmp-7: No such file or directory"; empty if it could. Nothing
// half written has the name, and no temporary file stays.
[[nodiscard]] std::string save(const std::string& path, const std::string& content);

}  // namespace daxfuzz::properties
