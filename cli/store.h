// SPDX-License-Identifier: GPL-2.0-only
// Durable files: what store_file() said is stored survives kill -9 and power
// loss, and whatever happens a name holds its old content or its new, never half.
// Fuzz engines give no such promise, so nothing of theirs is kept but through
// here. Read next: syscalls.h (what tests replace).
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "cli/syscalls.h"

namespace daxfuzz::cli {

struct StoreError {
  std::string path;
  std::string call;  // "fsync"; "compare" if what was read back is not what was written
  int error = 0;     // errno
  [[nodiscard]] std::string str() const;  // "out/x: fsync: No space left on device (ENOSPC)"
};

// Replaces the content of `path`: temporary file beside it, write, fsync, rename,
// fsync of the folder, read back and compare. On an error the old content is
// still there, or (after the rename) the new one, whole.
[[nodiscard]] std::expected<void, StoreError> store_file(Syscalls& sys, const std::string& path,
                                                         std::string_view content);

// The whole file; EFBIG beyond `bytes_max`.
[[nodiscard]] std::expected<std::string, StoreError> read_file(Syscalls& sys,
                                                               const std::string& path,
                                                               std::size_t bytes_max);

// mkdir -p; each folder that is made is synced into its parent.
[[nodiscard]] std::expected<void, StoreError> make_folders(Syscalls& sys, const std::string& path);

// Names in a folder that end with `suffix`, sorted; no hidden ones.
[[nodiscard]] std::expected<std::vector<std::string>, StoreError> list_folder(
    const std::string& path, std::string_view suffix);

// "a/b" of "a/b/c", "." of "c".
[[nodiscard]] std::string folder_of(const std::string& path);

}  // namespace daxfuzz::cli
