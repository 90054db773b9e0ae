// SPDX-License-Identifier: GPL-2.0-only
// One run of one program: its verdict, and everything that a report, a minimiser
// or a digest comparison needs. A value; holds no pointer into the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sched/event_log.h"
#include "trace/program.h"

namespace daxfuzz::exec {

// Closed: a new kind of failure is a new invariant id, not a new verdict.
enum class Verdict : std::uint8_t {
  pass,
  invariant,    // an oracle's rule was broken
  warn,         // a ported WARN_ON_ONCE fired
  bug,          // a ported BUG_ON fired
  deadlock,     // tasks wait for each other's locks
  lost_wakeup,  // a task sleeps although what it waits for is true
  hang,         // a task waits for what nobody will ever make true
  livelock,     // the step budget ran out
};
[[nodiscard]] const char* name(Verdict verdict);

struct Finding {
  std::string id;        // kebab-case, of oracle/invariant.def
  std::string function;  // the kernel function it is attributed to
  std::string rule;      // one sentence
  std::string citation;  // kernel file and function
  std::string value;     // what was expected and found; numbers may vary
  std::string waits;     // wait-for report, one line a task; for stuck runs
  std::int64_t pfn = -1; // the page it is about, -1 if none
  std::uint64_t step = 0;
  sched::TaskId task = sched::kNoTask;

  // "id in function": stable, holds no number that varies.
  [[nodiscard]] std::string signature() const { return id + " in " + function; }
};

// Counts of the page that a finding is about, after each event, for the columns
// of a report.
struct PageState {
  std::int32_t ref = 0, map = 0, pin = 0, share = 0;
  bool operator==(const PageState&) const = default;
};

// The steps of its thread that an op took, not counting those that ended in waiting:
// number `first` (from 1) and those after it, up to and with `last`. None if it never began.
struct OpSteps {
  std::uint32_t first = 1, last = 0;
  bool operator==(const OpSteps&) const = default;
};

// A plain load and a write of one word that nothing orders (sched/race_detector.h).
struct DataRace {
  struct Side {
    std::uint8_t thread = 0;
    std::string function;  // of the kernel
    std::string at;        // label of the access; "" if it is no step of its own
    bool operator==(const Side&) const = default;
  };
  Side load, write;
  bool load_first = false;
  bool operator==(const DataRace&) const = default;
};
// "T0 in F at LABEL loads, then unordered T1 in G at LABEL writes", in the order of the run.
[[nodiscard]] std::string text(const DataRace& race);

struct Execution {
  Verdict verdict = Verdict::pass;
  Finding finding;                      // meaningful unless pass
  std::uint64_t digest = 0;             // of the whole event log
  std::uint64_t steps = 0;
  std::vector<trace::Segment> segments; // the schedule as it ran, with labels (Options::keep_schedule)
  std::vector<trace::Segment> progress; // the same for Options::elastic
  std::vector<sched::Event> events;     // only if asked for
  std::vector<PageState> page_states;   // parallel to events; only if asked for
  std::vector<std::int64_t> results;    // of each op, by its number; INT64_MIN if it never ended
  std::vector<OpSteps> op_steps;        // of each op, by its number
  bool diverged = false;                // a replay could not follow its schedule
  std::string divergence;               // where, one line
  std::vector<DataRace> races;          // only if asked for
  std::uint32_t tsan_reports = 0;       // in tsan builds

  [[nodiscard]] bool failed() const { return verdict != Verdict::pass; }
  // "pass", or the finding's signature.
  [[nodiscard]] std::string signature() const;
};

}  // namespace daxfuzz::exec
