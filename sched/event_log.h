// SPDX-License-Identifier: GPL-2.0-only
// What happened, in order: an append-only list of events and its digest. Two
// executions are the same if their digests are: the digest covers every field
// of every event. Holds no address, no clock, nothing that varies by build.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/label.h"

namespace daxfuzz::sched {

using TaskId = std::uint8_t;
inline constexpr TaskId kNoTask = 0xff;

enum class EventKind : std::uint8_t {
  step,      // the task went on from the yield point `what`
  block,     // the task began to wait; what: the object's label
  wake,      // the task made task a runnable
  enter,     // a ported function was entered; a..c: its arguments
  leave,     // it returned a
  note,      // anything else the model tells; a..c
  op_begin,  // op number a began
  op_end,    // op number a returned b
};

struct Event {
  std::uint64_t step = 0;
  TaskId task = kNoTask;
  EventKind kind{};
  Label what;
  std::int64_t a = 0, b = 0, c = 0;
};

class EventLog {
 public:
  // With keep=false only the digest is kept (fuzzing); else every event.
  explicit EventLog(bool keep = true) : keep_(keep) {}

  void append(const Event& event);
  void clear(bool keep);

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  bool keep_;
  std::uint64_t digest_ = kFnvBasis;
  std::uint64_t size_ = 0;
  std::vector<Event> events_;
};

}  // namespace daxfuzz::sched
