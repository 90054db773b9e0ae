// SPDX-License-Identifier: GPL-2.0-only
// See crash.h. Every byte string decodes to a program, so an input always becomes
// a trace; whether it makes the clean model fail is for `daxfuzz replay` to say.
#include "cli/crash.h"

#include <cstdint>
#include <span>

#include "cli/context.h"
#include "cli/findings.h"
#include "trace/bytes.h"
#include "trace/text.h"

namespace daxfuzz::cli {
namespace {

constexpr std::size_t kInputMax = 1024 * 1024;
// libFuzzer names an input by its SHA-1. This is the empty input's, which a target
// may well die of; under any other name an empty file is one that was not written.
constexpr std::string_view kEmptyInput = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

bool is_artifact(const std::string& name) {
  for (const char* prefix : {"crash-", "oom-", "timeout-", "leak-"})
    if (name.starts_with(prefix)) return true;
  return false;
}

std::string as_trace(const std::string& bytes, const Death& death) {
  trace::Trace trace;
  trace.program =
      trace::decode(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  if (trace.program.ops.empty()) return "";  // the text form has none of those
  std::string line = Context::clean(death.what.substr(0, 200));
  trace::set_header(trace, "found-by", "a target that died");
  trace::set_header(trace, "target-crash", line);
  return trace::print(trace);
}

}  // namespace

std::expected<std::vector<std::string>, std::string> import_crash(Syscalls& sys,
                                                                  const std::string& scratch,
                                                                  const std::string& folder,
                                                                  const Death& death,
                                                                  const std::string& tail) {
  std::vector<std::string> written;
  std::string error;
  const auto keep = [&](const std::string& path, const std::string& content) {
    auto done = make_folders(sys, folder);
    if (done) done = store_file(sys, path, content);
    if (done)
      written.push_back(path);
    else
      error = done.error().str();
  };
  const auto names = list_folder(scratch, "");
  if (!names) return std::unexpected(names.error().str());
  std::string stem = folder + "/" + slug(death.what) + "-" + short_hash(tail);
  for (const std::string& name : *names) {
    if (!is_artifact(name)) continue;
    const auto bytes = read_file(sys, scratch + "/" + name, kInputMax);
    if (!bytes) {
      error = bytes.error().str();
      continue;
    }
    if (bytes->empty() && !name.ends_with(kEmptyInput)) {
      error = scratch + "/" + name + ": the engine left an empty input; is the disk full?";
      continue;
    }
    stem = folder + "/" + slug(death.what) + "-" + short_hash(*bytes);
    keep(stem + ".bin", *bytes);
    if (const std::string text = as_trace(*bytes, death); !text.empty()) keep(stem + ".daxt", text);
  }
  keep(stem + ".log", tail);
  if (!error.empty()) return std::unexpected(error);
  return written;
}

}  // namespace daxfuzz::cli
