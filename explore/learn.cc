// SPDX-License-Identifier: GPL-2.0-only
// Depth first through states that are made, not run. See learn.h.
#include "explore/learn.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include "explore/arena.h"
#include "explore/classes.h"
#include "explore/machine.h"
#include "explore/node.h"
#include "explore/states.h"
#include "sched/check.h"

namespace daxfuzz::explore {
namespace {

using Path = std::vector<sched::TaskId>;
// States that are looked at for a step that is not known.
constexpr std::size_t kNear = 2'000;

class Learner {
 public:
  Learner(TaskSubject& subject, const Limits& limits, const std::function<bool()>& interrupted)
      : subject_(subject), limits_(limits), interrupted_(interrupted),
        recorder_(places_, [this](const Run& so_far, const std::vector<Place>& now, std::uint32_t ready) {
          return guide(so_far, now, ready);
        }) {}

  Learnt result() {
    if (limits_.preemptions.has_value() || !limits_.first.empty()) return refused("only a part was asked for");
    if (!arena_available()) return refused("there is no arena under a sanitizer");
    (void)run({});
    // Runs that begin near the start learn most.
    for (Path way; !over() && !(way = way_to_unknown(machine_.start())).empty();) (void)run(std::move(way));
    while (!over() && !went_through()) {}
    report_.untold = recorder_.untold() != nullptr ? recorder_.untold() : machine_.contradiction();
    report_.states = states_.size();
    report_.steps = machine_.steps();
    report_.transitions = transitions_;
    if (report_.cut == Cut::none && report_.steps_longest >= limits_.steps) report_.cut = Cut::steps;
    if (report_.complete()) {
      report_.schedules = schedules_.front();
      report_.classes = count_classes(machine_);
    }
    return std::move(report_);
  }

 private:
  struct At {  // on the way to where the search is
    std::uint32_t state = 0;
    std::uint32_t left = 0;  // tasks whose step is still to be made
    sched::TaskId chosen = sched::kNoTask;
  };

  Learnt refused(const char* why) {
    report_.untold = why;
    return std::move(report_);
  }
  [[nodiscard]] bool over() const {
    return report_.cut != Cut::none || recorder_.untold() != nullptr || !machine_.contradiction().empty();
  }

  // False if memory is cut otherwise now, and all begins anew.
  bool went_through() {
    states_.clear(machine_.width());
    schedules_.clear();
    path_.clear();
    transitions_ = 0;
    report_.endless = 0;
    came_to(machine_.start());
    while (!over() && !path_.empty()) {
      At& at = path_.back();
      if (at.left == 0) {
        close();
        continue;
      }
      at.chosen = static_cast<sched::TaskId>(std::countr_zero(at.left));
      const Effect* effect = machine_.step(states_.at(at.state), at.chosen);
      if (effect == nullptr) {
        if (run(tasks()) || over()) return false;
        continue;
      }
      at.left &= ~bit(at.chosen);
      transitions_++;
      state_.assign(states_.at(at.state), states_.at(at.state) + machine_.width());
      machine_.apply(*effect, at.chosen, state_.data());
      if (!came_to(state_)) return false;
    }
    return true;
  }

  // False as above.
  bool came_to(const Numbers& state) {
    const auto [number, fresh] = states_.insert(state);
    if (!fresh) {
      if (states_.rest(number) == States::kOpen) {
        report_.endless++;
      } else {
        leads_to(number);
      }
      return true;
    }
    if (states_.size() > limits_.states) report_.cut = Cut::states;
    if (path_.size() >= limits_.steps) report_.cut = Cut::steps;
    const std::uint32_t ready = machine_.ready(state.data());
    path_.push_back({.state = number, .left = ready});
    schedules_.push_back(ready == 0 ? 1 : 0);
    if (ready != 0 || over() || machine_.ended_as(state.data())) return true;
    Path all = tasks();
    all.pop_back();
    return !run(std::move(all));
  }

  void close() {
    const std::uint32_t state = path_.back().state;
    states_.close(state);
    path_.pop_back();
    if (path_.empty()) {
      report_.steps_longest = states_.rest(state);
    } else {
      leads_to(state);
    }
  }
  // The state where the search is, by one step.
  void leads_to(std::uint32_t closed) {
    const std::uint32_t from = path_.back().state;
    states_.at_least(from, states_.rest(closed) + 1);
    schedules_[from] = saturated_sum(schedules_[from], schedules_[closed]);
  }

  [[nodiscard]] Path tasks() const {
    Path all;
    for (const At& at : path_) all.push_back(at.chosen);
    return all;
  }

  // True if memory is cut otherwise after it.
  bool run(Path path) {
    if (interrupted_ && interrupted_()) report_.cut = Cut::interrupted;
    if (report_.executions == limits_.executions) report_.cut = Cut::executions;
    if (over()) return false;
    report_.executions++;
    recorder_.begin(std::move(path));
    follower_.emplace(machine_);
    followed_ = ahead_from_ = 0;
    ahead_.clear();
    subject_.tell(&recorder_);
    CHECK(std::exchange(sched::access_watcher, &recorder_) == nullptr);
    const Outcome outcome = subject_.run(recorder_);
    sched::access_watcher = nullptr;
    subject_.tell(nullptr);
    if (over()) return false;
    Run made = recorder_.take(outcome);
    if (!made.ended) {
      report_.merged++;
      return machine_.learn(std::move(made));
    }
    Found& found = report_.outcomes[outcome.key];
    if (found.executions++ == 0) found.failed = outcome.failed, found.decisions = made.decisions;
    if (outcome.failed && limits_.first_failure) report_.cut = Cut::failure;
    return machine_.learn(std::move(made));
  }

  // Beyond the path: to what is not known and nearest, and on; nobody, if there is nothing.
  sched::TaskId guide(const Run& so_far, const std::vector<Place>& now, std::uint32_t ready) {
    const auto lowest = static_cast<sched::TaskId>(std::countr_zero(ready));
    if (machine_.runs().empty()) return lowest;
    const std::size_t made = so_far.steps.size();
    if (made >= ahead_from_ + ahead_.size()) {
      for (; followed_ < made; followed_++) follower_->step(so_far.steps[followed_]);
      ahead_ = way_to_unknown(follower_->state(now));
      ahead_from_ = made;
    }
    if (!ahead_.empty()) return ahead_[made - ahead_from_];
    return near_.size() < kNear ? sched::kNoTask : lowest;
  }

  // The shortest way to a step that is not known, with it, or to such an end; empty: none is so near.
  Path way_to_unknown(const Numbers& start) {
    near_.clear(machine_.width());
    near_from_.assign(1, {});
    (void)near_.insert(start);
    for (std::uint32_t at = 0; at < near_.size() && near_.size() < kNear; at++) {
      const std::uint32_t ready = machine_.ready(near_.at(at));
      if (ready == 0 && !machine_.ended_as(near_.at(at))) return way_to(at, {});
      for (std::uint32_t left = ready; left != 0; left &= left - 1) {
        const auto task = static_cast<sched::TaskId>(std::countr_zero(left));
        const Effect* effect = machine_.step(near_.at(at), task);
        if (effect == nullptr) return way_to(at, {task});
        state_.assign(near_.at(at), near_.at(at) + machine_.width());
        machine_.apply(*effect, task, state_.data());
        if (near_.insert(state_).second) near_from_.emplace_back(at, task);
      }
    }
    return {};
  }
  [[nodiscard]] Path way_to(std::uint32_t at, Path last) const {
    for (; at != 0; at = near_from_[at].first) last.push_back(near_from_[at].second);
    std::reverse(last.begin(), last.end());
    return last;
  }

  TaskSubject& subject_;
  const Limits& limits_;
  const std::function<bool()>& interrupted_;
  Places places_;
  Recorder recorder_;
  Machine machine_{places_};
  std::optional<Machine::Follower> follower_;
  std::size_t followed_ = 0;
  Path ahead_;  // where the run that is made goes, from such a step on
  std::size_t ahead_from_ = 0;
  Numbers state_;
  States near_;
  std::vector<std::pair<std::uint32_t, sched::TaskId>> near_from_;
  States states_;
  std::vector<std::uint64_t> schedules_;  // from each state, as far as known
  std::vector<At> path_;
  std::uint64_t transitions_ = 0;
  Learnt report_;
};

}  // namespace

Learnt learn(TaskSubject& subject, const Limits& limits, const std::function<bool()>& interrupted) {
  return Learner(subject, limits, interrupted).result();
}

Report reduced(TaskSubject& subject, const Limits& limits, const std::function<bool()>& interrupted) {
  Learnt learnt = learn(subject, limits, interrupted);
  if (learnt.untold.empty()) return std::move(learnt);
  Report report = search(subject, limits, interrupted);
  report.executions += learnt.executions;
  return report;
}

}  // namespace daxfuzz::explore
