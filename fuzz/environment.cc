// SPDX-License-Identifier: GPL-2.0-only
// Parses the variables of environment.h. Strict: a typing error must not become a
// campaign that fuzzes something else than was asked for.
#include "fuzz/environment.h"

#include <fcntl.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace daxfuzz::fuzz {
namespace {

using Failed = std::unexpected<std::string>;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::expected<trace::ProtocolId, std::string> protocol_of(std::string_view word) {
  std::string names = "all";
  for (std::size_t i = 0; i < trace::protocol_count(); ++i) {
    const auto id = static_cast<trace::ProtocolId>(i);
    if (trace::name(id) == word) return id;
    names += ", " + std::string(trace::name(id));
  }
  return Failed("DAXFUZZ_PROTOCOL: expected one of " + names + ", found " + quoted(word));
}

std::expected<trace::Setting, std::string> setting_of(std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
  for (std::size_t i = 0; i < trace::switch_count(); ++i) {
    const auto id = static_cast<trace::SwitchId>(i);
    if (trace::info(id).name != name) continue;
    for (std::size_t v = 0; v < trace::value_count(id); ++v) {
      const auto number = static_cast<std::uint8_t>(v);
      if (trace::value_name(id, number) == value) return trace::Setting{id, number};
    }
    return Failed("DAXFUZZ_SET: " + std::string(name) + ": expected " +
                  std::string(trace::info(id).values) + ", found " + quoted(value));
  }
  return Failed("DAXFUZZ_SET: expected switch=value,..., found " + quoted(word) + "; no such switch");
}

std::expected<int, std::string> descriptor_of(const char* name, std::string_view word) {
  int fd = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), fd);
  if (error != std::errc() || end != word.data() + word.size() || fd < 0)
    return Failed(std::string(name) + ": expected a file descriptor's number, found " + quoted(word));
  if (::fcntl(fd, F_GETFL) == -1) return Failed(std::string(name) + ": descriptor " + quoted(word) + " is not open");
  return fd;
}

// Empty if all is well.
std::string read_known(const std::string& path, Environment& environment) {
  std::ifstream in(path);
  if (!in) return "DAXFUZZ_KNOWN: cannot read " + path;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t tab = line.find('\t');
    if (tab == 0 || tab == std::string::npos || tab + 1 == line.size())
      return "DAXFUZZ_KNOWN: " + path + ":" + std::to_string(number) +
             ": expected protocol<TAB>signature, found " + quoted(line);
    environment.known.emplace(line.substr(0, tab), line.substr(tab + 1));
  }
  return in.bad() ? "DAXFUZZ_KNOWN: error while reading " + path : "";
}

}  // namespace

std::expected<Environment, std::string> read_environment(const Getenv& getenv) {
  Environment out;
  auto value = [&](const char* name) -> std::string_view {
    const char* text = getenv(name);
    return text == nullptr ? "" : text;
  };
  if (const auto word = value("DAXFUZZ_PROTOCOL"); !word.empty() && word != "all") {
    const auto protocol = protocol_of(word);
    if (!protocol) return Failed(protocol.error());
    out.protocol = *protocol;
  }
  if (std::string_view rest = value("DAXFUZZ_SET"); rest == "input") {
    out.settings_of_input = true;
  } else {
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const auto setting = setting_of(rest.substr(0, comma));
      if (!setting) return Failed(setting.error());
      out.settings.push_back(*setting);
      rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    }
  }
  for (const auto& [name, fd] : {std::pair("DAXFUZZ_FINDINGS_FD", &out.findings_fd),
                                 std::pair("DAXFUZZ_DIGESTS_FD", &out.digests_fd),
                                 std::pair("DAXFUZZ_EDGES_FD", &out.edges_fd)}) {
    if (value(name).empty()) continue;
    const auto opened = descriptor_of(name, value(name));
    if (!opened) return Failed(opened.error());
    *fd = *opened;
  }
  if (const auto path = value("DAXFUZZ_KNOWN"); !path.empty())
    if (std::string error = read_known(std::string(path), out); !error.empty()) return Failed(error);
  return out;
}

Environment environment_or_exit() {
  auto environment = read_environment([](const char* name) { return std::getenv(name); });
  if (environment) return *std::move(environment);
  std::fprintf(stderr, "daxfuzz: %s\n", environment.error().c_str());
  std::exit(2);
}

trace::Program forced(trace::Program program, const Environment& environment) {
  if (environment.protocol) program.protocol = *environment.protocol;
  if (!environment.settings_of_input) program.settings = environment.settings;
  return trace::clamped(std::move(program));
}

}  // namespace daxfuzz::fuzz
