// SPDX-License-Identifier: GPL-2.0-only
// The text form of a Program, `.daxt`: what people read, mail, diff and commit.
// Line-oriented ASCII, first line `daxt 1`, options in the file, `#` comments
// kept where they stood. print(parse(x)) is canonical after one pass.
// Grammar and examples: docs/trace-format.md.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::trace {

// A `#` comment line. It stands before the line whose number among the
// non-comment lines is `before` (0: before `daxt 1`; past the last: at the end).
struct Comment {
  std::uint32_t before = 0;
  std::string text;  // with its '#'
  bool operator==(const Comment&) const = default;
};

struct Trace {
  Program program;
  std::optional<std::uint64_t> digest;  // of the execution's event log
  std::vector<Comment> comments;
  bool operator==(const Trace&) const = default;
};

// Why a text is not a trace. what: "expected X, found Y; do Z", one line.
struct ParseError {
  std::string file;
  std::uint32_t line = 0;    // 1-based
  std::uint32_t column = 0;  // 1-based, in bytes
  std::string what;
  [[nodiscard]] std::string str() const;  // file:line:column: what
};

enum class Parse : std::uint8_t {
  strict,   // any unknown word is an error
  lenient,  // unknown keys and ops are skipped, each with a warning
};

struct Parsed {
  Trace trace;
  std::vector<ParseError> warnings;  // lenient only
};

// `file` only names the source in errors. Never throws, never recurses; time and
// memory are linear in the text, which is rejected beyond kTextBytesMax.
[[nodiscard]] std::expected<Parsed, ParseError> parse(std::string_view text,
                                                     std::string_view file,
                                                     Parse mode = Parse::strict);
[[nodiscard]] std::string print(const Trace& trace);
[[nodiscard]] std::string print(const Op& op);  // "fault   m0+0 write 0x5a", no thread

// The value of the first comment `# key  value`, e.g. "verdict"; empty if none.
[[nodiscard]] std::string_view header(const Trace& trace, std::string_view key);
// Every value of comments with that key, in order (e.g. "expect").
[[nodiscard]] std::vector<std::string_view> headers(const Trace& trace, std::string_view key);
// Sets (or adds below the first line) the comment `# key  value`.
void set_header(Trace& trace, std::string_view key, std::string_view value);

}  // namespace daxfuzz::trace
