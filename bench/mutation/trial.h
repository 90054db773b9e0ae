// SPDX-License-Identifier: GPL-2.0-only
// One mutant, put to every probe that reaches its place, in a process of its own: so that a crash, an
// endless loop and a flood of memory are verdicts too. Read next: rows.h, mutate_main.cc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/mutation/probes.h"

namespace daxfuzz::mutation {

enum class Verdict : std::uint8_t {
  corpus,     // killed: a trace of the corpus fails
  hunt,       // killed: a program of a hunt fails
  result,     // killed: an op of a program of one thread returns what it must not, or fails there
  crash,      // killed: a CHECK, a signal
  hang,       // killed: a run that neither ends nor yields
  survived,
  unreached,  // no probe reaches it
};
inline constexpr Verdict kVerdicts[] = {
    Verdict::corpus, Verdict::hunt, Verdict::result,   Verdict::crash,
    Verdict::hang,   Verdict::survived, Verdict::unreached};
[[nodiscard]] std::string_view name(Verdict verdict);
[[nodiscard]] std::optional<Verdict> verdict_named(std::string_view word);
[[nodiscard]] constexpr bool killed(Verdict verdict) { return verdict < Verdict::survived; }

struct Outcome {
  Verdict verdict{};
  std::uint64_t runs = 0;     // executions until then; those that do not reach it are not run
  std::uint64_t differ = 0;   // of these: whose events or results are others than without a mutant
  std::string set = "-";      // of the last probe
  std::uint32_t number = 0;   // of the last probe, in its set
  std::string signature = "-";
};

// A process that tries a mutant.
class Trial {
 public:
  Trial(const Probes& probes, std::uint32_t mutant);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint32_t mutant() const { return mutant_; }
  // Did somebody else end it? Then there is no outcome.
  [[nodiscard]] static bool interrupted(int status);
  // After it ended, as waitpid() says.
  [[nodiscard]] Outcome outcome(int status) const;

 private:
  struct Shared;
  [[noreturn]] void child();
  [[nodiscard]] std::string last_words() const;
  const Probes& probes_;
  std::uint32_t mutant_;
  Shared* shared_;  // with the child
  int said_;        // what it writes to stderr
  pid_t pid_ = 0;
};

}  // namespace daxfuzz::mutation
