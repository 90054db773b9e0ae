// SPDX-License-Identifier: GPL-2.0-only
// What a long command has come to so far, by keys, in one file that is replaced whole (store.h): killed at any
// moment, the same command goes on from what was last put. What another build has kept is not
// taken, for it may come to something else. Used by triage.cc.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/store.h"

namespace daxfuzz::cli {

class Kept {
 public:
  // build: whoever it is that keeps; of another one nothing is taken.
  Kept(Syscalls& sys, std::string path, std::string_view build);

  // A file that is not there is empty; one that is no such file is an error, for it is not ours to replace.
  [[nodiscard]] std::expected<void, std::string> load();
  [[nodiscard]] const std::string* find(const std::string& key) const;
  [[nodiscard]] std::expected<void, std::string> put(const std::map<std::string, std::string>& more);

 private:
  Syscalls& sys_;
  std::string path_, first_line_;
  std::map<std::string, std::string> kept_;
};

// Several texts as one, and back; nothing if that is not what it is.
[[nodiscard]] std::string packed(const std::vector<std::string>& parts);
[[nodiscard]] std::optional<std::vector<std::string>> unpacked(std::string_view text);

// 32 hex digits.
[[nodiscard]] std::string long_hash(std::string_view text);
// Of the running binary; of its version if it cannot be read.
[[nodiscard]] std::string build_hash(const Context& context);

}  // namespace daxfuzz::cli
