// SPDX-License-Identifier: GPL-2.0-only
// Depth-first search over decisions, by running again. See search.h.
#include "explore/search.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "explore/arena.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

constexpr std::uint32_t bit(sched::TaskId task) { return std::uint32_t{1} << task; }

// Above this a state is not kept, and the run is made again up to it.
constexpr std::size_t kSnapshotBytes = 1u << 20;
constexpr std::size_t kSnapshotsBytes = 1u << 29;

// A place of decision on the way to where the search is.
struct Node {
  std::uint32_t runnable = 0;   // who could run, to notice a subject that is not deterministic
  std::uint32_t left = 0;       // whom to let run still, with `chosen`
  sched::TaskId chosen = sched::kNoTask;
  sched::TaskId current = sched::kNoTask;
  bool preemptible = false;       // another than the running task would be one more
  std::uint32_t preemptions = 0;  // made before
  std::uint64_t step = 0;
  std::uint64_t rest = 0;       // steps of the longest run from here, as far as known
  sched::Fingerprint::Value key{};
  Snapshot snapshot;
};

class Walk final : public sched::ChoiceSource {
 public:
  Walk(Subject& subject, const Limits& limits, const std::function<bool()>& interrupted)
      : subject_(subject), limits_(limits), interrupted_(interrupted) {}

  // Before a run. False if there is none to be made any more.
  bool begin() {
    if (interrupted_ && interrupted_()) report.cut = Cut::interrupted;
    if (report.executions == limits_.executions) report.cut = Cut::executions;
    depth_ = 0;
    fresh_ = true;
    cut_short_ = false;
    return !over_ && report.cut == Cut::none;
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
    Node node = {.runnable = choice.runnable, .left = choice.runnable, .current = choice.current,
                 .preemptible = choice.current_runnable, .step = choice.step, .snapshot = {}};
    if (!path_.empty()) node.preemptions = path_.back().preemptions + (preempted(path_.back()) ? 1 : 0);
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

  Report report;

 private:
  static bool preempted(const Node& node) { return node.preemptible && node.chosen != node.current; }

  sched::TaskId decide(Node& node) {
    report.states++;
    if (node.preemptible && limits_.preemptions == node.preemptions) {
      report.preempted += static_cast<std::uint64_t>(std::popcount(node.left)) - 1;
      node.left = bit(node.current);
    }
    node.chosen = node.preemptible ? node.current
                                   : static_cast<sched::TaskId>(std::countr_zero(node.left));
    if (limits_.merge && std::popcount(node.left) > 1 && snapshots_ < kSnapshotsBytes) keep(node);
    path_.push_back(std::move(node));
    depth_++;
    return path_.back().chosen;
  }

  // With a bound, who runs and what is left of it are part of the state: they decide what
  // may follow. True if it is known: the run has ended.
  bool known(Node& node) {
    sched::Fingerprint state;
    if (!subject_.fingerprint(state)) return false;
    if (limits_.preemptions.has_value()) {
      state.word(node.preemptions);
      state.word(node.preemptible ? node.current : sched::kNoTask);
    }
    node.key = state.value();
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

Report search(Subject& subject, const Limits& limits, const std::function<bool()>& interrupted) {
  Walk walk(subject, limits, interrupted);
  Report& report = walk.report;
  while (walk.begin()) {
    const Outcome outcome = subject.run(walk);
    if (walk.cut_short()) continue;
    Found& found = report.outcomes[outcome.key];
    if (found.executions++ == 0) {
      found.failed = outcome.failed;
      found.decisions = walk.decisions();
    }
    walk.ended(outcome.steps, 0);
    if (outcome.failed && limits.first_failure) report.cut = Cut::failure;
  }
  if (report.cut == Cut::none && report.steps_longest >= limits.steps) report.cut = Cut::steps;
  return std::move(report);
}

}  // namespace daxfuzz::explore
