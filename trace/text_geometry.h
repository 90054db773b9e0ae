// SPDX-License-Identifier: GPL-2.0-only
// The geometry line of the text form, private to trace/: the words KEY=N after
// "geometry". How many blocks there may be follows from the order of a PMD, which
// stands behind them: so all words are kept first and read together.
// Read next: text_geometry.cc.
#pragma once

#include <array>

#include "trace/program.h"
#include "trace/text_lex.h"

namespace daxfuzz::trace {

class GeometryParser {
 public:
  // One word. An unknown key, or one that was there, is a skippable fault.
  [[nodiscard]] Lexed<void> key(const Word& found);
  // The whole line; a key that was left out has its default.
  [[nodiscard]] Lexed<Geometry> finish() const;

 private:
  static constexpr std::size_t kKeys = 7;
  std::array<Word, kKeys> values_;  // empty and no part of a word: left out
};

// "files=2 blocks=8 pmd_order=2 mms=1"; what is behind them unless it is the default.
[[nodiscard]] std::string print(const Geometry& geometry);

}  // namespace daxfuzz::trace
