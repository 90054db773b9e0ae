// SPDX-License-Identifier: GPL-2.0-only
// The search of linearize.h: at each step one of the ops that no unordered op ended before.
#include "properties/linearize.h"

#include <algorithm>
#include <array>
#include <climits>
#include <map>

#include "sched/check.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using trace::Program;

class Orders {
 public:
  Orders(const Program& program, const std::vector<std::int64_t>& results, const std::vector<Interval>& when)
      : program_(program), results_(results), when_(when) {
    for (std::size_t i = 0; i < program.ops.size(); i++) threads_[program.ops[i].thread].push_back(i);
  }

  bool found(const FileModel& model) {
    if (ordered_ == program_.ops.size()) return true;
    if (seen(model)) return false;
    for (std::size_t t = 0; t < threads_.size(); t++) {
      if (at_[t] == threads_[t].size()) continue;
      const std::size_t op = threads_[t][at_[t]];
      if (!may_be_next(t, op)) continue;
      FileModel after = model;
      if (after.run(program_.ops[op]) != results_[op]) continue;
      at_[t]++, ordered_++;
      furthest_ = std::max(furthest_, ordered_);
      if (found(after)) return true;
      at_[t]--, ordered_--;
    }
    return false;
  }

  std::size_t furthest() const { return furthest_; }

 private:
  using Positions = std::array<std::size_t, trace::kThreadsMax>;

  bool may_be_next(std::size_t thread, std::size_t op) const {
    for (std::size_t t = 0; t < threads_.size(); t++)
      if (t != thread && at_[t] < threads_[t].size() && when_[threads_[t][at_[t]]].end < when_[op].begin) return false;
    return true;
  }
  bool seen(const FileModel& model) {
    std::vector<FileModel>& models = seen_[at_];
    if (std::ranges::find(models, model) != models.end()) return true;
    models.push_back(model);
    return false;
  }

  const Program& program_;
  const std::vector<std::int64_t>& results_;
  const std::vector<Interval>& when_;
  std::array<std::vector<std::size_t>, trace::kThreadsMax> threads_;
  Positions at_{};
  std::size_t ordered_ = 0, furthest_ = 0;
  std::map<Positions, std::vector<FileModel>> seen_;
};

}  // namespace

std::vector<Interval> intervals(const Program& program, const exec::Execution& execution) {
  std::vector<Interval> when(program.ops.size());
  for (std::size_t i = 0; i < execution.events.size(); i++) {
    const sched::Event& event = execution.events[i];
    const bool begins = event.kind == sched::EventKind::op_begin, ends = event.kind == sched::EventKind::op_end;
    if (!begins && !ends) continue;
    Interval& of = when[static_cast<std::size_t>(event.a)];
    (begins ? of.begin : of.end) = i;
  }
  return when;
}

std::string not_linearizable(const Program& program, const std::vector<std::int64_t>& results,
                             const std::vector<Interval>& when) {
  CHECK(std::ranges::find(results, INT64_MIN) == results.end() && when.size() == program.ops.size());
  Orders orders(program, results, when);
  if (orders.found(FileModel())) return "";
  std::string why = "no order of the ops returns what they returned; the longest has " +
                    std::to_string(orders.furthest()) + " of " + std::to_string(program.ops.size()) + ":";
  for (std::size_t i = 0; i < program.ops.size(); i++)
    why += " " + trace::print(program.ops[i]) + " = " + std::to_string(results[i]) + ";";
  return why;
}

}  // namespace daxfuzz::properties
