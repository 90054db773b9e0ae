// SPDX-License-Identifier: GPL-2.0-only
// A hunt: programs by one engine, from a seed, until one ends as is looked for or the budget
// does. Budgets are executions, so that a hunt is the same on every machine. It knows nothing of
// the bug: what is drawn is the same for all. Read next: bug_main.cc, which hunts for one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bugs/engine.h"
#include "exec/execute.h"
#include "report/worth.h"
#include "sched/choice.h"

namespace daxfuzz::bugs {

struct Hunt {
  Engine engine = Engine::random;
  trace::ProtocolId protocol{};
  std::vector<trace::Setting> settings = {};  // Bug::settings()
  std::uint64_t seed = 1;
  std::uint64_t executions = 0;  // at most
  bool races = false;            // look for data races too: Execution::races
  bool schedules = false;        // runs are looked at with their schedules, as count() does
};

// A program of a hunt.
struct Draw {
  trace::Program program;
  std::uint32_t depth = 0;  // of pct
  bool pos = false;         // neither: the program says itself how it is scheduled
};

// The programs of a hunt, one after the other.
class Programs {
 public:
  explicit Programs(const Hunt& hunt);
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  [[nodiscard]] Draw next();

 private:
  class Source;
  std::unique_ptr<Source> source_;
};

// Of the runs before, how many steps a strategy chose, on average: some strategies want to know.
class Steps {
 public:
  void ran(const trace::Program& program, const exec::Execution& execution);
  // Of those like this program; a guess if there were none.
  [[nodiscard]] std::uint64_t mean(const trace::Program& program) const;

 private:
  static constexpr std::uint64_t kFirst = 500;
  struct Sum {
    std::uint64_t runs = 0, steps = 0;
  };
  // Programs with a set-up are shorter than those without.
  [[nodiscard]] Sum& of(const trace::Program& program) { return sums_[program.schedule.set_up > 0 ? 1 : 0]; }
  [[nodiscard]] const Sum& of(const trace::Program& program) const {
    return sums_[program.schedule.set_up > 0 ? 1 : 0];
  }
  Sum sums_[2];
};

// Who runs next where it is not the program that says, else null. `steps`: of a run on average, without its set-up.
[[nodiscard]] std::unique_ptr<sched::ChoiceSource> choices(const Draw& draw, std::uint64_t steps);

struct Hunted {
  std::uint64_t executions = 0, steps = 0;  // to the finding, or all
  std::uint64_t others = 0;                 // that failed otherwise
  std::optional<trace::Program> program;    // that was looked for, with its schedule
  exec::Execution execution;                // of that
};

// A run of a hunt, for as long as one looks at it.
struct Ran {
  const Draw& draw;
  const exec::Execution& execution;
  std::uint64_t steps = 0;           // that its strategy was told
};

// `wanted` is asked about the signature of each run that fails; `seen` has each run, before that.
[[nodiscard]] Hunted hunt(const Hunt& hunt, const std::function<bool(std::string_view)>& wanted,
                          const std::function<void(const Ran&)>& seen = {});
// What runs are worth that found nothing: as `seen`.
void count(report::Worth& worth, const Ran& ran);

}  // namespace daxfuzz::bugs
