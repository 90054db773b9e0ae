// SPDX-License-Identifier: GPL-2.0-only
// Where things stand in the canonical text, private to trace/: shared by the
// printer, which writes the lines, and the parser, which numbers them to tell
// before which of them a comment stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trace/text.h"

namespace daxfuzz::trace {

// "key" padded so that what follows stands in column 13; for comments too.
[[nodiscard]] std::string padded_key(std::string_view key);

// The index of the first segment (or schedule byte) of each schedule line; at
// least one line.
[[nodiscard]] std::vector<std::size_t> schedule_line_starts(const Schedule& schedule);

// The words of an operand, by value: "read|write"; "" if the letter has none.
[[nodiscard]] constexpr std::string_view operand_words(char letter) {
  switch (letter) {
    case 'a':
      return "read|write";
    case 'k':
      return "get|pin|longterm";
    case 'w':
      return "fast|slow";
    case 'c':
      return "shared|private|sync";
    case 'e':
    case 'E':
      return "whole|late|early|inner";
    case 'h':
      return "holder|generic";
    default:
      return "";
  }
}

[[nodiscard]] std::string print_segment(const Segment& segment);

}  // namespace daxfuzz::trace
