// SPDX-License-Identifier: GPL-2.0-only
// Reads the `schedule` lines. See text_schedule.h.
#include "trace/text_schedule.h"

#include <algorithm>
#include <string>

#include "trace/limits.h"

namespace daxfuzz::trace {
namespace {

constexpr std::string_view kSeed = "seed=", kSetUp = "set_up=";

// T0*6, T1@xa_lock*9, or B0@load*1 of a store buffer.
Lexed<Segment> segment(const Word& word) {
  constexpr std::string_view kShape = "a segment such as T0*6 or T1@label*9";
  const std::string_view text = word.text;
  const std::size_t star = text.find('*');
  const bool buffer = text.starts_with('B');
  if ((!buffer && !text.starts_with('T')) || star == std::string_view::npos) return expected(kShape, word);
  const std::size_t at = std::min(text.find('@'), star);

  const Word digits{text.substr(1, at - 1), word.column + 1, true};
  const auto thread = number(digits, "a task", 0, (buffer ? kThreadsMax : kScheduleTasksMax) - 1);
  if (!thread) return std::unexpected(thread.error());
  const auto steps = number(word.from(star + 1), "a number of steps", 1, kSegmentStepsMax);
  if (!steps) return std::unexpected(steps.error());

  Segment read;
  read.thread = static_cast<std::uint8_t>(*thread + (buffer ? kThreadsMax : 0));
  read.steps = static_cast<std::uint16_t>(*steps);
  if (at == star) return read;
  Word label = word.from(at + 1);
  label.text = label.text.substr(0, star - at - 1);
  if (label.text.empty() || label.text.size() > kLabelCharsMax) {
    return expected("a label of 1.." + std::to_string(kLabelCharsMax) + " characters", label);
  }
  read.label = label.text;
  return read;
}

}  // namespace

Lexed<std::size_t> ScheduleParser::line(Words& words, const std::vector<Op>& ops) {
  const std::size_t first = std::max(schedule_.bytes.size(), schedule_.segments.size());
  const std::string_view word = words.peek().text;
  Lexed<void> read;
  if (word == "random") {
    read = random(words, ops);
  } else if (word == "bytes") {
    read = bytes(words);
  } else if (word == "replay" || word.starts_with('T') || word.starts_with('B')) {
    read = segments(words);
  } else {
    read = expected("random, bytes, replay or a segment such as T0*6", words.peek());
  }
  if (!read) return std::unexpected(read.error());
  seen_ = true;
  return first;
}

Lexed<void> ScheduleParser::begin(Strategy strategy, const Word& at) {
  if (!seen_ || (strategy == schedule_.strategy && strategy != Strategy::random)) {
    schedule_.strategy = strategy;
    return {};
  }
  return expected("a schedule of one kind", at,
                  "an earlier line says " + std::string(name(schedule_.strategy)));
}

Lexed<void> ScheduleParser::random(Words& words, const std::vector<Op>& ops) {
  if (Lexed<void> begun = begin(Strategy::random, words.next()); !begun) return begun;
  const Word word = words.next();
  if (!word.text.starts_with(kSeed)) return expected("seed=N", word);
  const auto seed = number(word.from(kSeed.size()), "a seed", 0, UINT64_MAX);
  if (!seed) return std::unexpected(seed.error());
  schedule_.seed = *seed;
  if (words.peek().text.starts_with(kSetUp)) {
    const auto set_up = number(words.next().from(kSetUp.size()), "a number of T0's ops", 0,
                               set_up_max(ops));
    if (!set_up) return std::unexpected(set_up.error());
    schedule_.set_up = static_cast<std::uint8_t>(*set_up);
  }
  return end_of_line(words);
}

Lexed<void> ScheduleParser::bytes(Words& words) {
  if (Lexed<void> begun = begin(Strategy::bytes, words.next()); !begun) return begun;
  const Word word = words.next();
  for (std::size_t i = 0; i < word.text.size(); i += 2) {
    const int high = hex_digit(word.text[i]);
    const int low = i + 1 < word.text.size() ? hex_digit(word.text[i + 1]) : -1;
    if (high < 0 || low < 0) return expected("pairs of hexadecimal digits", word.from(i));
    if (schedule_.bytes.size() == kScheduleBytesMax) {
      return expected("at most " + std::to_string(kScheduleBytesMax) + " schedule bytes",
                      word.from(i));
    }
    schedule_.bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return end_of_line(words);
}

Lexed<void> ScheduleParser::segments(Words& words) {
  if (Lexed<void> begun = begin(Strategy::replay, words.peek()); !begun) return begun;
  if (words.peek().text == "replay") {  // no segment: each as long as it can
    words.next();
    return end_of_line(words);
  }
  while (!words.peek().text.empty() && !words.peek().text.starts_with('#')) {
    const Word word = words.next();
    Lexed<Segment> read = segment(word);
    if (!read) return std::unexpected(read.error());
    if (schedule_.segments.size() == kSwitchesMax) {
      return expected("at most " + std::to_string(kSwitchesMax) + " segments", word);
    }
    schedule_.segments.push_back(std::move(*read));
  }
  return end_of_line(words);
}

}  // namespace daxfuzz::trace
