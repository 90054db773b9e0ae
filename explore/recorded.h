// SPDX-License-Identifier: GPL-2.0-only
// A run step by step, as a search wants it that learns what steps do: whose each was, what it told
// of its accesses, which bytes of the heap it changed, where its task stood before and after. Seen
// from outside: a ChoiceSource between steps, an AccessWatcher within. Read next: machine.h,
// which makes one machine a task of it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "explore/search.h"
#include "sched/access.h"
#include "sched/scheduler.h"

namespace daxfuzz::explore {

// Where a task stands: its stack as it is, registers included, and whether it waits. A number
// stands for it; equal numbers, equal bytes.
using Place = std::uint32_t;

class Places {
 public:
  enum class Status : std::uint8_t { ready, blocked, done };
  [[nodiscard]] Place of(sched::TaskId task, Status status, const sched::Fingerprint::Value& stack);
  // The same task with the same stack, woken.
  [[nodiscard]] Place woken(Place blocked);
  [[nodiscard]] Status status(Place place) const { return all_[place].status; }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  struct Known {
    sched::TaskId task = sched::kNoTask;
    Status status{};
    sched::Fingerprint::Value stack{};
    auto operator<=>(const Known&) const = default;
  };
  std::map<Known, Place> numbers_;
  std::vector<Known> all_;
};

// What a step told of a word, or of a lock that it released.
struct Touch {
  std::uintptr_t object = 0;
  bool reads = false, writes = false;
  bool edge = false;  // told as an edge, so a word only if it is told as one elsewhere
};

struct Change {  // of a byte of the heap
  std::uintptr_t at = 0;
  char before = 0, after = 0;
};

struct Step {
  sched::TaskId task = sched::kNoTask;
  Place before = 0, after = 0;
  std::uint32_t woken = 0;  // bit t: task t waited before the step, and not after
  std::vector<Touch> touches;
  std::vector<Change> changes;
};

struct Run {
  std::vector<Place> start;  // by task
  std::vector<Step> steps;
  Decisions decisions;
  bool ended = true;  // false: cut short
  Outcome outcome;
};

// One run after the other. A run follows a path of tasks, step by step, then `guide`.
class Recorder final : public sched::ChoiceSource, public sched::AccessWatcher, public EndedHook {
 public:
  // now: where the tasks stand. Returns one of the ready ones, of which there may be but one; or
  // kNoTask, to cut the run short.
  using Guide = std::function<sched::TaskId(const Run& so_far, const std::vector<Place>& now, std::uint32_t ready)>;
  Recorder(Places& places, Guide guide) : places_(places), guide_(std::move(guide)) {}

  void begin(std::vector<sched::TaskId> path);
  void ended(const sched::Scheduler& scheduler) override;
  [[nodiscard]] Run take(Outcome outcome);
  // Why runs of this subject cannot be told apart by what they tell; null: nothing was seen.
  [[nodiscard]] const char* untold() const { return untold_; }

  sched::TaskId next(const sched::Choice& choice) override;
  void stepped(sched::TaskId task, const sched::Pending& step) override;
  void accessed(sched::TaskId task, const sched::Access& access, sched::Label at) override;
  void acquired(sched::TaskId task, const void* edge) override;
  void released(sched::TaskId task, const void* edge) override;

 private:
  static constexpr std::size_t kTouchesMax = 64;
  void touch(const Touch& touch);
  void touch(const sched::Access& access);
  void refuse(const char* why) { untold_ = untold_ == nullptr ? why : untold_; }
  void look_at_places(const sched::Scheduler& scheduler, std::vector<Place>& to);
  void look_at_heap(std::vector<Change>* changes);
  // The step that was made last, if it is not written down yet.
  void settle(const sched::Scheduler& scheduler);
  [[nodiscard]] std::uint32_t ready() const;

  Places& places_;
  Guide guide_;
  std::vector<sched::TaskId> path_;
  Run run_;
  std::vector<Place> now_, then_;
  struct Region {
    std::size_t used = 0;
    std::vector<char> bytes;
  };
  std::vector<Region> heap_;  // as it was after the last step
  std::vector<char> stacks_;
  bool open_ = false, began_ = false, asked_ = false;
  bool stop_ = false;  // at the access that is told next
  // Written on tasks' stacks, so neither grows nor calls.
  std::array<Touch, kTouchesMax> touches_;
  std::size_t touched_ = 0;
  const char* untold_ = nullptr;
};

}  // namespace daxfuzz::explore
