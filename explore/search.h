// SPDX-License-Identifier: GPL-2.0-only
// Every schedule of a subject, depth first: runs it again and again, each time with
// another decision at the last place where one is left. States that were seen before are
// not searched again. Knows tasks and decisions, neither DAX nor files; what is run is a
// Subject. Read next: README.md (what "complete" means), program.h (programs as subjects).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "explore/estimate.h"
#include "explore/table.h"
#include "sched/choice.h"
#include "sched/fingerprint.h"
#include "sched/scheduler.h"

namespace daxfuzz::explore {

// Who was let run, decision by decision.
using Decisions = std::vector<sched::TaskId>;

struct Limits {
  // At most so many switches in a run away from a task that could go on; none: any number.
  std::optional<std::uint32_t> preemptions;
  std::uint64_t executions = UINT64_MAX;
  std::uint64_t steps = UINT64_MAX;            // a run as long as this asks no more (Subject)
  std::uint64_t states = UINT64_MAX;           // kept in memory, 48 bytes each
  bool merge = true;                           // false: brute force
  bool first_failure = false;                  // ends at the first outcome that fails
  Decisions first;                             // of every schedule: a part of all (parts.h)
  std::uint64_t probes = 0;                    // random schedules at most, if it is cut: Report::estimate
};

// What a run came to.
struct Outcome {
  std::string key;      // equal keys: the same outcome; "" if the run was cut short
  bool failed = false;
  std::uint64_t steps = 0;
};

// A run as it was at a decision.
struct Snapshot {
  std::vector<char> memory, stacks;
  [[nodiscard]] bool taken() const { return !memory.empty(); }
  [[nodiscard]] std::size_t size() const { return memory.size() + stacks.size(); }
};

// What is searched. Deterministic: the same decisions, the same run.
class Subject {
 public:
  virtual ~Subject() = default;
  // Asks `choices` whenever two or more tasks can run, for Limits::steps at least, and ends at kNoTask.
  virtual Outcome run(sched::ChoiceSource& choices) = 0;
  // The state, during run(), when it asks. False: not to be had, search all.
  virtual bool fingerprint(sched::Fingerprint& out) const = 0;
  // Likewise; and back to such a state, perhaps of an earlier run.
  virtual void save(Snapshot& to) const = 0;
  virtual void restore(const Snapshot& from) = 0;
};

// One that also tells when all steps of a run are made, once or twice, while what it ran on is still there.
class EndedHook {
 public:
  virtual ~EndedHook() = default;
  virtual void ended(const sched::Scheduler& scheduler) = 0;
};
class TaskSubject : public Subject {
 public:
  virtual void tell(EndedHook* hook) = 0;
};

struct Found {
  bool failed = false;
  std::uint64_t executions = 0;  // that came to it
  Decisions decisions;           // of the first
};

// Why a search is not complete; none: it is.
enum class Cut : std::uint8_t {
  none,
  failure,     // Limits::first_failure
  steps,       // some run is as long as Limits::steps, or would be
  executions,
  states,
  interrupted,
  lost,        // a part's process did not come to its end (parts.h)
};

struct Report {
  Cut cut = Cut::none;
  std::uint64_t executions = 0;   // runs, also those cut short at a known state
  std::uint64_t states = 0;       // places of decision; of brute force, visits of them
  std::uint64_t merged = 0;       // runs cut short
  std::uint64_t preempted = 0;    // decisions that Limits::preemptions forbade
  std::uint64_t endless = 0;      // states from which a run can come back to them
  std::uint64_t steps_longest = 0;  // of a run; of no use if one is endless
  std::map<std::string, Found> outcomes;  // those of probes, too
  std::optional<Estimate> estimate;       // of what was left out, if a budget or the user cut it

  // All schedules were looked at (within the bound on pre-emptions, if there is one).
  [[nodiscard]] bool complete() const { return cut == Cut::none && endless == 0; }
  [[nodiscard]] const Found* failure() const;  // the first in the order of keys
};

// interrupted: asked before each run.
[[nodiscard]] Report search(Subject& subject, const Limits& limits, const std::function<bool()>& interrupted = {});

// Follows decisions, then goes on with the running task as long as it can.
class DecidedChoice final : public sched::ChoiceSource {
 public:
  explicit DecidedChoice(Decisions decisions) : decisions_(std::move(decisions)) {}
  sched::TaskId next(const sched::Choice& choice) override {
    return at_ < decisions_.size() ? decisions_[at_++] : sched::keep_current(choice);
  }

 private:
  Decisions decisions_;
  std::size_t at_ = 0;
};

}  // namespace daxfuzz::explore
