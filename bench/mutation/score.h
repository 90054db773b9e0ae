// SPDX-License-Identifier: GPL-2.0-only
// The score: how many of the mutants that are not equivalent are killed, by file and by operator,
// and how many survive in which function, as markdown. Read next: README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/mutation/mutants.h"
#include "bench/mutation/rows.h"

namespace daxfuzz::mutation {

struct Score {
  std::uint64_t verdicts[std::size(kVerdicts)] = {};
  std::uint64_t equivalent = 0;  // of those that are not killed

  void add(Verdict verdict, bool is_equivalent);
  [[nodiscard]] std::uint64_t all() const;
  [[nodiscard]] std::uint64_t kills() const;
  // Of those that are not equivalent.
  [[nodiscard]] double percent() const;
  // Wilson's, of 95 %, in percent: where the mutants are a sample.
  struct Interval { double low = 0, high = 0; };
  [[nodiscard]] Interval interval() const;
  [[nodiscard]] std::string line() const;
};

// Of those of `ids` that have a row.
[[nodiscard]] Score score_of(const MutantList& list, const Rows& rows,
                             const std::vector<std::uint32_t>& ids);
// Mutants that are recorded as equivalent, and killed: a line each.
[[nodiscard]] std::string refuted(const MutantList& list, const Rows& rows);
// Tables by operator and by file; then, of each function, the survivors that are not recorded as
// equivalent: those whose runs were seen to differ, and those that changed nothing that is told.
[[nodiscard]] std::string report(const MutantList& list, const Rows& rows,
                                 const std::vector<std::uint32_t>& ids);

}  // namespace daxfuzz::mutation
