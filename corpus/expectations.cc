// SPDX-License-Identifier: GPL-2.0-only
// Headers to variants, variants to executions, executions to verdicts. See
// expectations.h.
#include "corpus/expectations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace daxfuzz::corpus {
namespace {

using Error = std::unexpected<std::string>;

// In the order of exec::Checkers' bits.
constexpr std::array<std::string_view, 8> kCheckers = {
    "reference", "lifetime", "entry_lock", "association", "data", "wakeup", "warn", "persistence"};
static_assert((1u << kCheckers.size()) - 1 == exec::kCheckAll);

// Takes what stands before the first `separator` off the front of `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

// Words of a header are separated by any number of blanks.
std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string_view word = take(rest, ' ');
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return word;
}

std::expected<std::uint32_t, std::string> parse_checkers(std::string_view names) {
  std::uint32_t off = 0;
  while (!names.empty()) {
    const std::string_view name = take(names, ',');
    const auto found = std::ranges::find(kCheckers, name);
    if (found == kCheckers.end()) return Error("no checker " + std::string(name));
    off |= 1u << (found - kCheckers.begin());
  }
  return off;
}

std::expected<trace::Setting, std::string> parse_setting(std::string_view text) {
  std::string_view value = text;
  const std::string_view name = take(value, '=');
  for (std::size_t i = 0; i < trace::switch_count(); i++) {
    const auto id = static_cast<trace::SwitchId>(i);
    if (trace::info(id).name != name) continue;
    for (std::size_t v = 0; v < trace::value_count(id); v++)
      if (trace::value_name(id, static_cast<std::uint8_t>(v)) == value)
        return trace::Setting{id, static_cast<std::uint8_t>(v)};
  }
  return Error("no switch and value " + std::string(text));
}

std::expected<Variant, std::string> take_variant(std::string_view& rest) {
  constexpr std::string_view kWithout = "without=";
  Variant variant;
  std::string_view word = take_word(rest);
  if (word.starts_with(kWithout)) {
    const auto off = parse_checkers(word.substr(kWithout.size()));
    if (!off) return Error(off.error());
    variant.checkers = exec::kCheckAll & ~*off;
    variant.spelling = std::string(word) + " ";
    word = take_word(rest);
  }
  variant.spelling += word;
  const std::string_view protocol = take(word, '+');
  const auto id = trace::protocol_named(protocol);
  if (!id) return Error("no protocol " + std::string(protocol));
  variant.protocol = *id;
  while (!word.empty()) {
    const auto setting = parse_setting(take(word, '+'));
    if (!setting) return Error(setting.error());
    variant.settings.push_back(*setting);
  }
  return variant;
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string missing_protocols(const std::vector<Expectation>& expectations) {
  std::string missing;
  for (std::size_t i = 0; i < trace::protocol_count(); i++) {
    const auto id = static_cast<trace::ProtocolId>(i);
    if (std::ranges::none_of(expectations, [id](const Expectation& e) {
          return e.variant.plain() && e.variant.protocol == id;
        }))
      missing += " " + std::string(trace::name(id));
  }
  return missing;
}

}  // namespace

bool Expectation::kept(std::string_view found) const {
  constexpr std::string_view kAnywhere = "FAIL livelock in *";
  if (verdict != kAnywhere) return verdict == found;
  return found.starts_with(kAnywhere.substr(0, kAnywhere.size() - 1));
}

std::expected<Expectation, std::string> parse_expectation(std::string_view value) {
  std::string_view rest = value;
  const auto variant = take_variant(rest);
  if (!variant) return Error(variant.error());
  const bool fails = rest.starts_with("FAIL ") && rest.find(" in ") != std::string_view::npos;
  if (rest != "PASS" && !fails)
    return Error("expected PASS or FAIL id in function, found '" + std::string(rest) + "'");
  return Expectation{.variant = *variant, .verdict = std::string(rest)};
}

std::expected<Returns, std::string> parse_returns(std::string_view value) {
  std::string_view rest = value;
  const auto variant = take_variant(rest);
  if (!variant) return Error(variant.error());
  Returns returns{.variant = *variant};
  if (!parse_number(take_word(rest), returns.op) || !parse_number(rest, returns.value))
    return Error("expected the number of an op and a value in '" + std::string(value) + "'");
  return returns;
}

std::expected<File, std::string> parse_file(std::string_view name, std::string_view text) {
  const auto parsed = trace::parse(text, name);
  if (!parsed) return Error(parsed.error().str());
  File file;
  file.name = name;
  file.text = text;
  file.trace = parsed->trace;
  if (trace::print(file.trace) != text) return Error(file.name + ": not as print() spells it");
  file.claim = trace::header(file.trace, "claim");
  for (const std::string_view value : trace::headers(file.trace, "expect")) {
    const auto expectation = parse_expectation(value);
    if (!expectation) return Error(file.name + ": " + expectation.error());
    for (const Expectation& other : file.expectations)
      if (other.variant.spelling == expectation->variant.spelling)
        return Error(file.name + ": expected twice: " + other.variant.spelling);
    file.expectations.push_back(*expectation);
  }
  for (const std::string_view value : trace::headers(file.trace, "returns")) {
    const auto returns = parse_returns(value);
    if (!returns) return Error(file.name + ": " + returns.error());
    if (returns->op >= file.trace.program.ops.size())
      return Error(file.name + ": no op " + std::to_string(returns->op));
    file.returns.push_back(*returns);
  }
  const std::string missing = missing_protocols(file.expectations);
  if (!missing.empty()) return Error(file.name + ": nothing expected of" + missing);
  return file;
}

std::vector<std::string> list(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code none;  // a folder that is not there has no files
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.path().extension() == ".daxt") paths.push_back(entry.path().string());
  std::ranges::sort(paths);
  return paths;
}

std::expected<File, std::string> load(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) return Error(path + ": cannot be opened");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parse_file(std::filesystem::path(path).stem().string(), text);
}

std::string test_name(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

exec::Execution run(const File& file, const Variant& variant) {
  trace::Program program = file.trace.program;
  program.protocol = variant.protocol;
  program.settings = variant.settings;
  return exec::execute(program, {.lenient = true, .checkers = variant.checkers});
}

std::string verdict(const exec::Execution& execution) {
  return execution.failed() ? "FAIL " + execution.signature() : "PASS";
}

std::string broken_replay(const File& file) {
  if (file.trace.program.schedule.strategy != trace::Strategy::replay)
    return "the schedule is not explicit\n";
  if (!file.trace.digest.has_value()) return "there is no digest\n";
  const exec::Execution execution = exec::execute(file.trace.program);
  std::string broken;
  if (execution.diverged) broken += "diverged: " + execution.divergence + "\n";
  if (execution.segments != file.trace.program.schedule.segments)
    broken += "ran another schedule than the file has\n";
  if (execution.digest != *file.trace.digest) {
    std::ostringstream digest;
    digest << std::hex << execution.digest;
    broken += "digest is " + digest.str() + "\n";
  }
  return broken;
}

std::string broken_expectations(const File& file) {
  std::string broken;
  for (const Expectation& expectation : file.expectations) {
    const exec::Execution execution = run(file, expectation.variant);
    if (!expectation.kept(verdict(execution)))
      broken += expectation.variant.spelling + ": expected " + expectation.verdict + ", found " +
                verdict(execution) + " (" + execution.finding.value + ")\n";
  }
  for (const Returns& returns : file.returns) {
    const std::int64_t found = run(file, returns.variant).results[returns.op];
    if (found != returns.value)
      broken += returns.variant.spelling + ": op " + std::to_string(returns.op) + " expected " +
                std::to_string(returns.value) + ", returned " + std::to_string(found) + "\n";
  }
  return broken;
}

std::string broken_determinism(const File& file, int replays) {
  const std::uint64_t first = exec::execute(file.trace.program).digest;
  for (int i = 1; i < replays; i++)
    if (exec::execute(file.trace.program).digest != first)
      return "replay " + std::to_string(i) + " has another digest than the first\n";
  return "";
}

std::string table(const std::vector<File>& files) {
  std::string text = "| claim |", rule = "|---|";
  for (std::size_t i = 0; i < trace::protocol_count(); i++) {
    text += " " + std::string(trace::name(static_cast<trace::ProtocolId>(i))) + " |";
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  for (const File& file : files) {
    text += "| [" + file.name + "](#" + file.name + ") |";
    for (std::size_t i = 0; i < trace::protocol_count(); i++)
      for (const Expectation& e : file.expectations)
        if (e.variant.plain() && e.variant.protocol == static_cast<trace::ProtocolId>(i))
          text += " " + (e.verdict == "PASS" ? "pass" : e.verdict.substr(5)) + " |";
    text += "\n";
  }
  return text;
}

}  // namespace daxfuzz::corpus
