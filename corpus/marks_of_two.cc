// SPDX-License-Identifier: GPL-2.0-only
// What several tasks do to each other, read off an event log. See marks_of_two.h.
#include "corpus/marks_of_two.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "model/mm.h"

namespace daxfuzz::corpus {
namespace {

using sched::Event;
using sched::EventKind;
using sched::Label;
using Events = std::vector<Event>;

constexpr std::size_t kTasks = 256;  // of a TaskId

// The functions that each task is in, innermost last, by where in the log it entered them.
class Stacks {
 public:
  explicit Stacks(const Events& events) : events_(events) {}

  // Before the event is looked at; one that leaves is still within what it leaves.
  void at(std::size_t now) {
    if (left_ != nullptr && !left_->empty()) left_->pop_back();
    const Event& event = events_[now];
    std::vector<std::size_t>& stack = of_[event.task];
    left_ = event.kind == EventKind::leave ? &stack : nullptr;
    if (event.kind == EventKind::enter) stack.push_back(now);
  }
  // The innermost call of `function` that the task is in, or null.
  [[nodiscard]] const Event* call(sched::TaskId task, Label function) const {
    const std::vector<std::size_t>& stack = of_[task];
    const auto found = std::find_if(stack.rbegin(), stack.rend(),
                                    [&](std::size_t i) { return events_[i].what == function; });
    return found == stack.rend() ? nullptr : &events_[*found];
  }

 private:
  const Events& events_;
  std::array<std::vector<std::size_t>, kTasks> of_;
  std::vector<std::size_t>* left_ = nullptr;
};

}  // namespace

bool fault_waits_again(const Events& events) {
  Stacks in(events);
  std::array<const Event*, kTasks> waited{};  // the fault that did
  for (std::size_t i = 0; i < events.size(); i++) {
    in.at(i);
    const Event& e = events[i];
    if (e.kind != EventKind::block || e.what != Label("dax_entry")) continue;
    const Event* fault = in.call(e.task, "grab_mapping_entry");
    if (fault != nullptr && waited[e.task] == fault) return true;
    waited[e.task] = fault;
  }
  return false;
}

// A waiter of another kind would have been woken with the first: that both are exclusive shows
// in the second's sleeping on.
bool lock_is_handed_over(const Events& events) {
  struct Waiter {  // where in the log; 0: it did not
    std::size_t slept = 0, handed = 0;
    std::int64_t entry = 0;
  };
  Stacks in(events);
  std::array<Waiter, kTasks> of{};
  for (std::size_t i = 0; i < events.size(); i++) {
    in.at(i);
    const Event& e = events[i];
    Waiter& task = of[e.task];
    if (e.kind == EventKind::op_begin) task = {};
    if (e.kind == EventKind::block)
      task = {.slept = e.what == Label("dax_entry") ? i : 0, .handed = 0, .entry = e.a};
    if (e.kind != EventKind::wake) continue;
    Waiter& woken = of[static_cast<std::size_t>(e.a)];
    const bool unlocks = in.call(e.task, "dax_unlock_entry") != nullptr;
    if (woken.slept != 0 && unlocks) {
      if (woken.entry == task.entry && woken.slept < task.handed) return true;
      woken.handed = i;
    }
    woken.slept = 0;
  }
  return false;
}

bool busy_by_gup_loser(const Events& events) {
  struct Task {
    std::size_t took = 0;        // where in the log a fast GUP took a reference; 0: it has none
    bool rechecked = false;      // and has looked at the page table again
    std::size_t found_busy = 0;  // where a scan ended at a page
    bool sleeps = false;         // until one is idle
  };
  Stacks in(events);
  std::array<Task, kTasks> of{};
  for (std::size_t i = 0; i < events.size(); i++) {
    in.at(i);
    const Event& e = events[i];
    Task& task = of[e.task];
    const bool fast = in.call(e.task, "gup_fast_pte_range") != nullptr;
    if (!fast) task.took = 0, task.rechecked = false;
    if (e.kind == EventKind::step && fast && e.what == Label("ref_try_add"))
      task = {.took = i};
    if (e.kind == EventKind::step && fast &&
        (e.what == Label("gup_pte_recheck") || e.what == Label("gup_pmd_recheck")))
      task.rechecked = true;
    if (e.kind == EventKind::leave && e.what == Label("dax_layout_busy_page") && e.a > 0)
      task.found_busy = i;
    if (e.kind == EventKind::block) task.sleeps = e.what == Label("page_idle");
    if (e.kind == EventKind::wake) {
      Task& woken = of[static_cast<std::size_t>(e.a)];
      const bool drops = task.took != 0 && task.rechecked;
      if (woken.sleeps && drops && woken.found_busy > task.took) return true;
      woken.sleeps = false;
    }
  }
  return false;
}

// What finds an entry locks it, and unlocks it in the end.
bool sync_fault_finds_no_entry(const Events& events) {
  struct Fault {
    const Event* gone = nullptr;  // the call that took the entry
    bool unlocks = false;
  };
  Stacks in(events);
  std::array<Fault, kTasks> of{};
  for (std::size_t i = 0; i < events.size(); i++) {
    in.at(i);
    const Event& e = events[i];
    if (e.kind == EventKind::enter && e.what == Label("dax_finish_sync_fault")) of[e.task] = {};
    if (e.kind == EventKind::enter && e.what == Label("dax_unlock_entry")) of[e.task].unlocks = true;
    if (e.kind == EventKind::enter && e.what == Label("dax_insert_pfn_mkwrite"))
      of[e.task].unlocks = false;
    if (e.kind != EventKind::leave) continue;
    if (e.what == Label("__dax_invalidate_entry") && e.a == 1)
      for (std::size_t t = 0; t < kTasks; t++)
        if (in.call(static_cast<sched::TaskId>(t), "dax_finish_sync_fault") != nullptr)
          of[t].gone = in.call(e.task, e.what);
    const Fault& fault = of[e.task];
    if (e.what != Label("dax_insert_pfn_mkwrite") || e.a != kernel::VM_FAULT_NOPAGE) continue;
    const Event* call = in.call(e.task, e.what);
    if (fault.gone != nullptr && !fault.unlocks && fault.gone->a == call->a &&
        fault.gone->b == call->b)
      return true;
  }
  return false;
}

}  // namespace daxfuzz::corpus
