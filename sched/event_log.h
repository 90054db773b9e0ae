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

  // In place where the event is made, so that its fields need not be stored to be digested: that is of each step.
  [[gnu::always_inline]] void append(const Event& event) {
    digest_ = mixed(digest_, word(event));
    ++size_;
    if (keep_) [[unlikely]] keep(event);
  }
  void clear(bool keep);

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  // One word an event, and the digest chains them: a change of order, of any field, or of the number of events
  // changes it. The fields are multiplied by independent odd constants, which lets the CPU do
  // them at once, and added up; only the chain over events is sequential.
  [[gnu::always_inline]] static std::uint64_t word(const Event& event) {
    const std::uint64_t who = static_cast<std::uint64_t>(event.task) << 8 | static_cast<std::uint64_t>(event.kind);
    return event.step * 0x9e3779b97f4a7c15u + who * 0xc2b2ae3d27d4eb4fu + event.what.hash() +
           static_cast<std::uint64_t>(event.a) * 0xd6e8feb86659fd93u +
           static_cast<std::uint64_t>(event.b) * 0xa0761d6478bd642fu +
           static_cast<std::uint64_t>(event.c) * 0xe7037ed1a0b428dbu;
  }
  // A multiplication carries upwards only; the shift brings high bits down again.
  [[gnu::always_inline]] static std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value ^ (value >> 29)) * kFnvPrime;
    return hash ^ (hash >> 32);
  }
  void keep(const Event& event);

  bool keep_;
  std::uint64_t digest_ = kFnvBasis;
  std::uint64_t size_ = 0;
  std::vector<Event> events_;
};

}  // namespace daxfuzz::sched
