// SPDX-License-Identifier: GPL-2.0-only
// A recogniser of RFC 8259 JSON, without white space rules beyond its own. Test
// only, so it may recurse. See json_check.h.
#include "report/json_check.h"

#include <set>

namespace daxfuzz::report {
namespace {

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  std::string run() {
    space();
    value();
    space();
    if (error_.empty() && at_ != text_.size()) fail("something after the document");
    return error_;
  }

 private:
  void fail(const char* what) {
    if (error_.empty()) error_ = std::string(what) + " at byte " + std::to_string(at_);
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) { return peek() == c && at_ < text_.size() ? (++at_, true) : false; }
  void space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') ++at_;
  }
  void digits() {
    if (peek() < '0' || peek() > '9') fail("a digit is missing");
    while (peek() >= '0' && peek() <= '9') ++at_;
  }

  void value() {
    if (!error_.empty()) return;
    if (peek() == '{') return object();
    if (peek() == '[') return list();
    if (peek() == '"') return void(string());
    for (std::string_view word : {"true", "false", "null"})
      if (text_.substr(at_).starts_with(word)) return void(at_ += word.size());
    number();
  }
  void number() {
    take('-');
    if (!take('0')) digits();
    if (take('.')) digits();
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      digits();
    }
  }
  std::string string() {
    const std::size_t begin = at_;
    if (!take('"')) return fail("a string is missing"), "";
    while (error_.empty() && !take('"')) {
      if (at_ >= text_.size())
        fail("a string has no end");
      else if (static_cast<unsigned char>(peek()) < 0x20)
        fail("a control byte in a string");
      else if (take('\\'))
        escape();
      else
        ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }
  void escape() {
    if (!take('u')) {
      if (std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos)
        fail("an unknown escape");
      ++at_;
      return;
    }
    for (int i = 0; i < 4; ++i, ++at_)
      if (at_ >= text_.size() ||
          std::string_view("0123456789abcdefABCDEF").find(peek()) == std::string_view::npos)
        fail("four hex digits are missing");
  }
  void list() {
    take('[');
    space();
    if (take(']')) return;
    do {
      space();
      value();
      space();
    } while (error_.empty() && take(','));
    if (!take(']')) fail("a list has no end");
  }
  void object() {
    take('{');
    space();
    if (take('}')) return;
    std::set<std::string> keys;
    do {
      space();
      if (!keys.insert(string()).second) fail("a key twice");
      space();
      if (!take(':')) fail("a colon is missing");
      space();
      value();
      space();
    } while (error_.empty() && take(','));
    if (!take('}')) fail("an object has no end");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

}  // namespace

std::string json_error(std::string_view text) { return Checker(text).run(); }

}  // namespace daxfuzz::report
