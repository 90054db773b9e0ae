// SPDX-License-Identifier: GPL-2.0-only
// The search of the minimiser: which of the smaller programs of
// minimize_moves.h are kept, rewritten ones last. Greedy, from the coarse to the fine, over and over
// until nothing helps any more. That last round is the proof of 1-minimality, and
// makes the result a fixed point: minimising it again does the same round.
#include "exec/minimize.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "exec/execute.h"
#include "exec/minimize_moves.h"
#include "sched/check.h"

namespace daxfuzz::exec {
namespace {

using trace::Program;
using trace::Schedule;
using trace::Segment;
using trace::Strategy;

class Search {
 public:
  Search(const Program& program, const Runner& run, std::uint64_t budget) : run_(run), budget_(budget) {
    CHECK(budget > 0);
    best_ = trace::clamped(program);
    execution_ = runs(best_, {});
    CHECK(execution_.failed());
    signature_ = execution_.signature();
    // A schedule that cannot be written down (too many switches) stays as it is
    // until a candidate's can.
    Program explicit_schedule = rebased(best_, execution_);
    if (Execution again; replays(explicit_schedule, again)) {
      best_ = std::move(explicit_schedule);
      execution_ = std::move(again);
    }
    elastic_ = elastic(best_, execution_);
  }

  // The smallest program so far. Its schedule, if it is explicit, is in steps of
  // progress, and so are those of the candidates made from it: a smaller program waits
  // elsewhere, and must be pre-empted where it was all the same.
  [[nodiscard]] const Program& best() const { return elastic_; }
  // What each op of best() took.
  [[nodiscard]] const std::vector<OpSteps>& steps() const { return execution_.op_steps; }
  [[nodiscard]] bool out_of_budget() const { return refused_; }
  [[nodiscard]] Minimized result() && {
    return {std::move(best_), std::move(execution_), spent_, !refused_};
  }

  // Keeps `candidate`, with the schedule that it really ran under, if it is
  // smaller, fails with the same signature, and does so again when replayed.
  bool keep(Program candidate) {
    candidate = trace::clamped(std::move(candidate));
    const Size ops = size_of_ops(candidate), best_ops = size_of_ops(best_);
    if (ops > best_ops || candidate == elastic_) return false;
    if (candidate.ops.empty()) return false;  // has no text form
    if (!may_run()) return false;
    const Execution ran = runs(candidate, {.elastic = true});
    if (!same(ran)) return false;
    Program smaller = rebased(std::move(candidate), ran);
    if (!trace::valid(smaller) || !(size_of(smaller) < size_of(best_))) return false;
    Execution again;
    if (!replays(smaller, again)) return false;
    best_ = std::move(smaller);
    execution_ = std::move(again);
    elastic_ = elastic(best_, execution_);
    return true;
  }

  // The same with other schedules too: the old one may not fit the new ops.
  bool keep_under_some_schedule(Program candidate) {
    candidate = trace::clamped(std::move(candidate));
    if (!(size_of_ops(candidate) < size_of_ops(best_))) return false;
    for (Schedule& schedule : schedules_to_try(candidate)) {
      candidate.schedule = std::move(schedule);
      if (keep(candidate)) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] bool may_run() {
    if (spent_ < budget_) return true;
    refused_ = true;
    return false;
  }
  Execution runs(const Program& program, const Options& options) {
    CHECK(spent_ < budget_);
    ++spent_;
    return run_(program, options);
  }
  [[nodiscard]] bool same(const Execution& execution) const {
    return execution.failed() && execution.signature() == signature_;
  }
  // A runner that tells no segments has no schedule to speak of.
  static Program rebased(Program program, const Execution& execution) {
    return execution.segments.empty() ? program : with_schedule(std::move(program), execution);
  }
  static Program elastic(Program program, const Execution& execution) {
    if (program.schedule.strategy == Strategy::replay) program.schedule.segments = execution.progress;
    return program;
  }
  bool replays(const Program& program, Execution& again) {
    if (!trace::valid(program) || !may_run()) return false;
    again = runs(program, {});
    return same(again) && !again.diverged && rebased(program, again) == program;
  }

  const Runner& run_;
  const std::uint64_t budget_;
  std::uint64_t spent_ = 0;
  bool refused_ = false;
  std::string signature_;
  Program best_, elastic_;
  Execution execution_;  // of best_
};

// Each pass returns whether it got anywhere.

// Tries every candidate of a list, which is made anew from what each success left.
template <class List>
bool sweep(Search& search, List list) {
  bool any = false;
  std::vector<Program> candidates = list(search.best());
  for (std::size_t i = 0; i < candidates.size();) {
    if (search.keep_under_some_schedule(std::move(candidates[i]))) {
      any = true;
      candidates = list(search.best());
    } else {
      ++i;
    }
  }
  return any;
}

// Zeller's ddmin without its "reduce to subset" half, which the groups are.
bool drop_ops(Search& search) {
  bool any = false;
  for (std::size_t size = search.best().ops.size(); size > 0; size /= 2)
    for (std::size_t end = search.best().ops.size(); end > 0;) {
      const std::size_t begin = end > size ? end - size : 0;
      std::vector<bool> drop(search.best().ops.size());
      for (std::size_t i = begin; i < end; ++i) drop[i] = true;
      any |= search.keep_under_some_schedule(without_ops(search.best(), search.steps(), drop));
      end = begin;
    }
  return any;
}

// An op that goes also changes the steps of others: a zap visits one VMA less. So each
// single op is tried with each pre-emption a little earlier and later, when all else is
// done: this costs the most.
bool drop_ops_nudged(Search& search) {
  for (std::size_t op = search.best().ops.size(); op-- > 0;) {
    std::vector<bool> drop(search.best().ops.size());
    drop[op] = true;
    const Program candidate = without_ops(search.best(), search.steps(), drop);
    for (Schedule& schedule : nudged(candidate.schedule)) {
      Program other = candidate;
      other.schedule = std::move(schedule);
      if (search.keep(std::move(other))) return true;
    }
  }
  return false;
}

bool drop_switches(Search& search) {
  bool any = false;
  auto keep_segments = [&](std::vector<Segment> segments) {
    Program candidate = search.best();
    if (segments.size() >= candidate.schedule.segments.size()) return false;
    candidate.schedule.segments = std::move(segments);
    return search.keep(std::move(candidate));
  };
  auto segments = [&]() -> const std::vector<Segment>& { return search.best().schedule.segments; };
  for (const Schedule& schedule : schedules_to_try(search.best())) {
    Program candidate = search.best();
    candidate.schedule = schedule;
    any |= search.keep(std::move(candidate));
  }
  for (std::size_t window = segments().size(); window > 2; window /= 2)
    for (std::size_t begin = 0; begin + 2 < segments().size(); begin += (window + 1) / 2)
      for (Regroup way : {Regroup::up, Regroup::down}) {
        if (begin >= segments().size()) break;  // what the other way left is that short
        const std::size_t end = std::min(begin + window, segments().size());
        any |= keep_segments(regrouped(segments(), begin, end, way));
      }
  // Single switches: each two neighbouring segments of one thread, either way.
  for (std::size_t first = 0; first < segments().size(); ++first)
    for (bool later_moves : {true, false}) {
      std::size_t second = first + 1;
      while (second < segments().size() && segments()[second].thread != segments()[first].thread) ++second;
      if (second >= segments().size()) break;
      any |= later_moves ? keep_segments(joined(segments(), second, first))
                         : keep_segments(joined(segments(), first, second));
    }
  return any;
}

bool simplify_operands(Search& search) {
  bool any = false;
  for (std::size_t op = 0; op < search.best().ops.size(); ++op)
    any |= sweep(search, [op](const Program& program) { return smaller_operands(program, op); });
  return any;
}

}  // namespace

Minimized minimize(const Program& program, const Runner& run, std::uint64_t budget) {
  Search search(program, run, budget);
  bool any = true;
  while (any && !search.out_of_budget()) {
    any = sweep(search, [&](const Program& program) { return without_groups(program, search.steps()); });
    any |= drop_ops(search);
    any |= sweep(search, without_settings);
    any |= drop_switches(search);
    any |= sweep(search, smaller_geometry);
    any |= sweep(search, renumbered);
    any |= simplify_operands(search);
    if (!any) any = drop_ops_nudged(search);
    if (!any) any = sweep(search, [&](const Program& program) { return rewritten(program, search.steps()); });
  }
  return std::move(search).result();
}

}  // namespace daxfuzz::exec
