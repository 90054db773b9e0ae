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

// A place of decision on the way to where the search is.
struct Node {
  std::uint32_t runnable = 0;   // who could run, to notice a subject that is not deterministic
  std::uint32_t left = 0;       // whom to let run still, with `chosen`
  sched::TaskId chosen = sched::kNoTask;
  std::uint32_t preemptions = 0;  // made before
  bool preemptible = false;       // another than the running task would be one more
  sched::TaskId current = sched::kNoTask;
  std::uint64_t step = 0;
  std::uint64_t rest = 0;       // steps of the longest run from here, as far as known
  sched::Fingerprint::Value key{};
};

class Walk final : public sched::ChoiceSource {
 public:
  Walk(Subject& subject, const Limits& limits) : subject_(subject), limits_(limits) {}

  void begin() { depth_ = 0, short_ = false, known_ = 0; }
  // True if the run ended where it was cut, not by itself.
  [[nodiscard]] bool cut_short() const { return short_; }
  // After a run of so many steps: to the next decision that is left. False if there is none.
  bool advance(std::uint64_t steps) {
    if (!path_.empty()) {
      Node& last = path_.back();
      last.rest = std::max(last.rest, steps - last.step + (short_ ? known_ : 0));
    } else {
      report.steps_longest = steps;
    }
    while (!path_.empty()) {
      Node& node = path_.back();
      node.left &= ~bit(node.chosen);
      if (node.left != 0) {
        node.chosen = static_cast<sched::TaskId>(std::countr_zero(node.left));
        return true;
      }
      close(node);
      path_.pop_back();
    }
    return false;
  }

  [[nodiscard]] Decisions decisions() const {
    Decisions made;
    for (const Node& node : path_) made.push_back(node.chosen);
    return made;
  }

  sched::TaskId next(const sched::Choice& choice) override {
    const ArenaPause pause;
    if (depth_ < path_.size()) {
      const Node& node = path_[depth_++];
      CHECK(node.runnable == choice.runnable && node.step == choice.step);
      return node.chosen;
    }
    Node node = {.runnable = choice.runnable, .left = choice.runnable, .step = choice.step};
    node.current = choice.current;
    node.preemptible = choice.current_runnable;
    if (!path_.empty()) node.preemptions = path_.back().preemptions + (preempted(path_.back()) ? 1 : 0);
    const bool spent = limits_.preemptions.has_value() && node.preemptions == *limits_.preemptions;
    if (limits_.merge && known(node)) return sched::kNoTask;
    if (report.states == limits_.states) return stop(Cut::states);
    report.states++;
    if (spent && node.preemptible) {
      report.preempted += static_cast<std::uint64_t>(std::popcount(node.left)) - 1;
      node.left = bit(node.current);
    }
    node.chosen = node.preemptible ? node.current
                                   : static_cast<sched::TaskId>(std::countr_zero(node.left));
    path_.push_back(node);
    depth_++;
    return node.chosen;
  }

  Report report;

 private:
  static bool preempted(const Node& node) { return node.preemptible && node.chosen != node.current; }

  sched::TaskId stop(Cut why) {
    report.cut = why;
    short_ = true;
    return sched::kNoTask;
  }

  // With a bound, who runs and what is left of it are part of the state: they decide what
  // may follow.
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
    short_ = true;
    known_ = found.rest == Table::kOpen ? 0 : found.rest;
    report.merged++;
    if (found.rest == Table::kOpen) report.endless++;
    return true;
  }

  void close(const Node& node) {
    if (limits_.merge) table_.close(node.key, static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                                  node.rest, Table::kOpen - 1)));
    if (path_.size() == 1) {
      report.steps_longest = node.step + node.rest;
      return;
    }
    Node& before = path_[path_.size() - 2];
    before.rest = std::max(before.rest, node.step - before.step + node.rest);
  }

  Subject& subject_;
  const Limits& limits_;
  Table table_;
  std::vector<Node> path_;
  std::size_t depth_ = 0;
  bool short_ = false;
  std::uint64_t known_ = 0;  // steps that the longest run from the known state makes
};

}  // namespace

const Found* Report::failure() const {
  for (const auto& [key, found] : outcomes)
    if (found.failed) return &found;
  return nullptr;
}

Report search(Subject& subject, const Limits& limits, const std::function<bool()>& interrupted) {
  Walk walk(subject, limits);
  Report& report = walk.report;
  for (;;) {
    if (interrupted && interrupted()) report.cut = Cut::interrupted;
    if (report.executions == limits.executions) report.cut = Cut::executions;
    if (report.cut != Cut::none) break;
    walk.begin();
    const Outcome outcome = subject.run(walk);
    report.executions++;
    if (report.cut != Cut::none) break;
    if (!walk.cut_short()) {
      Found& found = report.outcomes[outcome.key];
      if (found.executions++ == 0) {
        found.failed = outcome.failed;
        found.decisions = walk.decisions();
      }
      if (outcome.failed && limits.first_failure) {
        report.cut = Cut::failure;
        break;
      }
    }
    if (!walk.advance(outcome.steps)) break;
  }
  if (report.cut == Cut::none && report.steps_longest >= limits.steps) report.cut = Cut::steps;
  return std::move(report);
}

}  // namespace daxfuzz::explore
