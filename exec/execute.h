// SPDX-License-Identifier: GPL-2.0-only
// Runs a program: joins trace, sched, model and oracle. The one entry point of
// every engine, test and command.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "exec/execution.h"
#include "sched/choice.h"
#include "sched/fingerprint.h"
#include "trace/program.h"

namespace daxfuzz::exec {

// Findings that stop a run; one bit a checker (oracle::Checker, a file of
// oracle/). A checker that
// is off finds nothing: for showing what it alone catches, and for following a
// known violation to the harm it does.
enum Checkers : std::uint32_t {
  kCheckReference = 1u << 0,
  kCheckLifetime = 1u << 1,
  kCheckEntryLock = 1u << 2,
  kCheckAssociation = 1u << 3,
  kCheckData = 1u << 4,
  kCheckWakeup = 1u << 5,
  kCheckWarn = 1u << 6,
  kCheckPersistence = 1u << 7,
  kCheckAll = (1u << 8) - 1,
};

// A run between two steps, seen by the strategy that is asked who makes the next.
class State {
 public:
  virtual ~State() = default;
  // All that decides how the run goes on and what its verdict and its ops' results will
  // be, but for memory that the run takes from the heap: explore/arena.h adds that.
  virtual void fingerprint(sched::Fingerprint& out) const = 0;
  // As those of the scheduler; all other memory of the run is the arena's to put back.
  virtual void save_stacks(std::vector<char>& to) const = 0;
  virtual void restore_stacks(const std::vector<char>& from) = 0;
};

class StateWatcher {
 public:
  virtual ~StateWatcher() = default;
  // Before the first step; null: the run is over.
  virtual void watch(State* state) = 0;
};

struct Options {
  bool keep_events = false;    // Execution::events and page_states
  bool races = false;          // Execution::races; changes nothing else
  bool keep_schedule = true;   // Execution::segments and progress, also of a run that passes
  bool lenient = false;        // replay re-synchronises on labels
  // Replay counts the steps of Execution::progress: the schedule of a program that is
  // not quite the recorded one (sched/choice_elastic.h). Never diverges; not with lenient.
  bool elastic = false;
  std::uint32_t checkers = kCheckAll;
  std::int64_t watch_pfn = -1; // page_states of this page; -1: of the finding's page
  std::uint64_t steps_max = 20000;  // then it is a livelock, half of it chosen by nobody (sched/scheduler.h); with real
                                    // PMDs as many times more as blocks_unit()
  // Who runs next, instead of the program's schedule. Not owned; of this run only.
  sched::ChoiceSource* choices = nullptr;
  // Is shown the run's state; tasks are parked at each choice then. Not owned.
  StateWatcher* watcher = nullptr;
};

// Deterministic: the same program and options give the same Execution in every
// build (bar Execution::tsan_reports). Never fails: a program that is not valid() is
// clamped first. Not reentrant; one at a time per thread. An op `crash` ends the run for all
// threads: other ops in flight never return, later ones never begin.
[[nodiscard]] Execution execute(const trace::Program& program, const Options& options = {});

// How many steps a run of the program is let make.
[[nodiscard]] std::uint64_t steps_max(const trace::Program& program, const Options& options);

// The program with the schedule that `execution` had, as explicit segments.
[[nodiscard]] trace::Program with_schedule(trace::Program program, const Execution& execution);

}  // namespace daxfuzz::exec
