// SPDX-License-Identifier: GPL-2.0-only
// Writes JSON text: strings with their escapes, and objects and lists with their
// commas. No tree: a document is written in the order of its members.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daxfuzz::report {

// A JSON string with its quotes: plain ASCII, every other byte as \u00xx.
[[nodiscard]] std::string json_string(std::string_view text);

// One object (opened with '{') or list ('[') under construction.
class JsonWriter {
 public:
  explicit JsonWriter(char open) : close_(open == '{' ? '}' : ']') { out_ += open; }

  JsonWriter& member(std::string_view key, std::string_view raw) {
    item(json_string(key) + ":" + std::string(raw));
    return *this;
  }
  JsonWriter& text(std::string_view key, std::string_view value) {
    return member(key, json_string(value));
  }
  JsonWriter& number(std::string_view key, std::int64_t value) {
    return member(key, std::to_string(value));
  }
  JsonWriter& flag(std::string_view key, bool value) {
    return member(key, value ? "true" : "false");
  }
  // An item of a list; of an object: what member() made.
  void item(std::string_view raw) {
    if (out_.size() > 1) out_ += ',';
    out_ += raw;
  }
  [[nodiscard]] std::string done() const { return out_ + close_; }

 private:
  char close_;
  std::string out_;
};

}  // namespace daxfuzz::report
