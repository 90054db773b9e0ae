// SPDX-License-Identifier: GPL-2.0-only
// What a step does to memory that tasks share: told to strategies before the step is made
// (Choice::pending) and to a watcher when it is (race_detector.h). The primitives
// of primitives.h tell it; a step that begins at a bare yield_point() says nothing.
#pragma once

#include <cstdint>

#include "sched/event_log.h"
#include "sched/label.h"

namespace daxfuzz::sched {

// As wide as a pointer: no padding, whose bytes would make equal states look different.
enum class AccessKind : std::uintptr_t {
  none,        // of nothing that is known
  buffered,    // a write that goes to the task's store buffer: that is nothing others could see
  plain_read,  // a load that the compiler may tear or repeat
  read,        // READ_ONCE(), atomic_read()
  write,       // an atomic word: WRITE_ONCE(), atomic_set(), and plain stores (primitives.h)
  drained,     // a buffered one that comes out, for all to see
  update,      // read-modify-write, or an attempt to take a lock
};

struct Access {
  const void* object = nullptr;
  AccessKind kind = AccessKind::none;
  [[nodiscard, gnu::always_inline]] bool writes() const { return kind >= AccessKind::write; }
};

// The step that a task makes next, if it is let.
struct Pending {
  Label at;  // where the task stands
  Access access;
};

// The order of the two may matter.
[[nodiscard, gnu::always_inline]] inline bool conflict(const Access& a, const Access& b) {
  return a.object != nullptr && a.object == b.object && (a.writes() || b.writes());
}

// Told on a task's stack, within the step. May not yield.
class AccessWatcher {
 public:
  virtual ~AccessWatcher() = default;
  // at: the access's label; empty for a write that is no step of its own.
  virtual void accessed(TaskId task, const Access& access, Label at) = 0;
  // What came before a release of `edge` happens before what follows a later acquire of it.
  virtual void acquired(TaskId task, const void* edge) = 0;
  virtual void released(TaskId task, const void* edge) = 0;
};

// Of runs on this thread; null: nobody watches. Not owned. Set between runs.
extern DAXFUZZ_HOT_THREAD_LOCAL AccessWatcher* access_watcher;

// As yield_point(), and the step that begins with the task's return makes this access.
// By value, in registers: a copy on a stack would stay there, and parked stacks are compared.
void access_point(Label at, Access access);
// For accesses and edges that are no steps; only if there is a watcher.
void report_access(const Access& access);
void report_acquire(const void* edge);
void report_release(const void* edge);

}  // namespace daxfuzz::sched
