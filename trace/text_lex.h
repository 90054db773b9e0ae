// SPDX-License-Identifier: GPL-2.0-only
// The lexer of the text form, private to trace/: words of a line with their
// columns, numbers with their ranges, and the wording of every error. A word is
// what stands between blanks; there is no quoting and no nesting.
// Read next: text_op.h (one op), text_parse.cc (the lines).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace daxfuzz::trace {

// Part of a line. An empty text is the end of the line, or of the word.
struct Word {
  std::string_view text;
  std::uint32_t column = 1;                           // 1-based, in bytes
  bool part = false;                                  // of a word
  [[nodiscard]] Word from(std::size_t offset) const;  // without its first bytes
};

// Why a line is wrong; the parser adds the file and the line.
struct Fault {
  std::uint32_t column = 1;
  std::string what;
  bool skippable = false;  // lenient mode goes on with a warning
};

template <class T>
using Lexed = std::expected<T, Fault>;

class Words {
 public:
  explicit Words(std::string_view line);
  [[nodiscard]] const Word& peek() const { return word_; }
  Word next();

 private:
  std::string_view line_;
  std::size_t end_ = 0;  // of word_
  Word word_;
};

// Bytes outside of printable ASCII as \xNN, so that no text drives a terminal;
// what is longer than `chars_max` bytes ends with "...".
[[nodiscard]] std::string escaped(std::string_view text, std::size_t chars_max = SIZE_MAX);
[[nodiscard]] bool printable(char c);

// "expected X, found 'word'; hint", with "end of line" for an empty word.
[[nodiscard]] std::unexpected<Fault> expected(std::string_view what, const Word& found,
                                              std::string_view hint = "");
// The same for a word that a later version may know: lenient mode skips it.
[[nodiscard]] std::unexpected<Fault> unknown(std::string_view what, const Word& found,
                                             std::string_view hint = "");

// A decimal or 0x number low..high; anything else is "expected WHAT low..high".
[[nodiscard]] Lexed<std::uint64_t> number(const Word& word, std::string_view what,
                                          std::uint64_t low, std::uint64_t high,
                                          std::string_view hint = "");
// Hexadecimal digits without 0x, at most 16.
[[nodiscard]] Lexed<std::uint64_t> hex_number(const Word& word, std::string_view what);
[[nodiscard]] int hex_digit(char c);  // -1 if none

// Nothing more on this line.
[[nodiscard]] Lexed<void> end_of_line(const Words& words, std::string_view hint = "");

// Of names separated by '|': the n-th, "" if there are fewer; which one `word` is, their
// number if none.
[[nodiscard]] std::string_view nth_name(std::string_view names, std::size_t n);
[[nodiscard]] std::size_t index_of(std::string_view names, std::string_view word);

// Words near `word` by edit distance, for a hint: "did you mean a or b?"; all of
// them if none is near. `names` are separated by '|'.
[[nodiscard]] std::string nearest(std::string_view word, std::string_view names);

}  // namespace daxfuzz::trace
