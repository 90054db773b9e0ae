// SPDX-License-Identifier: GPL-2.0-only
// How memory is cut, and which steps are known. See machine.h.
#include "explore/machine.h"

#include <algorithm>

#include "explore/node.h"
#include "sched/check.h"

namespace daxfuzz::explore {

std::size_t Machine::Hash::operator()(const Numbers& numbers) const {
  std::uint64_t hash = 0x243f6a8885a308d3u;
  for (const std::uint32_t number : numbers) hash = (hash ^ number) * 0x9e3779b97f4a7c15u, hash ^= hash >> 29;
  return hash;
}

// The nearest word at or below.
std::optional<std::uintptr_t> Machine::word_of(std::uintptr_t byte) const {
  auto at = words_.upper_bound(byte);
  if (at == words_.begin() || byte - *--at >= kWordBytes) return std::nullopt;
  return *at;
}

bool Machine::learn(Run run) {
  tasks_ = run.start.size();
  runs_.push_back(std::move(run));
  if (!note(runs_.back()) && runs_.size() > 1) {
    const std::size_t known = effects_.size() + endings_.size();
    walk(runs_.back(), runs_.size() - 1);
    // It was made for something that was not known, and came elsewhere.
    if (known == effects_.size() + endings_.size()) contradiction_ = "a step depends on more than what it told";
    return false;
  }
  // What a word is may have changed, and so which bytes were changed without telling.
  while (std::count_if(runs_.begin(), runs_.end(), [this](const Run& each) { return note(each); }) != 0) {}
  cut();
  for (std::size_t i = 0; i < runs_.size(); i++) walk(runs_[i], i);
  return true;
}

// True if something is new that decides how memory is cut.
bool Machine::note(const Run& run) {
  bool fresh = false;
  for (const Step& step : run.steps)
    for (const Touch& touch : step.touches)
      if (!touch.edge) fresh |= words_.insert(touch.object).second;
  for (const Step& step : run.steps) {
    for (const Touch& touch : step.touches) {
      if (touch.reads && words_.contains(touch.object) && read_[step.before].insert(touch.object).second)
        fresh |= walked_.contains(step.before);
    }
    for (const Change& change : step.changes) {
      fresh |= changed_.try_emplace(change.at, change.before).second;
      const auto word = word_of(change.at);
      const bool told = word && std::any_of(step.touches.begin(), step.touches.end(), [&](const Touch& touch) {
        return touch.writes && touch.object == *word;
      });
      if (!told) fresh |= untold_.insert(change.at).second;
    }
  }
  return fresh;
}

void Machine::cut() {
  cells_.assign(1, {});
  where_.clear();
  cell_of_word_.clear();
  effects_.clear();
  endings_.clear();
  for (const auto& [byte, at_start] : changed_) {
    std::uint32_t cell = 0;
    if (!untold_.contains(byte)) {
      const auto fresh = static_cast<std::uint32_t>(cells_.size());
      const auto [at, made] = cell_of_word_.try_emplace(*word_of(byte), fresh);
      if (made) cells_.emplace_back();
      cell = at->second;
    }
    where_[byte] = {cell, static_cast<std::uint32_t>(cells_[cell].bytes.size())};
    cells_[cell].bytes.push_back(byte);
    cells_[cell].at_start.push_back(at_start);
  }
  finds_.clear();
  walked_.clear();
  for (std::size_t cell = 0; cell < cells_.size(); cell++) value_of(cell, cells_[cell].at_start);
}

std::uint32_t Machine::value_of(std::size_t cell, const std::string& content) {
  auto& values = cells_[cell].values;
  return values.try_emplace(content, static_cast<std::uint32_t>(values.size())).first->second;
}

void Machine::walk(const Run& run, std::size_t number) {
  finds_.resize(std::max(finds_.size(), places_.size()));
  for (const Step& step : run.steps) {
    if (!walked_.insert(step.before).second) continue;
    for (const std::uintptr_t word : read_[step.before])
      if (const auto at = cell_of_word_.find(word); at != cell_of_word_.end())
        finds_[step.before].push_back(at->second);
  }
  Follower follower(*this);
  std::vector<Place> now = run.start;
  const auto state = [&] {
    for (std::size_t cell = 0; cell < cells_.size(); cell++) value_of(cell, follower.contents_[cell]);
    return follower.state(now);
  };
  Numbers before = state();
  for (const Step& step : run.steps) {
    Effect effect = {.after = step.after, .woken = step.woken, .sets = {}, .touches = {}};
    follower.step(step);
    now[step.task] = step.after;
    for (std::uint32_t t = 0; t < tasks_; t++)
      if ((step.woken >> t & 1u) != 0) now[t] = places_.woken(now[t]);
    Numbers after = state();
    effect.changes_untold = before[tasks_] != after[tasks_];
    if (effect.changes_untold) effect.sets.emplace_back(0, after[tasks_]);
    for (const Touch& touch : step.touches) {
      if (!words_.contains(touch.object)) continue;
      auto same = std::find_if(effect.touches.begin(), effect.touches.end(),
                               [&](const Touch& other) { return other.object == touch.object; });
      if (same == effect.touches.end()) {
        effect.touches.push_back({.object = touch.object});
        same = effect.touches.end() - 1;
      }
      same->reads |= touch.reads;
      same->writes |= touch.writes;
    }
    for (const Touch& touch : effect.touches) {
      const auto at = cell_of_word_.find(touch.object);
      if (touch.writes && at != cell_of_word_.end()) effect.sets.emplace_back(at->second, after[tasks_ + at->second]);
    }
    key_of(before.data(), step.task, key_);
    const auto [known, made] = effects_.try_emplace(key_, effect);
    if (!made && (known->second.after != effect.after || known->second.woken != effect.woken ||
                  known->second.sets != effect.sets))
      contradiction_ = "a step depends on more than what it told";
    before = std::move(after);
  }
  if (!run.ended) return;
  const auto [known, made] = endings_.try_emplace(ending_of(before.data()), number);
  if (!made && runs_[known->second].outcome.key != run.outcome.key)
    contradiction_ = "an outcome depends on more than what steps changed";
}

Numbers Machine::start() const {
  CHECK(!runs_.empty());
  return Follower(*this).state(runs_.front().start);
}

std::uint32_t Machine::ready(const std::uint32_t* state) const {
  std::uint32_t tasks = 0;
  for (std::size_t t = 0; t < tasks_; t++)
    if (places_.status(state[t]) == Places::Status::ready) tasks |= bit(static_cast<sched::TaskId>(t));
  return tasks;
}

// The place, what is in the untold cell, then what is in the words that it reads.
void Machine::key_of(const std::uint32_t* state, sched::TaskId task, Numbers& key) const {
  const Place place = state[task];
  key.clear();
  key.push_back(place);
  key.push_back(state[tasks_]);
  if (place >= finds_.size()) return;
  for (const std::uint32_t cell : finds_[place]) key.push_back(state[tasks_ + cell]);
}

const Effect* Machine::step(const std::uint32_t* state, sched::TaskId task) const {
  key_of(state, task, key_);
  const auto at = effects_.find(key_);
  return at == effects_.end() ? nullptr : &at->second;
}

void Machine::apply(const Effect& effect, sched::TaskId task, std::uint32_t* state) {
  state[task] = effect.after;
  for (std::uint32_t t = 0; t < tasks_; t++) {
    if ((effect.woken >> t & 1u) == 0) continue;
    if (places_.status(state[t]) != Places::Status::blocked) {
      contradiction_ = "a step wakes a task that does not wait";
    } else {
      state[t] = places_.woken(state[t]);
    }
  }
  for (const auto& [cell, value] : effect.sets) state[tasks_ + cell] = value;
}

// Who waits for ever, and what is in memory: where they stand nobody can tell any more.
Numbers Machine::ending_of(const std::uint32_t* state) const {
  Numbers ending(state + tasks_, state + width());
  std::uint32_t blocked = 0;
  for (std::size_t t = 0; t < tasks_; t++)
    if (places_.status(state[t]) == Places::Status::blocked) blocked |= bit(static_cast<sched::TaskId>(t));
  ending.push_back(blocked);
  return ending;
}

std::optional<std::size_t> Machine::ended_as(const std::uint32_t* state) const {
  const auto at = endings_.find(ending_of(state));
  if (at == endings_.end()) return std::nullopt;
  return at->second;
}

Machine::Follower::Follower(const Machine& machine) : machine_(machine) {
  for (const Cell& cell : machine.cells_) contents_.push_back(cell.at_start);
}

void Machine::Follower::step(const Step& step) {
  for (const Change& change : step.changes) {
    const auto at = machine_.where_.find(change.at);
    if (at != machine_.where_.end()) contents_[at->second.first][at->second.second] = change.after;
  }
}

std::uint32_t Machine::Follower::value(std::size_t cell) const {
  const auto& values = machine_.cells_[cell].values;
  const auto at = values.find(contents_[cell]);
  return at == values.end() ? UINT32_MAX : at->second;
}

Numbers Machine::Follower::state(const std::vector<Place>& now) const {
  Numbers state(now.begin(), now.end());
  for (std::size_t cell = 0; cell < contents_.size(); cell++) state.push_back(value(cell));
  return state;
}

}  // namespace daxfuzz::explore
