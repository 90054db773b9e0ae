// SPDX-License-Identifier: GPL-2.0-only
// What every mutant is put to: the traces of the corpus, the programs of hunts, then programs of one
// thread of which it is known what they return. They are run once without a mutant, which shows that
// none of them fails and which places each of them reaches: a mutant whose place a run does not reach
// cannot change that run. Read next: trial.h.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "bugs/hunt.h"

namespace daxfuzz::mutation {

struct Probe {
  bugs::Draw draw;
  std::uint64_t steps = 0;  // that a run before it had on average
  bool lenient = false;     // a trace: its labels are followed
  std::uint32_t set = 0;    // of Probes::sets
  std::uint32_t number = 0; // in its set, from 1
  std::uint64_t digest = 0; // without a mutant
  std::vector<std::int64_t> results = {};  // that its ops must return; empty: no matter
};

struct Budget {
  std::uint64_t executions = 30000;  // of each engine under each protocol
  std::uint64_t sequential = 4000;   // programs of one thread
  std::uint64_t seed = 1;
};

// Of all events, and of what the ops returned.
[[nodiscard]] std::uint64_t digest_of(const exec::Execution& execution);

class Probes {
 public:
  // Draws and runs all. The error: what the program without a mutant fails with.
  [[nodiscard]] static std::expected<Probes, std::string> made(const std::string& corpus,
                                                               const Budget& budget,
                                                               std::uint32_t mutants);
  [[nodiscard]] const std::vector<Probe>& all() const { return probes_; }
  // "corpus", "upstream random", ..., "sequential"
  [[nodiscard]] const std::string& set(const Probe& probe) const { return sets_[probe.set]; }
  [[nodiscard]] bool reaches(std::size_t probe, std::uint32_t mutant) const {
    return (reached_[probe * words_ + mutant / 64] >> mutant % 64 & 1) != 0;
  }
  // What is wrong with a run; empty if nothing is.
  [[nodiscard]] static std::string wrong(const Probe& probe, const exec::Execution& execution);
  [[nodiscard]] static exec::Execution run(const Probe& probe);

 private:
  [[nodiscard]] exec::Execution add(Probe probe);
  std::expected<void, std::string> add_corpus(const std::string& folder);
  std::expected<void, std::string> add_hunt(const bugs::Hunt& hunt);
  std::expected<void, std::string> add_sequential(const Budget& budget);
  std::vector<Probe> probes_;
  std::vector<std::string> sets_;
  std::vector<std::uint64_t> reached_;  // a row of words_ a probe, a bit a mutant
  std::size_t words_ = 0;
};

}  // namespace daxfuzz::mutation
