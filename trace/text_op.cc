// SPDX-License-Identifier: GPL-2.0-only
// Reads one op, operand letter by operand letter. Words before an arrow may be
// left out from the right (`pin m0+0 -> p0`): they read as their first value. So
// may the value of a `write` (it reads as zero), and any operand whose first value
// is not printed.
#include "trace/text_op.h"

#include <algorithm>
#include <string>

#include "trace/limits.h"
#include "trace/text_layout.h"

namespace daxfuzz::trace {
namespace {

constexpr std::string_view kArrow = "->";
constexpr std::string_view kWithinFile = "a range ends within the largest file";
constexpr std::string_view kFailNth = "fail_nth=", kFailFrom = "fail_from=";

struct SlotKind {
  char prefix;
  std::string_view what;
  std::size_t count;
};
constexpr SlotKind kMapping{'m', "a mapping", kMapsMax};
constexpr SlotKind kPin{'p', "a pin", kPinsMax};

class OpParser {
 public:
  OpParser(Words& words, const Geometry& geometry) : words_(words), geometry_(geometry) {}

  Lexed<Op> parse(OpCode code) {
    op_.code = code;
    for (char letter : info(code).operands) {
      if (Lexed<void> read = operand(letter); !read) return std::unexpected(read.error());
    }
    if (Lexed<void> read = failure(); !read) return std::unexpected(read.error());
    if (Lexed<void> end = end_of_line(words_, what_may_stand_last(info(code).operands)); !end) {
      return std::unexpected(end.error());
    }
    return canonical(op_, geometry_);
  }

 private:
  [[nodiscard]] std::string_view what_may_stand_last(std::string_view operands) const {
    if (op_.access == Access::read && operands.contains('v')) {
      return "a value stands only after 'write'";
    }
    if (operands.contains('e')) return "an edge is whole, late, early or inner";
    if (operands.contains('E')) return "the edge of a size is whole or early";
    return "";
  }

  // One of the two, or neither.
  Lexed<void> failure() {
    const std::string_view next = words_.peek().text;
    if (next.starts_with(kFailNth)) return keyed(kFailNth, 1, kFailNthMax, op_.fail_nth);
    if (next.starts_with(kFailFrom)) return keyed(kFailFrom, 1, kFailNthMax, op_.fail_from);
    return {};
  }

  Lexed<void> operand(char letter) {
    switch (letter) {
      case 'f':
        return file(words_.next(), op_.file, &op_.page);
      case 'F':
        return file(words_.next(), op_.file, nullptr);
      case 'g':
        return file(words_.next(), op_.file2, &op_.page2);
      case 's':
        return number_into(words_.next(), "a size in pages", 0, file_pages(geometry_), op_.len);
      case 'l':
        return length();
      case 'm':
        return slot(words_.next(), kMapping, op_.map, &op_.page);
      case 'M':
        return slot(words_.next(), kMapping, op_.map);
      case 'p':
        return slot(words_.next(), kPin, op_.pin);
      case 'N':
        return arrow(kMapping, op_.map);
      case 'n':
        return arrow(kMapping, op_.map2);
      case 'P':
        return arrow(kPin, op_.pin);
      case 'a':
        return word(letter, op_.access);
      case 'k':
        return word(letter, op_.pin_kind);
      case 'w':
        return word(letter, op_.pin_walk);
      case 'h':
        return word(letter, op_.answer);
      case 'c':
        return optional_word(letter, op_.map_kind);
      case 'e':
        return optional_word(letter, op_.edge);
      case 'E':
        if (words_.peek().text != "whole" && words_.peek().text != "early") return {};
        return optional_word(letter, op_.edge);
      case 'o':
        if (!words_.peek().text.starts_with("at=")) return {};
        return keyed("at=", 0, (std::uint64_t{1} << geometry_.pmd_order) - 1, op_.at,
                     "a mapping starts within the first PMD of its slot");
      case 'b':
        return keyed("block=", 0, geometry_.blocks - 1u, op_.block,
                     "see blocks= of the geometry line");
      case 'u':
        return process();
      case 'v':
        if (op_.access != Access::write || last()) return {};
        [[fallthrough]];
      case 'V':
        return number_into(words_.next(), "a byte value", 0, UINT8_MAX, op_.value);
      default:
        return {};
    }
  }

  // Also if no blank follows it: then arrow() says what is wrong.
  [[nodiscard]] bool arrow_next() const { return words_.peek().text.starts_with(kArrow); }

  // No operand is left.
  [[nodiscard]] bool last() const {
    const std::string_view next = words_.peek().text;
    return next.empty() || next.starts_with(kFailNth) || next.starts_with(kFailFrom);
  }

  template <class Number>
  static Lexed<void> number_into(const Word& word, std::string_view what, std::uint64_t low,
                                 std::uint64_t high, Number& field, std::string_view hint = "") {
    const Lexed<std::uint64_t> value = number(word, what, low, high, hint);
    if (!value) return std::unexpected(value.error());
    field = static_cast<Number>(*value);
    return {};
  }

  // KEY=NUMBER; `key` includes the '='.
  template <class Number>
  Lexed<void> keyed(std::string_view key, std::uint64_t low, std::uint64_t high, Number& field,
                    std::string_view hint = "") {
    const Word found = words_.next();
    if (!found.text.starts_with(key)) return expected(std::string(key) + "N", found, hint);
    return number_into(found.from(key.size()), key, low, high, field, hint);
  }

  // The last of the words that may be missing before an arrow.
  Lexed<void> process() {
    if (arrow_next()) return {};
    if (!words_.peek().text.starts_with("mm=")) {
      const bool mapping = info(op_.code).operands.contains('c');
      return expected(mapping ? "shared, private or sync, at=N, mm=N or '->'" : "mm=N or '->'",
                      words_.peek(), "they stand in this order");
    }
    return keyed("mm=", 0, geometry_.mms - 1u, op_.mm, "see mms= of the geometry line");
  }

  Lexed<void> length() {
    const std::size_t room = file_pages(geometry_) - std::max(op_.page, op_.page2);
    return keyed("len=", 1, room, op_.len, kWithinFile);
  }

  // "a" or, if `page` is wanted, "a+0".
  Lexed<void> file(const Word& found, std::uint8_t& field, std::uint16_t* page) const {
    const char last = static_cast<char>('a' + geometry_.files - 1);
    const std::string_view text = found.text;
    if (text.empty() || text[0] < 'a' || text[0] > last) {
      std::string what = page ? "a file page such as a+0, file a.." : "a file a..";
      return expected(what + last, found, "see files= of the geometry line");
    }
    field = static_cast<std::uint8_t>(text[0] - 'a');
    return page_after(found, 1, page);
  }

  Lexed<void> slot(const Word& found, const SlotKind& kind, std::uint8_t& field,
                   std::uint16_t* page = nullptr) const {
    const std::size_t end = std::min(found.text.find('+'), found.text.size());
    const bool prefixed = found.text.starts_with(kind.prefix);
    const Word digits{found.text.substr(prefixed ? 1 : end, prefixed ? end - 1 : 0), found.column,
                      true};
    if (!number_into(digits, "", 0, kind.count - 1, field)) {
      const std::string last = kind.prefix + std::to_string(kind.count - 1);
      return expected(std::string(kind.what) + " " + kind.prefix + "0.." + last, found);
    }
    return page_after(found, end, page);
  }

  // The rest of a word: "+PAGE" if a page is wanted, else nothing.
  Lexed<void> page_after(const Word& found, std::size_t offset, std::uint16_t* page) const {
    const Word rest = found.from(offset);
    if (page == nullptr) {
      if (rest.text.empty()) return {};
      return expected("a blank after the name", rest, "this operand has no page");
    }
    if (!rest.text.starts_with('+')) return expected("a page after the name, as in +0", rest);
    return number_into(rest.from(1), "a page", 0, file_pages(geometry_) - 1, *page);
  }

  Lexed<void> arrow(const SlotKind& kind, std::uint8_t& field) {
    const Word found = words_.next();
    if (found.text != kArrow) return expected("'->' as a word of its own", found);
    return slot(words_.next(), kind, field);
  }

  template <class Enum>
  Lexed<void> word(char letter, Enum& field) {
    if (arrow_next() || (letter == 'h' && last())) return {};
    const Word found = words_.peek();
    if (index_of(operand_words(letter), found.text) < count(letter)) {
      return optional_word(letter, field);
    }
    std::string what(nth_name(operand_words(letter), 0));
    for (std::size_t i = 1; i < count(letter); ++i) {
      what += i + 1 < count(letter) ? ", " : " or ";
      what += nth_name(operand_words(letter), i);
    }
    return expected(what, found);
  }

  // Another word is left for what follows.
  template <class Enum>
  Lexed<void> optional_word(char letter, Enum& field) {
    const std::size_t index = index_of(operand_words(letter), words_.peek().text);
    if (index == count(letter)) return {};
    field = static_cast<Enum>(index);
    words_.next();
    return {};
  }

  static std::size_t count(char letter) {
    return static_cast<std::size_t>(std::ranges::count(operand_words(letter), '|')) + 1;
  }

  Words& words_;
  const Geometry& geometry_;
  Op op_;
};

}  // namespace

bool is_op_name(std::string_view word) {
  for (std::size_t row = 0; row < op_count(); ++row) {
    if (info(static_cast<OpCode>(row)).name == word) return true;
  }
  return false;
}

Lexed<Op> parse_op(Words& words, const Geometry& geometry) {
  const Word found = words.next();
  std::string names;
  for (std::size_t row = 0; row < op_count(); ++row) {
    const auto code = static_cast<OpCode>(row);
    if (info(code).name == found.text) return OpParser(words, geometry).parse(code);
    names += names.empty() ? "" : "|";
    names += info(code).name;
  }
  return unknown("an op", found, nearest(found.text, names));
}

}  // namespace daxfuzz::trace
