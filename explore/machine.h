// SPDX-License-Identifier: GPL-2.0-only
// What tasks do, learnt from runs: of a task that stands at a place, a step is a function of what
// it finds in the words that it tells of. So a step that was seen once is known wherever the task
// stands there and finds that, whatever else the others did, and states can be gone through without
// running anything. Read first: recorded.h; learn.h is who goes through them.
//
// Memory is cut into cells: a cell for each word that was told of, from its address to the next
// one's, and one for all bytes that some step changed without telling; that one every step is taken to
// read. Bytes that no step changed are in no cell.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "explore/recorded.h"

namespace daxfuzz::explore {

// Places of all tasks, then the values of all cells, as numbers.
using Numbers = std::vector<std::uint32_t>;

struct Effect {
  Place after = 0;
  std::uint32_t woken = 0;                                    // bit t
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sets;  // cell, value
  std::vector<Touch> touches;                                 // of words, each once
  bool changes_untold = false;
};

class Machine {
 public:
  explicit Machine(Places& places) : places_(places) {}

  // Learns from a run. True: memory is cut otherwise from now on, and states of before mean nothing.
  bool learn(Run run);
  // Why the runs are not those of such tasks; empty: they may be.
  [[nodiscard]] const std::string& contradiction() const { return contradiction_; }

  [[nodiscard]] std::size_t tasks() const { return tasks_; }
  [[nodiscard]] std::size_t width() const { return tasks_ + cells_.size(); }
  [[nodiscard]] std::size_t steps() const { return effects_.size(); }  // that are known
  [[nodiscard]] Numbers start() const;
  [[nodiscard]] std::uint32_t ready(const std::uint32_t* state) const;  // bit t
  // What the task's step does there; null: it was not seen yet.
  [[nodiscard]] const Effect* step(const std::uint32_t* state, sched::TaskId task) const;
  // The state after it. Notes a contradiction if it wakes who does not wait.
  void apply(const Effect& effect, sched::TaskId task, std::uint32_t* state);
  // The number of a run that ended in such a state, where nobody is ready.
  [[nodiscard]] std::optional<std::size_t> ended_as(const std::uint32_t* state) const;
  [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }

  // Goes along with a run while it is made.
  class Follower {
   public:
    explicit Follower(const Machine& machine);
    void step(const Step& step);
    [[nodiscard]] Numbers state(const std::vector<Place>& now) const;

   private:
    friend class Machine;
    // As a value that no step was seen to leave: of no known step.
    [[nodiscard]] std::uint32_t value(std::size_t cell) const;
    const Machine& machine_;
    std::vector<std::string> contents_;  // by cell
  };

 private:
  // A word is not taken to be larger.
  static constexpr std::uintptr_t kWordBytes = 64;
  static constexpr std::uint32_t kNoCell = UINT32_MAX;
  struct Cell {
    std::vector<std::uintptr_t> bytes;  // where they are, in order
    std::string at_start;
    std::map<std::string, std::uint32_t> values;
  };
  struct Hash {
    std::size_t operator()(const Numbers& numbers) const;
  };

  bool note(const Run& run);
  void cut();
  void walk(const Run& run, std::size_t number);
  [[nodiscard]] std::optional<std::uintptr_t> word_of(std::uintptr_t byte) const;
  void key_of(const std::uint32_t* state, sched::TaskId task, Numbers& key) const;
  std::uint32_t value_of(std::size_t cell, const std::string& content);
  [[nodiscard]] Numbers ending_of(const std::uint32_t* state) const;

  Places& places_;
  std::size_t tasks_ = 0;
  std::vector<Run> runs_;
  std::string contradiction_;
  // What decides how memory is cut; all only grow.
  std::set<std::uintptr_t> words_, untold_;
  std::map<std::uintptr_t, char> changed_;          // and what was there at the start
  std::map<Place, std::set<std::uintptr_t>> read_;  // words, by who stands there next
  // What follows from it.
  std::vector<Cell> cells_;                                // the first is that of untold bytes
  std::unordered_map<std::uintptr_t, std::pair<std::uint32_t, std::uint32_t>> where_;  // a byte's cell, and where in it
  std::unordered_map<std::uintptr_t, std::uint32_t> cell_of_word_;
  std::set<Place> walked_;                                 // whose steps are known in some state
  std::vector<std::vector<std::uint32_t>> finds_;          // by place: cells that its step reads
  std::unordered_map<Numbers, Effect, Hash> effects_;
  std::unordered_map<Numbers, std::size_t, Hash> endings_;
  mutable Numbers key_;
};

}  // namespace daxfuzz::explore
