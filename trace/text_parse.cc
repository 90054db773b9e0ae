// SPDX-License-Identifier: GPL-2.0-only
// Reads the text form, a line at a time: first the bytes, then the first word,
// then what that kind of line holds. A comment is kept as "before this thing"
// and numbered at the end, when it is known where that thing is printed.
// Read next: text_geometry.h, text_op.cc, text_schedule.cc, text_layout.h.
#include <algorithm>
#include <utility>

#include "trace/text.h"
#include "trace/text_geometry.h"
#include "trace/text_layout.h"
#include "trace/text_op.h"
#include "trace/text_schedule.h"

namespace daxfuzz::trace {
namespace {

// In the order of the canonical text.
enum class Section : std::uint8_t { magic, protocol, set, geometry, op, schedule, digest, end };

struct Anchor {
  Section section = Section::end;
  std::size_t index = 0;  // of the setting, op, segment or byte
};

class Parser {
 public:
  Parser(std::string_view text, std::string_view file, Parse mode)
      : text_(text), file_(file), mode_(mode) {}

  std::expected<Parsed, ParseError> run() {
    Lexed<void> read = lines();
    if (read) read = finish();
    if (!read) return std::unexpected(error(read.error()));
    return std::move(parsed_);
  }

 private:
  ParseError error(const Fault& fault) const {
    return {std::string(file_), line_, fault.column, fault.what};
  }

  // True if the fault is one that lenient mode only warns of.
  bool tolerated(const Fault& fault) {
    if (mode_ != Parse::lenient || !fault.skippable) return false;
    parsed_.warnings.push_back(error(fault));
    return true;
  }

  Lexed<void> lines() {
    if (text_.size() > kTextBytesMax) {
      line_ = 1;
      return plain_fault(1, "expected at most " + std::to_string(kTextBytesMax) + " bytes, found " +
                                std::to_string(text_.size()));
    }
    for (std::string_view rest = text_; !rest.empty();) {
      ++line_;
      const std::size_t newline = rest.find('\n');
      const bool whole = newline != std::string_view::npos;
      std::string_view line = rest.substr(0, newline);
      rest.remove_prefix(line.size() + (whole ? 1 : 0));
      if (whole && line.ends_with('\r')) line.remove_suffix(1);
      Lexed<void> read = characters(line);
      if (read && !whole) {
        Fault cut{static_cast<std::uint32_t>(line.size()) + 1,
                  "expected a newline after the last line, found end of file; "
                  "is the file truncated?",
                  true};
        if (!tolerated(cut)) read = std::unexpected(std::move(cut));
      }
      if (read) read = any_line(line);
      if (!read && !tolerated(read.error())) return read;
    }
    return {};
  }

  static std::unexpected<Fault> plain_fault(std::size_t column, std::string what) {
    return std::unexpected(Fault{static_cast<std::uint32_t>(column), std::move(what), false});
  }

  static Lexed<void> characters(std::string_view line) {
    if (line.size() > kTextLineCharsMax) {
      return plain_fault(kTextLineCharsMax + 1,
                         "expected a line of at most " + std::to_string(kTextLineCharsMax) +
                             " characters, found " + std::to_string(line.size()));
    }
    const auto bad = std::ranges::find_if(line, [](char c) { return !printable(c) && c != '\t'; });
    if (bad == line.end()) return {};
    const std::string byte = escaped({&*bad, 1});
    return plain_fault(
        static_cast<std::size_t>(bad - line.begin()) + 1,
        "expected printable ASCII, found byte 0x" + byte.substr(2) + "; a .daxt file is text");
  }

  Lexed<void> any_line(std::string_view line) {
    Words words(line);
    const Word word = words.peek();
    if (word.text.empty()) return {};
    if (word.text.starts_with('#')) return comment(line.substr(word.column - 1), word);
    if (!magic_seen_) return magic(words);
    if (word.text.size() > 1 && word.text[0] == 'T' && hex_digit(word.text[1]) >= 0)
      return op(words);
    words.next();
    if (word.text == "protocol") return protocol(word, words);
    if (word.text == "set") return set(word, words);
    if (word.text == "geometry") return geometry(word, words);
    if (word.text == "schedule") return schedule(words);
    if (word.text == "digest") return digest(word, words);
    return unknown("a header line, an op, schedule or digest", word,
                   is_op_name(word.text)
                       ? "an op begins with its thread, as in 'T0: " + std::string(word.text) + "'"
                       : nearest(word.text, "protocol|set|geometry|schedule|digest"));
  }

  Lexed<void> comment(std::string_view text, const Word& word) {
    if (anchors_.size() == kCommentsMax) {
      return expected("at most " + std::to_string(kCommentsMax) + " comments", word);
    }
    parsed_.trace.comments.push_back({0, std::string(text)});
    anchors_.emplace_back();
    return {};
  }

  // What was read stands here: so do the comments since the line before.
  Lexed<void> accepted(Section section, std::size_t index = 0) {
    for (; anchored_ < anchors_.size(); ++anchored_) anchors_[anchored_] = {section, index};
    return {};
  }

  Lexed<void> magic(Words& words) {
    constexpr std::string_view kHint = "the first line names the format and its version";
    const Word name = words.next();
    if (name.text != "daxt") return expected("'daxt 1'", name, kHint);
    const Word version = words.next();
    if (version.text != "1") return expected("version 1", version, "this daxfuzz reads version 1");
    if (Lexed<void> end = end_of_line(words); !end) return end;
    magic_seen_ = true;
    return accepted(Section::magic);
  }

  // Header lines stand before the ops, because the ops are checked against them.
  Lexed<void> header_place(const Word& keyword, bool seen) const {
    if (!program().ops.empty() || schedule_.seen() || parsed_.trace.digest) {
      return expected("an op, schedule or digest", keyword,
                      "protocol, set and geometry stand before the first op");
    }
    if (seen) return unknown("one such line", keyword, "it stands in the file already");
    return {};
  }

  Lexed<void> protocol(const Word& keyword, Words& words) {
    if (Lexed<void> placed = header_place(keyword, protocol_seen_); !placed) return placed;
    const Word found = words.next();
    std::string names;
    for (std::size_t row = 0; row < protocol_count(); ++row) {
      const auto id = static_cast<ProtocolId>(row);
      if (name(id) == found.text) {
        if (Lexed<void> end = end_of_line(words); !end) return end;
        program().protocol = id;
        protocol_seen_ = true;
        return accepted(Section::protocol);
      }
      names += (names.empty() ? "" : "|") + std::string(name(id));
    }
    return unknown("a protocol", found, nearest(found.text, names));
  }

  Lexed<void> set(const Word& keyword, Words& words) {
    if (Lexed<void> placed = header_place(keyword, false); !placed) return placed;
    const Word found = words.next();
    const std::size_t equals = found.text.find('=');
    if (equals == std::string_view::npos) return expected("SWITCH=VALUE", found);
    const Word key{found.text.substr(0, equals), found.column, true};
    std::string names;
    for (std::size_t row = 0; row < switch_count(); ++row) {
      const auto id = static_cast<SwitchId>(row);
      if (info(id).name == key.text) return set_value(id, key, found.from(equals + 1), words);
      names += (names.empty() ? "" : "|") + std::string(info(id).name);
    }
    return unknown("a switch", key, nearest(key.text, names));
  }

  Lexed<void> set_value(SwitchId id, const Word& key, const Word& found, Words& words) {
    if (std::ranges::find(program().settings, id, &Setting::id) != program().settings.end()) {
      return unknown("each switch once", key, "it is set already");
    }
    for (std::uint8_t value = 0; value < value_count(id); ++value) {
      if (value_name(id, value) != found.text) continue;
      if (Lexed<void> end = end_of_line(words); !end) return end;
      program().settings.push_back({id, value});
      return accepted(Section::set, program().settings.size() - 1);
    }
    return unknown("a value of " + std::string(key.text), found,
                   nearest(found.text, info(id).values));
  }

  Lexed<void> geometry(const Word& keyword, Words& words) {
    if (Lexed<void> placed = header_place(keyword, geometry_seen_); !placed) return placed;
    GeometryParser parser;
    while (!words.peek().text.empty() && !words.peek().text.starts_with('#')) {
      const Lexed<void> known = parser.key(words.next());
      if (!known && !tolerated(known.error())) return known;
    }
    if (Lexed<void> end = end_of_line(words); !end) return end;
    const Lexed<Geometry> read = parser.finish();
    if (!read) return std::unexpected(read.error());
    program().geometry = *read;
    geometry_seen_ = true;
    return accepted(Section::geometry);
  }

  Lexed<void> op(Words& words) {
    const Word thread = words.next();
    const std::string_view text = thread.text;
    const Word digits{text.substr(1, text.size() - (text.ends_with(':') ? 2 : 1)), thread.column,
                      true};
    const auto task = number(digits, "", 0, kThreadsMax - 1);
    if (!text.ends_with(':') || !task) {
      return expected("a thread T0:..T" + std::to_string(kThreadsMax - 1) + ":", thread);
    }
    if (schedule_.seen() || parsed_.trace.digest) {
      return expected("schedule, digest or end of file", thread, "ops stand before the schedule");
    }
    if (program().ops.size() == kOpsMax) {
      return expected("at most " + std::to_string(kOpsMax) + " ops", thread);
    }
    Lexed<Op> read = parse_op(words, program().geometry);
    if (!read) return std::unexpected(read.error());
    read->thread = static_cast<std::uint8_t>(*task);
    program().ops.push_back(*read);
    return accepted(Section::op, program().ops.size() - 1);
  }

  Lexed<void> schedule(Words& words) {
    const Lexed<std::size_t> first = schedule_.line(words, program().ops);
    if (!first) return std::unexpected(first.error());
    return accepted(Section::schedule, *first);
  }

  Lexed<void> digest(const Word& keyword, Words& words) {
    if (parsed_.trace.digest)
      return unknown("one digest line", keyword, "it stands in the file already");
    const auto value = hex_number(words.next(), "1 to 16 hexadecimal digits");
    if (!value) return std::unexpected(value.error());
    if (Lexed<void> end = end_of_line(words); !end) return end;
    parsed_.trace.digest = *value;
    return accepted(Section::digest);
  }

  Lexed<void> finish() {
    ++line_;
    if (!magic_seen_)
      return plain_fault(1, "expected 'daxt 1', found end of file; is the file truncated?");
    if (program().ops.empty()) {
      return plain_fault(
          1, "expected at least one op, found end of file; an op is as in 'T0: fsync a'");
    }
    program().schedule = schedule_.take();
    number_comments();
    return {};
  }

  void number_comments() {
    const Program& read = program();
    const std::vector<std::size_t> starts = schedule_line_starts(read.schedule);
    const std::size_t geometry = 2 + read.settings.size();
    const std::size_t schedule = geometry + 1 + read.ops.size();
    const std::size_t digest = schedule + starts.size();
    const auto line = [&](const Anchor& anchor) -> std::size_t {
      switch (anchor.section) {
        case Section::magic:
          return 0;
        case Section::protocol:
          return 1;
        case Section::set:
          return 2 + anchor.index;
        case Section::geometry:
          return geometry;
        case Section::op:
          return geometry + 1 + anchor.index;
        case Section::schedule: {
          const auto next = std::ranges::upper_bound(starts, anchor.index);
          return schedule + static_cast<std::size_t>(next - starts.begin()) - 1;
        }
        case Section::digest:
          return digest;
        case Section::end:
          break;
      }
      return digest + (parsed_.trace.digest ? 1 : 0);
    };
    std::vector<Comment> sorted;
    for (std::size_t i = 0; i < anchors_.size(); ++i) {
      Comment& comment = parsed_.trace.comments[i];
      comment.before = static_cast<std::uint32_t>(line(anchors_[i]));
      const auto at = std::ranges::upper_bound(sorted, comment.before, {}, &Comment::before);
      sorted.insert(at, std::move(comment));
    }
    parsed_.trace.comments = std::move(sorted);
  }

  Program& program() { return parsed_.trace.program; }
  const Program& program() const { return parsed_.trace.program; }

  std::string_view text_;
  std::string_view file_;
  Parse mode_;
  Parsed parsed_;
  std::uint32_t line_ = 0;
  bool magic_seen_ = false, protocol_seen_ = false, geometry_seen_ = false;
  ScheduleParser schedule_;
  std::vector<Anchor> anchors_;  // of each comment
  std::size_t anchored_ = 0;     // comments before this one have their anchor
};

}  // namespace

std::expected<Parsed, ParseError> parse(std::string_view text, std::string_view file, Parse mode) {
  return Parser(text, file, mode).run();
}

}  // namespace daxfuzz::trace
