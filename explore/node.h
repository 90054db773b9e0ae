// SPDX-License-Identifier: GPL-2.0-only
// A place of decision as a search sees it, and what it is known by. Inside of search.cc,
// probe.h and parts.cc only; read first: search.h.
#pragma once

#include <cstdint>
#include <optional>

#include "explore/search.h"

namespace daxfuzz::explore {

constexpr std::uint32_t bit(sched::TaskId task) { return std::uint32_t{1} << task; }

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

inline bool preempted(const Node& node) { return node.preemptible && node.chosen != node.current; }

// A decision as it is when it is asked for, after `before`.
inline Node asked(const sched::Choice& choice, const Node* before) {
  Node node = {.runnable = choice.runnable, .left = choice.runnable, .current = choice.current,
               .preemptible = choice.current_runnable, .step = choice.step, .snapshot = {}};
  if (before != nullptr) node.preemptions = before->preemptions + (preempted(*before) ? 1 : 0);
  return node;
}

// May not switch away from the running task any more.
inline bool bounded(const Node& node, const Limits& limits) {
  return node.preemptible && limits.preemptions == node.preemptions;
}

// With a bound, who runs and what is left of it are part of the state: they decide what
// may follow. None: the state is not to be had.
inline std::optional<sched::Fingerprint::Value> key_of(const Subject& subject, const Limits& limits, const Node& node) {
  sched::Fingerprint state;
  if (!limits.merge || !subject.fingerprint(state)) return std::nullopt;
  if (limits.preemptions.has_value()) {
    state.word(node.preemptions);
    state.word(node.preemptible ? node.current : sched::kNoTask);
  }
  return state.value();
}

}  // namespace daxfuzz::explore
