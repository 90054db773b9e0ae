// SPDX-License-Identifier: GPL-2.0-only
// Appending and digesting. The digest chains one word an event, so a change of
// order, of any field, or of the number of events changes it. Read first: event_log.h.
#include "sched/event_log.h"

#include "sched/sanitizer.h"

namespace daxfuzz::sched {
namespace {

// Loaded by itself. The caller has just stored the two bytes of an event one by one; a
// load of both at once, which the compiler would make of them, waits until both stores are
// in the cache. That was half of the time of append().
template <class Byte>
[[gnu::always_inline]] inline Byte byte(const Byte& field) {
  static_assert(sizeof(Byte) == 1);
  return *static_cast<const volatile Byte*>(&field);
}

// The fields are multiplied by independent odd constants, which lets the CPU do
// them at once, and added up; only the chain over events is sequential.
[[gnu::always_inline]] inline std::uint64_t word(const Event& event) {
  const auto u = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  const std::uint64_t who =
      static_cast<std::uint64_t>(byte(event.task)) << 8 | static_cast<std::uint64_t>(byte(event.kind));
  return event.step * 0x9e3779b97f4a7c15u + who * 0xc2b2ae3d27d4eb4fu + event.what.hash() +
         u(event.a) * 0xd6e8feb86659fd93u + u(event.b) * 0xa0761d6478bd642fu +
         u(event.c) * 0xe7037ed1a0b428dbu;
}

// A multiplication carries upwards only; the shift brings high bits down again.
[[gnu::always_inline]] inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value ^ (value >> 29)) * kFnvPrime;
  return hash ^ (hash >> 32);
}

}  // namespace

void EventLog::append(const Event& event) {
  digest_ = mixed(digest_, word(event));
  ++size_;
  if (!keep_) return;
  // Grown by one task, freed by another: TSan would take that for a race.
  tsan_ignore_begin();
  events_.push_back(event);
  tsan_ignore_end();
}

void EventLog::clear(bool keep) {
  keep_ = keep;
  digest_ = kFnvBasis;
  size_ = 0;
  events_.clear();
}

}  // namespace daxfuzz::sched
