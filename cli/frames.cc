// SPDX-License-Identifier: GPL-2.0-only
// See frames.h. A size is bounded before anything waits for that many bytes.
#include "cli/frames.h"

#include <algorithm>
#include <charconv>

#include "trace/limits.h"

namespace daxfuzz::cli {
namespace {

constexpr std::string_view kWord = "FINDING ";
constexpr std::size_t kHeadMax = kWord.size() + 20;

// The size in "FINDING 123"; 0 if it is no such line.
std::size_t size_in(std::string_view line) {
  if (!line.starts_with(kWord)) return 0;
  line.remove_prefix(kWord.size());
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size);
  const bool whole = error == std::errc{} && end == line.data() + line.size();
  return whole && size <= trace::kTextBytesMax ? size : 0;
}

}  // namespace

std::vector<std::string> Frames::feed(std::string_view bytes) {
  std::vector<std::string> out;
  if (!error_.empty()) return out;
  buffer_ += bytes;
  while (!buffer_.empty()) {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos && buffer_.size() <= kHeadMax) break;
    const std::size_t size = size_in(std::string_view(buffer_).substr(0, end));
    if (size == 0) {
      error_ =
          "expected 'FINDING <bytes>', found '" + buffer_.substr(0, std::min(end, kHeadMax)) + "'";
      buffer_.clear();
      break;
    }
    if (buffer_.size() - end - 1 < size) break;
    out.push_back(buffer_.substr(end + 1, size));
    buffer_.erase(0, end + 1 + size);
  }
  return out;
}

}  // namespace daxfuzz::cli
