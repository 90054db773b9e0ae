// SPDX-License-Identifier: GPL-2.0-only
// Writes the canonical text: sections in one order, one blank between words,
// schedules wrapped at 80 columns. What is out of range is clamped first, so
// that what is printed parses. Read next: text_parse.cc, text_layout.h.
#include <algorithm>
#include <iterator>
#include <utility>

#include "trace/text.h"
#include "trace/text_geometry.h"
#include "trace/text_layout.h"
#include "trace/text_lex.h"

namespace daxfuzz::trace {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kKeyColumns = 12;
constexpr std::size_t kOpColumns = 8;
constexpr std::size_t kBytesPerLine = (kColumns - kKeyColumns - 6) / 2;  // 6: "bytes "
constexpr char kHexDigits[] = "0123456789abcdef";

void pad(std::string& text, std::size_t columns) {
  text += ' ';
  if (text.size() < columns) text.resize(columns, ' ');
}

std::string hex(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (; digits > 0; value >>= 4) text[--digits] = kHexDigits[value & 15];
  return text;
}

std::string numbered(char prefix, unsigned number) { return prefix + std::to_string(number); }

std::string file_name(std::uint8_t file) { return {static_cast<char>('a' + file)}; }

template <class Enum>
std::string named(char letter, Enum value) {
  return std::string(nth_name(operand_words(letter), std::to_underlying(value)));
}

std::string operand(const Op& op, char letter) {
  const std::string page = "+" + std::to_string(op.page);
  switch (letter) {
    case 'f':
      return file_name(op.file) + page;
    case 'F':
      return file_name(op.file);
    case 's':
      return std::to_string(op.len);
    case 'l':
      return "len=" + std::to_string(op.len);
    case 'g':
      return file_name(op.file2) + "+" + std::to_string(op.page2);
    case 'm':
      return numbered('m', op.map) + page;
    case 'M':
      return numbered('m', op.map);
    case 'v':
      return op.access == Access::write ? "0x" + hex(op.value, 2) : "";
    case 'V':
      return "0x" + hex(op.value, 2);
    case 'u':
      return op.mm == 0 ? "" : "mm=" + std::to_string(op.mm);
    case 'o':
      return op.at == 0 ? "" : "at=" + std::to_string(op.at);
    case 'b':
      return "block=" + std::to_string(op.block);
    case 'a':
      return named(letter, op.access);
    case 'k':
      return named(letter, op.pin_kind);
    case 'w':
      return named(letter, op.pin_walk);
    case 'h':
      return named(letter, op.answer);
    case 'c':
      return op.map_kind == MapKind::shared ? "" : named(letter, op.map_kind);
    case 'e':
    case 'E':
      return op.edge == Edge::whole ? "" : named(letter, op.edge);
    case 'p':
      return numbered('p', op.pin);
    case 'P':
      return "-> " + numbered('p', op.pin);
    case 'N':
      return "-> " + numbered('m', op.map);
    case 'n':
      return "-> " + numbered('m', op.map2);
    default:
      return "";
  }
}

std::vector<std::string> schedule_lines(const Schedule& schedule) {
  const std::string key = padded_key("schedule");
  const std::vector<std::size_t> starts = schedule_line_starts(schedule);
  if (schedule.strategy == Strategy::random) {
    std::string line = key + "random seed=" + std::to_string(schedule.seed);
    if (schedule.set_up != 0) line += " set_up=" + std::to_string(schedule.set_up);
    return {std::move(line)};
  }
  if (schedule.segments.empty() && schedule.bytes.empty()) {
    return {key + std::string(name(schedule.strategy))};
  }
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const bool bytes = schedule.strategy == Strategy::bytes;
    const std::size_t items = bytes ? schedule.bytes.size() : schedule.segments.size();
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : items;
    std::string line = key;
    if (bytes) line += "bytes ";
    for (std::size_t item = starts[i]; item < end; ++item) {
      if (bytes) {
        line += hex(schedule.bytes[item], 2);
      } else {
        if (item > starts[i]) line += ' ';
        line += print_segment(schedule.segments[item]);
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> canonical_lines(const Program& program,
                                         const std::optional<std::uint64_t>& digest) {
  std::vector<std::string> lines = {"daxt 1"};
  lines.push_back(padded_key("protocol") + std::string(name(program.protocol)));
  for (const Setting& setting : program.settings) {
    lines.push_back(padded_key("set") + std::string(info(setting.id).name) + "=" +
                    std::string(value_name(setting.id, setting.value)));
  }
  lines.push_back(padded_key("geometry") + print(program.geometry));
  for (const Op& op : program.ops) lines.push_back(numbered('T', op.thread) + ": " + print(op));
  std::ranges::move(schedule_lines(program.schedule), std::back_inserter(lines));
  if (digest) lines.push_back(padded_key("digest") + hex(*digest, 16));
  return lines;
}

}  // namespace

std::string padded_key(std::string_view key) {
  std::string text(key);
  pad(text, kKeyColumns);
  return text;
}

std::string print_segment(const Segment& segment) {
  const bool buffer = segment.thread >= kThreadsMax;
  std::string text = buffer ? numbered('B', segment.thread - static_cast<unsigned>(kThreadsMax))
                            : numbered('T', segment.thread);
  if (!segment.label.empty()) text += "@" + segment.label;
  return text + "*" + std::to_string(segment.steps);
}

std::vector<std::size_t> schedule_line_starts(const Schedule& schedule) {
  std::vector<std::size_t> starts = {0};
  for (std::size_t i = kBytesPerLine; i < schedule.bytes.size(); i += kBytesPerLine) {
    starts.push_back(i);
  }
  std::size_t column = kKeyColumns - 1;  // where the last word ended
  for (std::size_t i = 0; i < schedule.segments.size(); ++i) {
    const std::size_t chars = 1 + print_segment(schedule.segments[i]).size();
    if (i > starts.back() && column + chars > kColumns) {
      starts.push_back(i);
      column = kKeyColumns - 1;
    }
    column += chars;
  }
  return starts;
}

std::string print(const Op& op) {
  std::string text(info(op.code).name);
  const auto add = [&](const std::string& word) {
    if (word.empty()) return;
    pad(text, kOpColumns);
    text += word;
  };
  for (char letter : info(op.code).operands) add(operand(op, letter));
  if (op.fail_nth != 0) add("fail_nth=" + std::to_string(op.fail_nth));
  if (op.fail_from != 0) add("fail_from=" + std::to_string(op.fail_from));
  return text;
}

std::string print(const Trace& trace) {
  const std::vector<std::string> lines = canonical_lines(clamped(trace.program), trace.digest);
  std::vector<std::string> above(lines.size() + 1);  // the comments before each line
  for (const Comment& comment : trace.comments) {
    above[std::min<std::size_t>(comment.before, lines.size())] += comment.text + "\n";
  }
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += above[i] + lines[i] + "\n";
  return text + above.back();
}

}  // namespace daxfuzz::trace
