// SPDX-License-Identifier: GPL-2.0-only
// Names, bytes or text, and when a file was seen first. See inputs.h.
#include "cli/inputs.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <span>

#include "trace/bytes.h"
#include "trace/limits.h"

namespace daxfuzz::cli {
namespace {

namespace fs = std::filesystem;

// An engine's input is never so long; a .daxt file may be.
constexpr std::size_t kBytesMax = trace::kTextBytesMax;

// Whose SHA-1 libFuzzer names an input by: this is the empty one's. Under any other name an empty file is one
// that was not written.
constexpr std::string_view kEmptyInput = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

std::string time_of(const std::string& path) {
  struct stat info{};
  tm parts{};
  if (stat(path.c_str(), &info) != 0 || gmtime_r(&info.st_mtime, &parts) == nullptr) return "";
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_trace_name(const std::string& name) { return name.ends_with(".daxt"); }

}  // namespace

bool is_input(const std::string& path) {
  const std::string name = name_of(path), folder = name_of(folder_of(path));
  if (name.starts_with('.')) return false;
  if (is_trace_name(name)) return !name.ends_with(".min.daxt") && !name.ends_with(".orig.daxt");
  if (name.ends_with(".bin")) return true;
  // AFL++'s names; its queue is no folder of crashes.
  if (name.starts_with("id:")) return folder != "queue";
  if (name.find('.') != std::string::npos) return false;
  for (const char* prefix : {"crash-", "leak-", "oom-", "timeout-"})
    if (name.starts_with(prefix)) return true;
  return false;
}

static std::expected<Input, std::string> input_of(const std::string& path, std::string bytes,
                                                  const InputsWish& wish) {
  Input out{.path = path, .bytes = std::move(bytes), .is_text = false, .first_seen = {}, .trace = {}};
  out.is_text = is_trace_name(path) || out.bytes.starts_with("daxt ");
  if (out.is_text) {
    auto parsed = trace::parse(out.bytes, path, wish.parse);
    if (!parsed) return std::unexpected(parsed.error().str());
    out.trace = std::move(parsed->trace);
    out.first_seen = trace::header(out.trace, "first-seen");
  } else {
    if (out.bytes.empty() && !path.ends_with(kEmptyInput))
      return std::unexpected(path + ": the engine left an empty input; was the disk full?");
    out.trace.program =
        trace::decode(std::span(reinterpret_cast<const std::uint8_t*>(out.bytes.data()), out.bytes.size()));
    if (wish.protocol) out.trace.program.protocol = *wish.protocol;
    out.trace.program.settings = wish.settings;
    trace::set_header(out.trace, "found-by", name_of(path));
  }
  if (out.first_seen.empty()) out.first_seen = time_of(path);
  return out;
}

std::expected<Input, std::string> load_input(Syscalls& sys, const std::string& path, const InputsWish& wish) {
  auto bytes = read_file(sys, path, kBytesMax);
  if (!bytes) return std::unexpected(bytes.error().str());
  return input_of(path, std::move(*bytes), wish);
}

std::expected<Inputs, StoreError> find_inputs(Syscalls& sys, const std::string& folder, const InputsWish& wish) {
  std::error_code error;
  std::vector<std::string> paths;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string path = entry->path().string();
    std::error_code type;
    if (name_of(path).starts_with('.') && entry->is_directory(type)) entry.disable_recursion_pending();
    else if (is_input(path) && entry->is_regular_file(type)) paths.push_back(path);
  }
  if (error) return std::unexpected(StoreError{folder, "readdir", error.value()});
  std::ranges::sort(paths);
  Inputs out;
  for (const std::string& path : paths) {
    auto bytes = read_file(sys, path, kBytesMax);
    // What it would have come to with this one is not known.
    if (!bytes && bytes.error().error != EFBIG) return std::unexpected(bytes.error());
    auto input = bytes ? input_of(path, std::move(*bytes), wish)
                       : std::expected<Input, std::string>(std::unexpected(bytes.error().str()));
    if (input) out.all.push_back(std::move(*input));
    else out.refused.push_back(input.error());
  }
  return out;
}

}  // namespace daxfuzz::cli
