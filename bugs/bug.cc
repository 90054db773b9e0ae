// SPDX-License-Identifier: GPL-2.0-only
// The header of a patch, line by line. See bug.h.
#include "bugs/bug.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "bugs/engine.h"

namespace daxfuzz::bugs {
namespace {

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// "" or what is wrong with the value.
std::string take(Bug& bug, std::string_view key, std::string_view value) {
  if (key == "From") bug.from = value;
  else if (key == "Subject") bug.subject = value;
  else if (key == "Catalogue") bug.catalogue = value;
  else if (key == "Signature") {
    if (bug.shows(value)) return "'" + std::string(value) + "' stands there twice";
    bug.signatures.emplace_back(value);
  }
  else if (key == "Harm") {
    if (std::ranges::find(kHarms, value) == std::end(kHarms))
      return "expected a harm of bugs/bug.h, found '" + std::string(value) + "'";
    bug.harm = value;
  } else if (key == "Length") {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bug.length);
    if (error != std::errc() || end != value.data() + value.size() || bug.length == 0)
      return "expected a number of ops, found '" + std::string(value) + "'";
  } else if (key == "Protocols") {
    for (const std::string_view word : words(value)) {
      const auto protocol = trace::protocol_named(word);
      if (!protocol) return "no protocol is called '" + std::string(word) + "'";
      bug.protocols.push_back(*protocol);
    }
  } else if (key == "Memory") {
    if (value != "tso") return "expected tso, found '" + std::string(value) + "'";
    bug.tso = true;
  } else if (key == "Missed") {
    for (const std::string_view word : words(value)) {
      if (!engine_named(word)) return "no engine is called '" + std::string(word) + "'";
      bug.missed.emplace_back(word);
    }
  } else {
    return "a key of bugs/README.md is expected, found '" + std::string(key) + "'";
  }
  return "";
}

// "Key: value", the key one word that begins with a capital.
std::optional<std::pair<std::string_view, std::string_view>> field(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view key = line.substr(0, colon);
  if (key.front() < 'A' || key.front() > 'Z' || key.contains(' ')) return std::nullopt;
  return std::pair(key, line.substr(colon + 2));
}

std::string missing(const Bug& bug) {
  if (bug.from.empty()) return "From";
  if (bug.subject.empty()) return "Subject";
  if (bug.text.empty()) return "a text";
  if (bug.protocols.empty()) return "Protocols";
  if (bug.signatures.empty()) return "Signature";
  if (bug.harm.empty()) return "Harm";
  if (bug.length == 0) return "Length";
  return bug.catalogue.empty() && bug.from != "constructed" ? "Catalogue" : "";
}

bool passes_without_bug(trace::ProtocolId protocol) {
  return protocol == trace::ProtocolId::legacy || protocol == trace::ProtocolId::upstream ||
         protocol == trace::ProtocolId::upstream71;
}

}  // namespace

bool counts(const Bug& bug, std::string_view signature) {
  return passes_without_bug(bug.protocols.front()) || bug.shows(signature);
}

bool Bug::shows(std::string_view signature) const {
  return std::ranges::find(signatures, signature) != signatures.end();
}

bool Bug::misses(std::string_view engine) const {
  return std::ranges::find(missed, engine) != missed.end();
}

std::vector<trace::Setting> Bug::settings() const {
  if (!tso) return {};
  return {{trace::SwitchId::memory, 1}};
}

std::expected<Bug, std::string> parse(std::string_view name, std::string_view patch) {
  Bug bug;
  bug.name = name;
  const auto wrong = [&bug](const std::string& what) {
    return std::unexpected(bug.name + ".patch: " + what);
  };
  bool ended = false;
  while (!patch.empty() && !ended) {
    const std::size_t end = std::min(patch.find('\n'), patch.size());
    const std::string_view line = patch.substr(0, end);
    patch.remove_prefix(std::min(end + 1, patch.size()));
    ended = line == "---";
    if (ended) break;
    if (const auto found = field(line)) {
      if (const std::string error = take(bug, found->first, found->second); !error.empty())
        return wrong(error);
    } else if (!line.empty() || !bug.text.empty()) {
      bug.text += std::string(line) + "\n";
    }
  }
  while (bug.text.ends_with("\n\n")) bug.text.pop_back();
  if (bug.text == "\n") bug.text.clear();
  if (!ended) return wrong("expected a line '---' between header and diff, found none");
  if (const std::string what = missing(bug); !what.empty())
    return wrong("expected " + what + " before '---', found none; bugs/README.md has the form");
  if (!patch.starts_with("--- a/"))
    return wrong("expected a diff after '---', for `patch -p1`, found none");
  return bug;
}

std::expected<Bug, std::string> load(const std::string& path) {
  std::ifstream in(path);
  if (!in) return std::unexpected(path + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return parse(std::filesystem::path(path).stem().string(), text);
}

}  // namespace daxfuzz::bugs
