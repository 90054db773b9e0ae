// SPDX-License-Identifier: GPL-2.0-only
// The `schedule` lines of the text form, private to trace/. A schedule of bytes
// or of segments goes on over several lines. Read next: text_schedule.cc.
#pragma once

#include "trace/program.h"
#include "trace/text_lex.h"

namespace daxfuzz::trace {

class ScheduleParser {
 public:
  // The words after `schedule`. Returns the index of the line's first item. ops: of the whole program.
  Lexed<std::size_t> line(Words& words, const std::vector<Op>& ops);
  [[nodiscard]] bool seen() const { return seen_; }
  [[nodiscard]] Schedule take() { return std::move(schedule_); }

 private:
  Lexed<void> begin(Strategy strategy, const Word& at);
  Lexed<void> random(Words& words, const std::vector<Op>& ops);
  Lexed<void> bytes(Words& words);
  Lexed<void> segments(Words& words);

  Schedule schedule_;
  bool seen_ = false;
};

}  // namespace daxfuzz::trace
