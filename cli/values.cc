// SPDX-License-Identifier: GPL-2.0-only
// Reads the values of flags. See values.h.
#include "cli/values.h"

#include <algorithm>
#include <charconv>

#include "cli/args.h"
#include "sched/label.h"

namespace daxfuzz::cli {
namespace {

std::unexpected<Wrong> expected_found(std::string_view expected, std::string_view found) {
  return std::unexpected("expected " + std::string(expected) + ", found '" + std::string(found) +
                         "'");
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::vector<std::string> protocol_names() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < trace::protocol_count(); ++i)
    out.emplace_back(trace::name(static_cast<trace::ProtocolId>(i)));
  return out;
}

std::string joined(const std::vector<std::string>& names, std::string_view separator) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : std::string(separator)) + name;
  return out;
}

std::string near(std::string_view word, const std::vector<std::string>& words) {
  const std::string best = nearest(word, words);
  return best.empty() ? "" : "; did you mean " + best + "?";
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find(separator);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::expected<std::uint64_t, Wrong> parse_count(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max)
    return expected_found("a number up to " + std::to_string(max), text);
  return value;
}

std::expected<std::uint64_t, Wrong> parse_seed(std::string_view text) {
  if (text.size() == 40 && std::ranges::all_of(text, is_hex)) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return sched::fnv1a(lower);
  }
  if (auto value = parse_count(text, ~std::uint64_t{0})) return *value;
  return expected_found("a decimal number or 40 hex digits", text);
}

std::expected<Budget, Wrong> parse_budget(std::string_view text) {
  constexpr std::uint64_t kMax = 1'000'000'000;
  struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
    bool seconds;
  };
  constexpr Unit kUnits[] = {{"k-execs", 1000, false},
                             {"-execs", 1, false},
                             {"s", 1, true},
                             {"m", 60, true},
                             {"h", 3600, true}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto count = parse_count(text.substr(0, text.size() - unit.suffix.size()), kMax);
    if (!count || *count == 0) break;
    const std::uint64_t total = *count * unit.factor;
    return unit.seconds ? Budget{total, 0} : Budget{0, total};
  }
  return expected_found("a budget such as 30s, 2m, 1h, 5000-execs or 10k-execs", text);
}

std::string every_protocol() { return joined(protocol_names(), ","); }

std::expected<std::vector<trace::ProtocolId>, Wrong> parse_protocols(std::string_view text) {
  const std::vector<std::string> names = protocol_names();
  std::vector<trace::ProtocolId> out;
  for (const std::string& word : split(text, ',')) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end())
      return std::unexpected(expected_found("one of " + joined(names, ", "), word).error() + near(word, names));
    out.push_back(static_cast<trace::ProtocolId>(found - names.begin()));
  }
  return out;
}

std::expected<trace::Setting, Wrong> parse_setting(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return expected_found("SWITCH=VALUE", text);
  const std::string_view name = text.substr(0, equals), value = text.substr(equals + 1);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < trace::switch_count(); ++i) {
    const auto id = static_cast<trace::SwitchId>(i);
    names.emplace_back(trace::info(id).name);
    if (names.back() != name) continue;
    for (std::uint8_t v = 0; v < trace::value_count(id); ++v)
      if (trace::value_name(id, v) == value) return trace::Setting{id, v};
    return expected_found(
        "one of " + std::string(trace::info(id).values) + " for " + std::string(name), value);
  }
  return std::unexpected(expected_found("the name of a switch", name).error() + near(name, names));
}

std::expected<std::vector<trace::Setting>, Wrong> parse_settings(
    std::span<const std::string> texts) {
  std::vector<trace::Setting> out;
  for (const std::string& text : texts) {
    auto setting = parse_setting(text);
    if (!setting) return std::unexpected(setting.error());
    out.push_back(*setting);
  }
  return out;
}

void apply_settings(trace::Program& program, std::span<const trace::Setting> settings) {
  for (const trace::Setting& s : settings) {
    const auto same = std::ranges::find(program.settings, s.id, &trace::Setting::id);
    if (same != program.settings.end())
      same->value = s.value;
    else
      program.settings.push_back(s);
  }
}

}  // namespace daxfuzz::cli
