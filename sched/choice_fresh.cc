// SPDX-License-Identifier: GPL-2.0-only
// See choice_fresh.h.
#include "sched/choice_fresh.h"

#include <algorithm>
#include <bit>

#include "sched/check.h"
#include "sched/running.h"

namespace daxfuzz::sched {
namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
  return hash ^ hash >> 29;
}

}  // namespace

bool FreshChoice::alone(const Pending& step) const {
  return !contended_.empty() && step.access.object != nullptr &&
         std::find(contended_.begin(), contended_.end(), step.at.hash()) == contended_.end();
}

std::uint64_t FreshChoice::state() const {
  std::uint64_t hash = 0;
  for (std::size_t t = 0; t < kTasksMax; t++) hash = mixed(hash, history_[t]);
  return hash;
}

TaskId FreshChoice::next(const Choice& choice) {
  CHECK(choice.runnable != 0 && choice.pending != nullptr);
  for (TaskId t = 0; choice.runnable >> t != 0; t++)
    if ((choice.runnable & bit(t)) != 0 && alone(choice.pending[t])) return t;
  Visits::Node& node = visits_.nodes_[state()];
  node.runnable = choice.runnable;
  const std::uint32_t left = node.runnable & ~node.exhausted;
  const std::uint32_t among = left != 0 ? left : node.runnable;
  const TaskId chosen = nth_task(among, random_.below(static_cast<std::uint32_t>(std::popcount(among))));
  path_.emplace_back(&node, chosen);
  return chosen;
}

// The last choice led to the end; one before it is done with if the next state is.
FreshChoice::~FreshChoice() {
  for (bool done = true; !path_.empty() && done; path_.pop_back()) {
    auto& [node, chosen] = path_.back();
    node->exhausted |= bit(chosen);
    done = (node->runnable & ~node->exhausted) == 0;
    if (done && path_.size() == 1) visits_.exhausted_ = true;
  }
}

void FreshChoice::stepped(TaskId task, const Pending& step) {
  std::uint64_t& history = history_[task];
  history = mixed(history, step.at.hash());
  if (step.access.object == nullptr) return;
  Word& word = words_[step.access.object];
  history = mixed(history, word.written);
  if (!step.access.writes()) {
    word.read += history;
    return;
  }
  history = mixed(history, word.read);
  word = {.written = history, .read = 0};
}

}  // namespace daxfuzz::sched
