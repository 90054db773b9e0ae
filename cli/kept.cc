// SPDX-License-Identifier: GPL-2.0-only
// First the line `daxfuzz kept 1 BUILD`, then packed keys and texts in turn. See kept.h.
#include "cli/kept.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "cli/verbs.h"
#include "sched/fingerprint.h"
#include "trace/number.h"

namespace daxfuzz::cli {
namespace {

constexpr std::size_t kBytesMax = std::size_t{1} << 30;
constexpr std::string_view kFormat = "daxfuzz kept 1 ";

}  // namespace

std::string packed(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += std::to_string(part.size()) + "\n" + part + "\n";
  return out;
}

std::optional<std::vector<std::string>> unpacked(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::size_t bytes = 0;
    if (end == std::string_view::npos || !trace::parse_number(text.substr(0, end), bytes)) return std::nullopt;
    text.remove_prefix(end + 1);
    if (bytes >= text.size() || text[bytes] != '\n') return std::nullopt;
    out.emplace_back(text.substr(0, bytes));
    text.remove_prefix(bytes + 1);
  }
  return out;
}

std::string long_hash(std::string_view text) {
  sched::Fingerprint hash;
  hash.bytes(text.data(), text.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016" PRIx64 "%016" PRIx64, hash.value()[0], hash.value()[1]);
  return digits;
}

std::string build_hash(const Context& context) {
  const auto binary = read_file(real_syscalls(), context.program_path, kBytesMax);
  return long_hash(binary ? *binary : tool_line());
}

Kept::Kept(Syscalls& sys, std::string path, std::string_view build)
    : sys_(sys), path_(std::move(path)), first_line_(std::string(kFormat) + std::string(build) + "\n") {}

std::expected<void, std::string> Kept::load() {
  const auto file = read_file(sys_, path_, kBytesMax);
  if (!file && file.error().error == ENOENT) return {};
  if (!file) return std::unexpected(file.error().str());
  if (!file->starts_with(kFormat)) return std::unexpected(path_ + ": is no file of this command's");
  if (!file->starts_with(first_line_)) return {};
  const auto parts = unpacked(std::string_view(*file).substr(first_line_.size()));
  if (!parts || parts->size() % 2 != 0) return std::unexpected(path_ + ": a part of it cannot be read");
  for (std::size_t i = 0; i < parts->size(); i += 2) kept_[(*parts)[i]] = (*parts)[i + 1];
  return {};
}

const std::string* Kept::find(const std::string& key) const {
  const auto found = kept_.find(key);
  return found == kept_.end() ? nullptr : &found->second;
}

std::expected<void, std::string> Kept::put(const std::map<std::string, std::string>& more) {
  for (const auto& [key, text] : more) kept_[key] = text;
  std::vector<std::string> parts;
  for (const auto& [key, text] : kept_) {
    parts.push_back(key);
    parts.push_back(text);
  }
  if (auto done = store_file(sys_, path_, first_line_ + packed(parts)); !done)
    return std::unexpected(done.error().str());
  return {};
}

}  // namespace daxfuzz::cli
