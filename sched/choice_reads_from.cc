// SPDX-License-Identifier: GPL-2.0-only
// See choice_reads_from.h.
#include "sched/choice_reads_from.h"

#include <algorithm>
#include <bit>

#include "sched/check.h"
#include "sched/running.h"

namespace daxfuzz::sched {
namespace {

bool reads(const Access& access) {
  return access.kind == AccessKind::plain_read || access.kind == AccessKind::read || access.kind == AccessKind::update;
}

}  // namespace

ReadsFromChoice::ReadsFromChoice(std::uint64_t seed, ReadsFromMemory& memory) : random_(seed), memory_(memory) {
  for (std::uint32_t& priority : priority_) priority = random_.below(UINT32_MAX);
  hurries_ = random_.below(3) != 0;
  walks_ = random_.below(8) == 0;
  draw_constraints();
}

// One of the candidates that were tried least, of a kind that was.
void ReadsFromChoice::draw_constraints() {
  std::uint64_t least = UINT64_MAX;
  std::uint32_t equals = 0;
  ReadsFromMemory::Candidate* chosen = nullptr;
  for (ReadsFromMemory::Candidate& candidate : memory_.candidates_) {
    // One that came by itself has been tried, in a way.
    const std::uint32_t own =
        candidate.tried + (memory_.seen_.contains(ReadsFromMemory::key(candidate.pair)) ? 1 : 0);
    const std::uint64_t tried = std::uint64_t{memory_.tries_[candidate.kind]} << 32 | own;
    if (tried > least) continue;
    equals = tried < least ? 1 : equals + 1;
    least = tried;
    if (random_.below(equals) == 0) chosen = &candidate;
  }
  if (chosen == nullptr) return;
  chosen->tried++;
  memory_.tries_[chosen->kind]++;
  const bool first_runs = memory_.drawn_++ < kFirstRuns;
  std::vector<ReadsFrom> drawn;
  const auto& fruitful = memory_.fruitful_;
  const bool again = static_cast<std::uint32_t>(least) != 0;
  const std::uint32_t joined = again ? kJoinedAgain : first_runs ? kJoinedFirst : kJoinedLater;
  if (!fruitful.empty() && random_.below(16) < joined)
    drawn = random_.below(2) == 0 ? fruitful.back()
                                  : fruitful[random_.below(static_cast<std::uint32_t>(fruitful.size()))];
  std::erase_if(drawn, [&](const ReadsFrom& pair) { return pair.read == chosen->pair.read; });
  while (drawn.size() >= kConstraintsMax)
    drawn.erase(drawn.begin() + random_.below(static_cast<std::uint32_t>(drawn.size())));
  drawn.push_back(chosen->pair);
  for (const ReadsFrom& pair : drawn) constraints_.push_back({.pair = pair});
}

ReadsFromChoice::Word& ReadsFromChoice::word(const void* object) {
  const auto [at, made] = index_.try_emplace(object, words_.size());
  if (made) words_.emplace_back();
  return words_[at->second];
}

EventName ReadsFromChoice::name(TaskId task, const Pending& step) const {
  const auto at = times_[task].find(step.at.hash());
  const std::uint64_t times = at == times_[task].end() ? 0 : at->second;
  EventName hash = step.at.hash() ^ (times << 8 | (task + 1u));
  hash *= 0xbf58476d1ce4e5b9u;
  return (hash ^ hash >> 31) | 1;
}

bool ReadsFromChoice::held(TaskId task, const Pending& step) const {
  if (step.access.object == nullptr) return false;
  const EventName self = name(task, step);
  for (const Constraint& constraint : constraints_) {
    using State = Constraint::State;
    if (constraint.state == State::over) continue;
    if (constraint.pair.read == self) {
      const auto known = index_.find(step.access.object);
      const EventName last = known == index_.end() ? 0 : words_[known->second].last.name;
      // What was there first does not come back: whoever else wrote has made it impossible.
      if (last != constraint.pair.write && constraint.pair.write != 0) return true;
    } else if (step.access.writes()) {
      if (constraint.state == State::written && constraint.object == step.access.object) return true;
      // Which word that will be is not known yet, but who has written to it before.
      const ReadsFrom with_it = {.read = constraint.pair.read, .write = self};
      if (constraint.pair.write == 0 && memory_.known_.contains(ReadsFromMemory::key(with_it))) return true;
    }
  }
  return false;
}

// Who is not held, by priority; if all are, nothing can be followed any more.
TaskId ReadsFromChoice::next(const Choice& choice) {
  CHECK(choice.runnable != 0 && choice.pending != nullptr);
  std::uint32_t free = 0;
  for (TaskId t = 0; choice.runnable >> t != 0; t++)
    if ((choice.runnable & bit(t)) != 0 && !held(t, choice.pending[t])) free |= bit(t);
  if (free != 0) return first_of(free);
  for (Constraint& constraint : constraints_) constraint.state = Constraint::State::over;
  return next(choice);
}

TaskId ReadsFromChoice::first_of(std::uint32_t tasks) {
  std::uint32_t wanted = 0;
  for (const Constraint& constraint : constraints_)
    if (hurries_ && constraint.state == Constraint::State::open && constraint.pair.writer != kNoTask)
      wanted |= bit(constraint.pair.writer);
  if ((tasks & wanted) != 0) tasks &= wanted;
  if (walks_) return nth_task(tasks, random_.below(static_cast<std::uint32_t>(std::popcount(tasks))));
  TaskId best = kNoTask;
  for (TaskId t = 0; tasks >> t != 0; t++)
    if ((tasks & bit(t)) != 0 && (best == kNoTask || priority_[t] > priority_[best])) best = t;
  return best;
}

void ReadsFromChoice::stepped(TaskId task, const Pending& step) {
  using State = Constraint::State;
  const EventName self = name(task, step);
  times_[task][step.at.hash()]++;
  if (step.access.object == nullptr) return;
  Word& word = this->word(step.access.object);
  if (reads(step.access)) {
    word.reads.push_back(self);
    const ReadsFrom pair = {.read = self, .write = word.last.name, .writer = word.last.writer};
    if (memory_.seen_.insert(ReadsFromMemory::key(pair)).second) {
      fruitful_ = true;
      std::uint32_t& tries = memory_.tries_[ReadsFromMemory::kind(self, word.last.place)];
      tries = std::max(tries, 1u);
    }
    if (pair.writer != kNoTask && pair.writer != task) pairs_.push_back(pair);
    for (Constraint& constraint : constraints_) {
      if (constraint.pair.read != self || constraint.state == State::over) continue;
      constraint.state = State::over;
      priority_[task] = UINT32_MAX;  // what it does with the value comes before others change it
    }
  }
  if (!step.access.writes()) return;
  word.last = {.name = self, .writer = task, .place = step.at.hash()};
  word.writes.push_back(word.last);
  for (Constraint& constraint : constraints_)
    if (constraint.pair.write == self && constraint.state == State::open) {
      constraint.state = State::written;
      constraint.object = step.access.object;
    }
}

// Which reads and writes of one word there were.
void ReadsFromChoice::learn() {
  for (const Word& word : words_)
    for (const EventName read : word.reads) {
      const auto add = [&](const Write& write) {
        const ReadsFrom pair = {.read = read, .write = write.name, .writer = write.writer};
        if (write.name != read && memory_.known_.insert(ReadsFromMemory::key(pair)).second)
          memory_.candidates_.push_back({.pair = pair, .kind = ReadsFromMemory::kind(read, write.place)});
      };
      add({});
      for (const Write& write : word.writes) add(write);
    }
}

ReadsFromChoice::~ReadsFromChoice() {
  learn();
  if (fruitful_ && !pairs_.empty()) memory_.fruitful_.push_back(std::move(pairs_));
}

}  // namespace daxfuzz::sched
