// SPDX-License-Identifier: GPL-2.0-only
// The digest covers every field of every event and their order, and is the same
// whether events are kept or not.
#include "sched/event_log.h"

#include <gtest/gtest.h>

#include <set>

namespace daxfuzz::sched {
namespace {

std::uint64_t digest(std::initializer_list<Event> events, bool keep = false) {
  EventLog log(keep);
  for (const Event& event : events) log.append(event);
  EXPECT_EQ(log.size(), events.size());
  EXPECT_EQ(log.events().size(), keep ? events.size() : 0);
  return log.digest();
}

const Event kEvent{.step = 7, .task = 1, .kind = EventKind::note, .what = "x", .a = 1, .b = 2, .c = 3};

TEST(EventLog, DigestsEveryField) {
  std::set<std::uint64_t> digests{digest({}), digest({kEvent})};
  const auto changed = [&](auto&& change) {
    Event event = kEvent;
    change(event);
    digests.insert(digest({event}));
  };
  changed([](Event& event) { event.step = 8; });
  changed([](Event& event) { event.task = 2; });
  changed([](Event& event) { event.kind = EventKind::leave; });
  changed([](Event& event) { event.what = "y"; });
  changed([](Event& event) { event.a = -1; });
  changed([](Event& event) { event.b = 1; });
  changed([](Event& event) { event.c = INT64_MIN; });
  changed([](Event& event) { event.a = 2, event.b = 1; });
  EXPECT_EQ(digests.size(), 10u);
}

TEST(EventLog, DigestsOrderAndNumber) {
  Event other = kEvent;
  other.a = 9;
  const std::set<std::uint64_t> digests{digest({kEvent, other}), digest({other, kEvent}), digest({kEvent}),
                                        digest({kEvent, kEvent}), digest({kEvent, kEvent, kEvent})};
  EXPECT_EQ(digests.size(), 5u);
}

// A golden value: a digest in a trace file must mean the same in a year.
TEST(EventLog, DigestIsTheSameEverywhere) {
  EXPECT_EQ(digest({kEvent, kEvent}), 6218645055844148433u);
  EXPECT_EQ(digest({kEvent, kEvent}, true), digest({kEvent, kEvent}, false));
}

TEST(EventLog, ClearsToTheBeginning) {
  EventLog log(true);
  log.append(kEvent);
  log.clear(false);
  EXPECT_EQ(log.digest(), EventLog().digest());
  EXPECT_TRUE(log.events().empty());
  EXPECT_EQ(log.size(), 0u);
}

}  // namespace
}  // namespace daxfuzz::sched
