// SPDX-License-Identifier: GPL-2.0-only
// Depth-first search over decisions, by running again. See search.h.
#include "explore/search.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "explore/arena.h"
#include "explore/node.h"
#include "explore/probe.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

// Above this a state is not kept, and the run is made again up to it.
constexpr std::size_t kSnapshotBytes = 1u << 20;
constexpr std::size_t kSnapshotsBytes = 1u << 29;

class Walk final : public sched::ChoiceSource {
 public:
  Walk(Subject& subject, const Limits& limits, const std::function<bool()>& interrupted)
      : subject_(subject), limits_(limits), interrupted_(interrupted) {}

  // Before a run. False if there is none to be made any more.
  bool begin() {
    depth_ = 0;
    fresh_ = true;
    cut_short_ = false;
    if (over_ || report.cut != Cut::none) return false;
    if (interrupted_ && interrupted_()) report.cut = Cut::interrupted;
    if (report.executions == limits_.executions) report.cut = Cut::executions;
    return report.cut == Cut::none;
  }
  // The run that ended was cut, and is no outcome.
  [[nodiscard]] bool cut_short() const { return cut_short_; }
  // A run has ended after so many steps, `more` short of where it is known to lead. On to
  // the next decision that is left.
  void ended(std::uint64_t steps, std::uint64_t more) {
    report.executions++;
    if (path_.empty()) {
      report.steps_longest = steps;
    } else {
      path_.back().rest = std::max(path_.back().rest, steps - path_.back().step + more);
    }
    for (; !path_.empty(); drop()) {
      Node& node = path_.back();
      node.left &= ~bit(node.chosen);
      if (node.left == 0) continue;
      node.chosen = static_cast<sched::TaskId>(std::countr_zero(node.left));
      return;
    }
    over_ = true;
  }

  [[nodiscard]] Decisions decisions() const {
    Decisions made;
    for (const Node& node : path_) made.push_back(node.chosen);
    return made;
  }

  sched::TaskId next(const sched::Choice& choice) override {
    const ArenaPause pause;
    if (std::exchange(fresh_, false) && put_back()) return sched::kAgain;
    if (depth_ < path_.size()) {
      const Node& node = path_[depth_++];
      CHECK(node.runnable == choice.runnable && node.step == choice.step);
      return node.chosen;
    }
    Node node = asked(choice, path_.empty() ? nullptr : &path_.back());
    if (limits_.merge && known(node)) {
      // Another run begins where this one was, if its state was kept.
      if (begin() && put_back()) return sched::kAgain;
      cut_short_ = true;
      return sched::kNoTask;
    }
    if (report.states == limits_.states) {
      report.cut = Cut::states;
      cut_short_ = true;
      return sched::kNoTask;
    }
    return decide(node);
  }

  [[nodiscard]] const Table& table() const { return table_; }

  Report report;

 private:
  sched::TaskId decide(Node& node) {
    report.states++;
    if (bounded(node, limits_)) {
      report.preempted += static_cast<std::uint64_t>(std::popcount(node.left)) - 1;
      node.left = bit(node.current);
    }
    if (path_.size() < limits_.first.size()) node.left &= bit(limits_.first[path_.size()]);
    CHECK(node.left != 0);
    const bool goes_on = node.preemptible && (node.left & bit(node.current)) != 0;
    node.chosen = goes_on ? node.current : static_cast<sched::TaskId>(std::countr_zero(node.left));
    if (limits_.merge && std::popcount(node.left) > 1 && snapshots_ < kSnapshotsBytes) keep(node);
    path_.push_back(std::move(node));
    depth_++;
    return path_.back().chosen;
  }

  // True if its state is known: the run has ended.
  bool known(Node& node) {
    const auto key = key_of(subject_, limits_, node);
    if (!key) return false;
    node.key = *key;
    const Table::Found found = table_.insert(node.key);
    if (found.fresh) return false;
    report.merged++;
    if (found.rest == Table::kOpen) report.endless++;
    ended(node.step, found.rest == Table::kOpen ? 0 : found.rest);
    return true;
  }

  void keep(Node& node) {
    if (!spare_.empty()) {
      node.snapshot = std::move(spare_.back());
      spare_.pop_back();
    }
    subject_.save(node.snapshot);
    if (node.snapshot.size() > kSnapshotBytes) node.snapshot = {};
    snapshots_ += node.snapshot.size();
  }
  // To the last decision, if its state was kept; else the run must come there again.
  bool put_back() {
    if (path_.empty() || !path_.back().snapshot.taken()) return false;
    subject_.restore(path_.back().snapshot);
    depth_ = path_.size() - 1;
    fresh_ = false;
    return true;
  }

  // All that the last decision could be was searched.
  void drop() {
    Node& node = path_.back();
    if (limits_.merge) {
      const auto rest = std::min<std::uint64_t>(node.rest, Table::kOpen - 1);
      table_.close(node.key, static_cast<std::uint32_t>(rest));
    }
    if (path_.size() == 1) {
      report.steps_longest = node.step + node.rest;
    } else {
      Node& before = path_[path_.size() - 2];
      before.rest = std::max(before.rest, node.step - before.step + node.rest);
    }
    if (node.snapshot.taken()) {
      snapshots_ -= node.snapshot.size();
      spare_.push_back(std::move(node.snapshot));
    }
    path_.pop_back();
  }

  Subject& subject_;
  const Limits& limits_;
  const std::function<bool()>& interrupted_;
  Table table_;
  std::vector<Node> path_;
  std::vector<Snapshot> spare_;  // buffers
  std::size_t snapshots_ = 0;    // bytes
  std::size_t depth_ = 0;
  bool fresh_ = false;  // the run has not asked yet
  bool cut_short_ = false;
  bool over_ = false;
};

}  // namespace

const Found* Report::failure() const {
  for (const auto& [key, found] : outcomes)
    if (found.failed) return &found;
  return nullptr;
}

namespace {

void add(Report& report, const Outcome& outcome, Decisions decisions) {
  Found& found = report.outcomes[outcome.key];
  if (found.executions++ != 0) return;
  found.failed = outcome.failed;
  found.decisions = std::move(decisions);
}

bool worth_probing(Cut cut) { return cut == Cut::executions || cut == Cut::states || cut == Cut::interrupted; }

}  // namespace

Report search(Subject& subject, const Limits& limits, const std::function<bool()>& interrupted) {
  Walk walk(subject, limits, interrupted);
  Report& report = walk.report;
  Probe probe(subject, limits, walk.table());
  for (;;) {
    const bool walks = walk.begin();
    if (!walks && (!worth_probing(report.cut) || !probe.more())) break;
    // Both from here: what is at the same address in each run is on this stack, too.
    const Outcome outcome = subject.run(walks ? static_cast<sched::ChoiceSource&>(walk) : probe);
    if (!walks) {
      add(report, outcome, probe.ended(outcome.failed));
    } else if (!walk.cut_short()) {
      add(report, outcome, walk.decisions());
      walk.ended(outcome.steps, 0);
      if (outcome.failed && limits.first_failure) report.cut = Cut::failure;
    }
  }
  if (probe.probes.count() != 0) report.estimate = probe.probes.estimate(report.states);
  if (report.cut == Cut::none && report.steps_longest >= limits.steps) report.cut = Cut::steps;
  return std::move(report);
}

}  // namespace daxfuzz::explore
