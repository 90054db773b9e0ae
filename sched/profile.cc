// SPDX-License-Identifier: GPL-2.0-only
// Counting steps by task and place, and users by word. See profile.h.
#include "sched/profile.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "sched/running.h"
#include "sched/store_buffer.h"

namespace daxfuzz::sched {
namespace {

std::uint32_t sum(const StepCounts& counts) { return std::accumulate(counts.begin(), counts.end(), 0u); }

void raise(StepCounts& counts, const StepCounts& to) {
  for (std::size_t t = 0; t < kTasksMax; t++) counts[t] = std::max(counts[t], to[t]);
}

}  // namespace

void Profile::add(const Profile& run) {
  raise(steps, run.steps);
  for (const Place& place : run.places) {
    auto known = std::find_if(places.begin(), places.end(), [&](const Place& p) { return p.at == place.at; });
    if (known == places.end()) known = places.insert(places.end(), {.at = place.at});
    raise(known->steps, place.steps);
    known->contended |= place.contended;
  }
}

std::uint32_t Profile::steps_at(const std::vector<std::uint64_t>& some) const {
  if (some.empty()) return sum(steps);
  std::uint32_t all = 0;
  for (const Place& place : places)
    if (std::find(some.begin(), some.end(), place.at.hash()) != some.end()) all += sum(place.steps);
  return all;
}

std::vector<std::uint64_t> Profile::contended_places() const {
  std::vector<std::uint64_t> contended;
  for (const Place& place : places)
    if (place.contended) contended.push_back(place.at.hash());
  return contended;
}

void ProfiledChoice::stepped(TaskId task, const Pending& step) {
  choices_.stepped(task, step);
  profile_.steps[task]++;
  const auto [at, made] = index_.try_emplace(step.at.hash(), profile_.places.size());
  if (made) profile_.places.push_back({.at = step.at});
  profile_.places[at->second].steps[task]++;
  if (step.access.object == nullptr) {
    // What it does is not known. A task's start, and an op's, are known to do nothing that is shared.
    profile_.places[at->second].contended |= step.at != Label("start") && step.at != Label("op");
    return;
  }
  Use& use = uses_[step.access.object];
  // What a buffer writes is its task's.
  const std::uint32_t user = bit(step.access.kind == AccessKind::drained ? task_of(task) : task);
  use.users |= user;
  if (step.access.writes()) use.writers |= user;
  if (std::find(use.places.begin(), use.places.end(), step.at.hash()) == use.places.end())
    use.places.push_back(step.at.hash());
}

Profile ProfiledChoice::profile() const {
  Profile profile = profile_;
  for (const auto& [object, use] : uses_) {
    if (use.writers == 0 || std::has_single_bit(use.users)) continue;
    for (const std::uint64_t place : use.places) profile.places[index_.at(place)].contended = true;
  }
  return profile;
}

}  // namespace daxfuzz::sched
