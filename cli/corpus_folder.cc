// SPDX-License-Identifier: GPL-2.0-only
// Names, the mark of a corpus, and what counts as an input. See corpus_folder.h.
#include "cli/corpus_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <span>

#include "cli/kept.h"
#include "cli/traces.h"
#include "trace/bytes.h"
#include "trace/limits.h"

namespace daxfuzz::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBytesMax = trace::kTextBytesMax;
constexpr std::size_t kKeyDigits = 32;
// The file that says that a folder is one of ours.
constexpr const char* kMark = "daxfuzz-corpus.txt";
constexpr const char* kMarkText = "daxfuzz corpus 1\n";

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_entry_name(const std::string& name) {
  const std::string stem = name.ends_with(".daxt") ? name.substr(0, name.size() - 5) : name;
  return stem.size() == kKeyDigits && stem.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Engines keep their inputs under names without an ending, and books beside them.
bool may_be_input(const std::string& name) {
  if (name.starts_with('.')) return false;
  if (name.ends_with(".daxt") || name.ends_with(".bin")) return true;
  if (name.starts_with("id:")) return true;
  for (const char* book : {"fuzzer_stats", "fuzzer_setup", "fuzz_bitmap", "plot_data", "cmdline", "target_hash",
                           "is_main_node"})
    if (name == book) return false;
  return name.find('.') == std::string::npos;
}

}  // namespace

std::expected<CorpusEntry, std::string> corpus_entry(const std::string& path, const std::string& content,
                                                     bool is_text) {
  CorpusEntry out{.key = {}, .content = content, .regression = false, .trace = {}, .from = path};
  if (is_text) {
    auto parsed = trace::parse(content, path);
    if (!parsed) return std::unexpected(parsed.error().str());
    out.trace = std::move(parsed->trace);
    out.regression =
        !trace::headers(out.trace, "verdict").empty() || !trace::headers(out.trace, "expect").empty();
  } else {
    out.trace.program = trace::decode(std::span(reinterpret_cast<const std::uint8_t*>(content.data()), content.size()));
  }
  if (!out.regression) {
    const auto bytes = trace::encode(out.trace.program);
    out.content.assign(bytes.begin(), bytes.end());
    out.trace = {.program = trace::decode(bytes), .digest = {}, .comments = {}};
  }
  out.key = long_hash(out.content);
  return out;
}

std::expected<std::vector<CorpusEntry>, StoreError> read_inputs(Syscalls& sys, const std::string& path,
                                                                std::vector<std::string>& refused) {
  std::vector<std::string> paths;
  if (is_folder(path)) {
    std::error_code error;
    fs::recursive_directory_iterator entry(path, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      const std::string one = entry->path().string();
      std::error_code type;
      if (name_of(one).starts_with('.') && entry->is_directory(type)) entry.disable_recursion_pending();
      else if (may_be_input(name_of(one)) && entry->is_regular_file(type)) paths.push_back(one);
    }
    if (error) return std::unexpected(StoreError{path, "readdir", error.value()});
    std::ranges::sort(paths);
  } else {
    paths.push_back(path);
  }
  std::vector<CorpusEntry> out;
  for (const std::string& one : paths) {
    const auto content = read_file(sys, one, kBytesMax);
    if (!content && content.error().error != EFBIG) return std::unexpected(content.error());
    if (!content) {
      refused.push_back(one + ": longer than any input");
      continue;
    }
    auto entry = corpus_entry(one, *content, one.ends_with(".daxt") || content->starts_with("daxt "));
    if (entry) out.push_back(std::move(*entry));
    else refused.push_back(entry.error());
  }
  return out;
}

std::expected<void, std::string> CorpusFolder::open(bool make) {
  const std::string mark = path_ + "/" + kMark;
  const auto there = read_file(sys_, mark, kBytesMax);
  if (there) {
    if (*there == kMarkText) return {};
    return std::unexpected(mark + ": is of another version");
  }
  if (there.error().error != ENOENT || !make) return std::unexpected(there.error().str() + "; is it a corpus?");
  // But for hidden ones: who was killed while it made a corpus has left one.
  if (const auto names = list_folder(path_, ""); is_folder(path_) && (!names || !names->empty()))
    return std::unexpected(path_ + ": has files and is no corpus; merge it into a new folder");
  auto done = make_folders(sys_, path_);
  if (done) done = store_file(sys_, mark, kMarkText);
  if (!done) return std::unexpected(done.error().str());
  return {};
}

std::expected<std::vector<CorpusEntry>, std::string> CorpusFolder::entries(std::vector<std::string>& broken) const {
  const auto names = list_folder(path_, "");
  if (!names) return std::unexpected(names.error().str());
  std::vector<CorpusEntry> out;
  for (const std::string& name : *names) {
    if (!is_entry_name(name)) continue;
    const std::string path = path_ + "/" + name;
    const auto content = read_file(sys_, path, kBytesMax);
    if (!content) return std::unexpected(content.error().str());
    auto entry = corpus_entry(path, *content, name.ends_with(".daxt"));
    if (!entry) broken.push_back(entry.error());
    else if (entry->content != *content || entry->file_name() != name)
      broken.push_back(path + ": is not what its name says");
    else out.push_back(std::move(*entry));
  }
  return out;
}

std::expected<void, std::string> CorpusFolder::add(const CorpusEntry& entry) {
  if (auto done = store_file(sys_, path_ + "/" + entry.file_name(), entry.content); !done)
    return std::unexpected(done.error().str());
  return {};
}

std::expected<void, std::string> CorpusFolder::remove(const CorpusEntry& entry) {
  const std::string path = path_ + "/" + entry.file_name();
  if (sys_.unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return std::unexpected(StoreError{path, "unlink", errno}.str());
}

}  // namespace daxfuzz::cli
