// SPDX-License-Identifier: GPL-2.0-only
// Reads what a fuzz target tells through its pipe: `FINDING <bytes>` LF, then that
// many bytes of .daxt text, again and again. The writer's half is
// fuzz/finding_stream.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace daxfuzz::cli {

class Frames {
 public:
  // Takes the next bytes of the stream; returns the findings that are complete.
  [[nodiscard]] std::vector<std::string> feed(std::string_view bytes);
  // "" or why the stream cannot be understood; nothing more comes out of it then.
  [[nodiscard]] const std::string& error() const { return error_; }
  // At the end of the stream: true if a finding was cut off.
  [[nodiscard]] bool cut() const { return !buffer_.empty(); }

 private:
  std::string buffer_;
  std::string error_;
};

}  // namespace daxfuzz::cli
