// SPDX-License-Identifier: GPL-2.0-only
// Errors as text, and comments that are headers: `# key  value`. Values may come
// from anywhere (a kernel function, a path), so they are made printable here.
// Read next: text_parse.cc, text_print.cc.
#include "trace/text.h"

#include <algorithm>

#include "trace/text_layout.h"
#include "trace/text_lex.h"

namespace daxfuzz::trace {
namespace {

constexpr std::string_view kBlanks = " \t";

// Where the value begins in `# key  value`; npos if the comment has another key.
std::size_t value_offset(std::string_view comment, std::string_view key) {
  const std::size_t begin = comment.find_first_not_of(kBlanks, 1);
  if (key.empty() || begin == std::string_view::npos || begin == 1) return std::string_view::npos;
  if (!comment.substr(begin).starts_with(key)) return std::string_view::npos;
  const std::size_t end = begin + key.size();
  if (end == comment.size()) return end;
  if (kBlanks.find(comment[end]) == std::string_view::npos) return std::string_view::npos;
  return std::min(comment.find_first_not_of(kBlanks, end), comment.size());
}

std::string_view trimmed(std::string_view value) {
  return value.substr(0, value.find_last_not_of(kBlanks) + 1);
}

}  // namespace

std::string ParseError::str() const {
  return escaped(file) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " +
         escaped(what);
}

std::vector<std::string_view> headers(const Trace& trace, std::string_view key) {
  std::vector<std::string_view> values;
  for (const Comment& comment : trace.comments) {
    const std::size_t offset = value_offset(comment.text, key);
    if (offset == std::string_view::npos) continue;
    values.push_back(trimmed(std::string_view(comment.text).substr(offset)));
  }
  return values;
}

std::string_view header(const Trace& trace, std::string_view key) {
  const std::vector<std::string_view> values = headers(trace, key);
  return values.empty() ? std::string_view() : values.front();
}

void set_header(Trace& trace, std::string_view key, std::string_view value) {
  const auto same = std::ranges::find_if(trace.comments, [&](const Comment& comment) {
    return value_offset(comment.text, key) != std::string_view::npos;
  });
  // An existing header keeps its column, unless it had no value to align with.
  std::string text = padded_key("# " + std::string(key));
  if (same != trace.comments.end()) {
    const std::size_t offset = value_offset(same->text, key);
    if (offset < same->text.size()) text = same->text.substr(0, offset);
  }
  text += escaped(value);
  text.resize(std::min(trimmed(text).size(), kTextLineCharsMax));
  if (same != trace.comments.end()) {
    same->text = std::move(text);
    return;
  }
  // Full: the last comment makes room, so that what is printed parses.
  if (trace.comments.size() >= kCommentsMax) trace.comments.resize(kCommentsMax - 1);
  const auto below = std::ranges::find_if(
      trace.comments, [](const Comment& comment) { return comment.before > 1; });
  trace.comments.insert(below, Comment{1, std::move(text)});
}

}  // namespace daxfuzz::trace
