// SPDX-License-Identifier: GPL-2.0-only
// What became of each mutant, in a file of its own, a row a mutant as soon as it is known: a run
// that is cut short goes on where it was. Read next: score.h.
#pragma once

#include <cstdio>
#include <expected>
#include <map>
#include <string>

#include "bench/mutation/mutants.h"
#include "bench/mutation/trial.h"

namespace daxfuzz::mutation {

struct Row {
  Outcome outcome;
  std::uint64_t executions = 0;  // the budget of a hunt
};

class Rows {
 public:
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  Rows(Rows&& other) noexcept;

  // The rows of the file, which need not be there; an error if they are of other mutants or of
  // another seed. Not to be written if `reads`.
  [[nodiscard]] static std::expected<Rows, std::string> opened(const std::string& path,
                                                               const MutantList& list,
                                                               std::uint64_t seed, bool reads);
  // By id. The last row counts.
  [[nodiscard]] const std::map<std::uint32_t, Row>& all() const { return rows_; }
  // A mutant that was killed stays so; one that survived did not survive a longer hunt.
  [[nodiscard]] bool known(std::uint32_t mutant, std::uint64_t executions) const;
  void add(const Mutant& mutant, const Row& row);

 private:
  Rows() = default;
  std::map<std::uint32_t, Row> rows_;
  std::FILE* file_ = nullptr;
};

}  // namespace daxfuzz::mutation
