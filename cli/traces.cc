// SPDX-License-Identifier: GPL-2.0-only
// Loads traces and reads their comments. See traces.h.
#include "cli/traces.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "cli/exit_code.h"
#include "cli/store.h"
#include "cli/values.h"
#include "trace/limits.h"

namespace daxfuzz::cli {
namespace {

bool is_folder(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t") + 1 - begin));
}

// Comments have no positions of their own: the place is looked up in the text.
std::unexpected<LoadError> bad_comment(const LoadedTrace& loaded, std::string_view value,
                                       const std::string& what) {
  const std::size_t at = std::min(loaded.text.find(value), loaded.text.size());
  const std::string_view before = std::string_view(loaded.text).substr(0, at);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t column = at - (before.rfind('\n') + 1) + 1;
  return std::unexpected(LoadError{kBadTrace, loaded.path + ":" + std::to_string(line) + ":" +
                                                  std::to_string(column) + ": " + what});
}

// "PASS", "FAIL signature" into a signature; false if it is neither.
bool read_verdict(std::string_view text, std::string& signature) {
  const std::string words = trimmed(text);
  if (words == "PASS") return signature.clear(), true;
  if (!words.starts_with("FAIL ")) return false;
  signature = trimmed(std::string_view(words).substr(5));
  return !signature.empty();
}

constexpr const char* kExpectForm =
    "expected 'PROTOCOL[+switch=value...] PASS' or '... FAIL signature'";

std::expected<Expectation, LoadError> read_expect(const LoadedTrace& loaded,
                                                  std::string_view value) {
  const std::string words = trimmed(value);
  const std::size_t space = words.find(' ');
  const std::vector<std::string> parts = split(std::string_view(words).substr(0, space), '+');
  Expectation out;
  const auto protocols = parse_protocols(parts[0]);
  if (!protocols) return bad_comment(loaded, value, protocols.error());
  if (protocols->size() != 1) return bad_comment(loaded, value, kExpectForm);
  out.protocol = protocols->front();
  const auto settings = parse_settings(std::span(parts).subspan(1));
  if (!settings) return bad_comment(loaded, value, settings.error());
  out.settings = *settings;
  if (space == std::string::npos ||
      !read_verdict(std::string_view(words).substr(space), out.signature))
    return bad_comment(loaded, value, std::string(kExpectForm) + ", found '" + words + "'");
  return out;
}

}  // namespace

std::expected<std::vector<std::string>, LoadError> trace_paths(
    std::span<const std::string> operands) {
  std::vector<std::string> out;
  for (const std::string& operand : operands) {
    if (!is_folder(operand)) {
      out.push_back(operand);
      continue;
    }
    const auto names = list_folder(operand, ".daxt");
    if (!names) return std::unexpected(LoadError{kEnvironment, names.error().str()});
    if (names->empty())
      return std::unexpected(LoadError{kEnvironment, operand + ": no *.daxt in this folder"});
    for (const std::string& name : *names)
      out.push_back(operand + (operand.ends_with('/') ? "" : "/") + name);
  }
  return out;
}

std::expected<LoadedTrace, LoadError> load_trace(Syscalls& sys, const std::string& path,
                                                 trace::Parse mode) {
  auto text = read_file(sys, path, trace::kTextBytesMax);
  if (!text && text.error().error == EFBIG)
    return std::unexpected(LoadError{kBadTrace, path + ":1:1: expected at most " +
                                                    std::to_string(trace::kTextBytesMax) +
                                                    " bytes, found more"});
  if (!text) return std::unexpected(LoadError{kEnvironment, text.error().str()});
  auto parsed = trace::parse(*text, path, mode);
  if (!parsed) return std::unexpected(LoadError{kBadTrace, parsed.error().str()});
  return LoadedTrace{path, std::move(*text), std::move(parsed->trace), std::move(parsed->warnings)};
}

std::expected<std::vector<Expectation>, LoadError> expectations(const LoadedTrace& loaded) {
  std::vector<Expectation> out;
  for (std::string_view value : trace::headers(loaded.trace, "verdict")) {
    Expectation own{
        .protocol = loaded.trace.program.protocol, .settings = {}, .own = true, .signature = {}};
    if (!read_verdict(value, own.signature))
      return bad_comment(loaded, value,
                         "expected PASS or 'FAIL signature', found '" + std::string(value) + "'");
    out.push_back(own);
  }
  for (std::string_view value : trace::headers(loaded.trace, "expect")) {
    auto expectation = read_expect(loaded, value);
    if (!expectation) return std::unexpected(expectation.error());
    out.push_back(*expectation);
  }
  // A claim that claims nothing must not count as one that held.
  if (out.empty())
    return std::unexpected(LoadError{
        kBadTrace, loaded.path + ":1:1: expected a `# verdict` or `# expect` comment, found none"});
  return out;
}

std::string protocol_label(trace::ProtocolId protocol, std::span<const trace::Setting> settings) {
  std::string out(trace::name(protocol));
  for (const trace::Setting& s : settings)
    out += "+" + std::string(trace::info(s.id).name) + "=" +
           std::string(trace::value_name(s.id, s.value));
  return out;
}

std::string protocol_label(const trace::Program& program) {
  return protocol_label(program.protocol, program.settings);
}

}  // namespace daxfuzz::cli
