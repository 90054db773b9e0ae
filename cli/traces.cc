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

}  // namespace

bool is_folder(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

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
    const trace::Program& program = loaded.trace.program;
    const std::string verdict = trimmed(value);
    if (verdict != "PASS" && !verdict.starts_with("FAIL "))
      return bad_comment(loaded, value,
                         "expected PASS or 'FAIL signature', found '" + verdict + "'");
    out.push_back({.promise = {.variant = {.spelling = protocol_label(program),
                                           .protocol = program.protocol,
                                           .settings = program.settings},
                               .verdict = verdict},
                   .own = true});
  }
  for (std::string_view value : trace::headers(loaded.trace, "expect")) {
    const auto promise = corpus::parse_expectation(trimmed(value));
    if (!promise) return bad_comment(loaded, value, promise.error());
    out.push_back({.promise = *promise, .own = false});
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
