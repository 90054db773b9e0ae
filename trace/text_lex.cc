// SPDX-License-Identifier: GPL-2.0-only
// Words, numbers and the wording of errors. See text_lex.h.
#include "trace/text_lex.h"

#include <algorithm>
#include <vector>

#include "trace/limits.h"

namespace daxfuzz::trace {
namespace {

constexpr std::size_t kFoundCharsMax = 40;    // of a word that an error quotes
constexpr std::size_t kNearestCharsMax = 24;  // longer words are near to none
constexpr char kHexDigits[] = "0123456789abcdef";

bool blank(char c) { return c == ' ' || c == '\t'; }

std::string message(std::string_view what, const Word& found, std::string_view hint) {
  std::string text = "expected ";
  text += what;
  text += ", found ";
  if (found.text.empty()) {
    text += found.part ? "nothing" : "end of line";
  } else {
    text += '\'';
    text += escaped(found.text, kFoundCharsMax);
    text += '\'';
  }
  if (!hint.empty()) {
    text += "; ";
    text += hint;
  }
  return text;
}

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// Digits of `base` only, no overflow.
bool parse_digits(std::string_view digits, unsigned base, std::uint64_t& value) {
  value = 0;
  for (char c : digits) {
    const int digit = hex_digit(c);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return false;
    if (value > (UINT64_MAX - static_cast<unsigned>(digit)) / base) return false;
    value = value * base + static_cast<unsigned>(digit);
  }
  return !digits.empty();
}

}  // namespace

Word Word::from(std::size_t offset) const {
  offset = std::min(offset, text.size());
  return {text.substr(offset), column + static_cast<std::uint32_t>(offset), true};
}

Words::Words(std::string_view line) : line_(line) { next(); }

Word Words::next() {
  const Word current = word_;
  std::size_t begin = end_;
  while (begin < line_.size() && blank(line_[begin])) ++begin;
  end_ = begin;
  while (end_ < line_.size() && !blank(line_[end_])) ++end_;
  word_ = {line_.substr(begin, end_ - begin), static_cast<std::uint32_t>(begin) + 1, false};
  return current;
}

bool printable(char c) { return c >= ' ' && c <= '~'; }

std::string escaped(std::string_view text, std::size_t chars_max) {
  std::string out;
  for (char c : text.substr(0, chars_max)) {
    if (printable(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    }
  }
  if (text.size() > chars_max) out += "...";
  return out;
}

std::unexpected<Fault> expected(std::string_view what, const Word& found, std::string_view hint) {
  return std::unexpected(Fault{found.column, message(what, found, hint), false});
}

std::unexpected<Fault> unknown(std::string_view what, const Word& found, std::string_view hint) {
  return std::unexpected(Fault{found.column, message(what, found, hint), true});
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Lexed<std::uint64_t> number(const Word& word, std::string_view what, std::uint64_t low,
                            std::uint64_t high, std::string_view hint) {
  std::uint64_t value = 0;
  const bool hex = word.text.starts_with("0x");
  const bool digits = parse_digits(word.text.substr(hex ? 2 : 0), hex ? 16 : 10, value);
  if (digits && value >= low && value <= high) return value;
  std::string range(what);
  if (!range.ends_with('=')) range += ' ';
  range += std::to_string(low);
  range += "..";
  range += std::to_string(high);
  return expected(range, word, hint);
}

Lexed<std::uint64_t> hex_number(const Word& word, std::string_view what) {
  std::uint64_t value = 0;
  if (word.text.size() <= 16 && parse_digits(word.text, 16, value)) return value;
  return expected(what, word);
}

Lexed<void> end_of_line(const Words& words, std::string_view hint) {
  const Word& word = words.peek();
  if (word.text.empty()) return {};
  if (word.text.starts_with('#')) hint = "a comment is a whole line that begins with '#'";
  return expected("end of line", word, hint);
}

std::string_view nth_name(std::string_view names, std::size_t n) {
  for (; n > 0; --n) {
    const std::size_t bar = names.find('|');
    if (bar == std::string_view::npos) return "";
    names.remove_prefix(bar + 1);
  }
  return names.substr(0, names.find('|'));
}

std::size_t index_of(std::string_view names, std::string_view word) {
  const auto count = names.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(names, '|')) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (nth_name(names, i) == word) return i;
  }
  return count;
}

std::string nearest(std::string_view word, std::string_view names) {
  std::vector<std::string_view> near, all;
  std::size_t best = std::max<std::size_t>(1, word.size() / 3);  // farther is not what was meant
  for (std::string_view rest = names; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find('|'));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    all.push_back(name);
    const std::size_t d = word.size() <= kNearestCharsMax ? distance(word, name) : SIZE_MAX;
    if (d < best) near.clear();
    if (d <= best) near.push_back(name);
    best = std::min(best, d);
  }
  std::string hint = near.empty() ? "known are " : "did you mean ";
  const std::vector<std::string_view>& chosen = near.empty() ? all : near;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i > 0) hint += near.empty() ? ", " : " or ";
    hint += chosen[i];
  }
  if (!near.empty()) hint += '?';
  return hint;
}

}  // namespace daxfuzz::trace
