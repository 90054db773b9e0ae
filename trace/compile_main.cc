// SPDX-License-Identifier: GPL-2.0-only
// compile OUT-DIR FILE...: turns .daxt files into the byte form, for the seed
// corpora of the engines. Each FILE becomes OUT-DIR/NAME, its name without
// folder and ".daxt". Creates files only: it never overwrites one, so that two
// inputs of one name are an error. Exit codes are daxfuzz's: 2 usage, 3 input or
// output, 5 bad trace. Read next: bytes.h, text.h.
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "trace/bytes.h"
#include "trace/text.h"

namespace daxfuzz::trace {
namespace {

constexpr int kUsage = 2;
constexpr int kEnvironment = 3;
constexpr int kBadTrace = 5;

int fail(int code, const std::string& message) {
  std::fprintf(stderr, "compile: %s\n", message.c_str());
  return code;
}

// At most one byte more than a trace may have: parse() says that it is too long.
std::optional<std::string> read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return std::nullopt;
  std::string text(kTextBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) return std::nullopt;
  return text;
}

bool create_file(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wbx");
  if (file == nullptr) return false;
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  return std::fclose(file) == 0 && written;
}

int compile(const std::string& folder, std::string_view path) {
  constexpr std::string_view kSuffix = ".daxt";
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (!name.ends_with(kSuffix) || name.size() == kSuffix.size()) {
    return fail(kUsage, "expected a .daxt file, found '" + std::string(path) + "'");
  }
  name.remove_suffix(kSuffix.size());
  const std::optional<std::string> text = read_file(std::string(path));
  if (!text) return fail(kEnvironment, "cannot read '" + std::string(path) + "'");
  const auto parsed = parse(*text, path);
  if (!parsed) return fail(kBadTrace, parsed.error().str());
  const std::string out = folder + "/" + std::string(name);
  if (!create_file(out, encode(parsed->trace.program))) {
    return fail(kEnvironment, "cannot create '" + out + "'; does it exist already?");
  }
  return 0;
}

}  // namespace
}  // namespace daxfuzz::trace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: compile OUT-DIR FILE.daxt...\n", stderr);
    return daxfuzz::trace::kUsage;
  }
  for (int i = 2; i < argc; ++i) {
    if (const int code = daxfuzz::trace::compile(argv[1], argv[i]); code != 0) return code;
  }
  return 0;
}
