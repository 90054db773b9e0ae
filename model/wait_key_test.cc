// SPDX-License-Identifier: GPL-2.0-only
// Who is woken by what: the key that a waiter and a waker make of an index and an entry's
// size, and how many of the waiters of a key a mode wakes (fs/dax.c: dax_entry_waitqueue(),
// dax_wake_entry(), wake_exceptional_entry_func()). One row a case.
#include <gtest/gtest.h>

#include <set>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using Machine = testing::Machine<testing::Recorder>;

// PMDs of four pages: indices 0..3 are one range, 4..7 the next.
constexpr std::uint64_t kPte = 0, kPmd = DAX_PMD;

struct KeyRow {
  const char* what;
  std::uint64_t wait_index, wait_size;  // of the entry that the waiter saw
  std::uint64_t wake_index, wake_size;  // of the entry that the waker hands in
  bool woken;
};
const KeyRow kKeys[] = {
    {"a page by its index", 1, kPte, 1, kPte, true},
    {"not by its neighbour's", 1, kPte, 2, kPte, false},
    {"a PMD by its first index", 0, kPmd, 0, kPmd, true},
    {"a PMD by any of its indices", 3, kPmd, 1, kPmd, true},
    {"not by the next PMD's", 3, kPmd, 4, kPmd, false},
    // The waker passes the entry that the waiters saw, or it would miss them.
    {"a PMD's waiter at a later index misses a page's wake-up", 3, kPmd, 3, kPte, false},
    {"a page's waiter misses a PMD's wake-up", 3, kPte, 3, kPmd, false},
    {"at the first index the size makes no difference", 0, kPmd, 0, kPte, true},
};

TEST(WaitKeys, AWakeUpReachesWhoHasTheSameKey) {
  for (const KeyRow& row : kKeys) {
    SCOPED_TRACE(row.what);
    Machine m(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
    exceptional_entry_key waits, wakes;
    xarray& pages = m.file(0).i_mapping.i_pages;
    const auto& head = dax_entry_waitqueue(xa_state(pages, row.wait_index),
                                           dax_make_entry(0, DAX_EMPTY | row.wait_size), waits);
    const auto& other = dax_entry_waitqueue(xa_state(pages, row.wake_index),
                                            dax_make_entry(0, DAX_EMPTY | row.wake_size), wakes);
    EXPECT_EQ(waits.xa == wakes.xa && waits.entry_start == wakes.entry_start, row.woken);
    if (row.woken) EXPECT_EQ(&head, &other);
  }
}

TEST(WaitKeys, AreOfOneFile) {
  Machine m(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
  exceptional_entry_key a, b;
  (void)dax_entry_waitqueue(xa_state(m.file(0).i_mapping.i_pages, 0), dax_make_entry(0, DAX_EMPTY), a);
  (void)dax_entry_waitqueue(xa_state(m.file(1).i_mapping.i_pages, 0), dax_make_entry(0, DAX_EMPTY), b);
  EXPECT_NE(a.xa, b.xa);
}

// Heads are the geometry's; different keys may share one, and one key has one.
TEST(WaitKeys, SpreadOverTheHeadsOfTheGeometry) {
  for (const std::uint8_t heads : {2, 5, 8}) {
    trace::Geometry geometry;
    geometry.waits = heads;
    Machine m(protocol_value(trace::ProtocolId::upstream), geometry);
    std::set<const sched::WaitQueueHead*> seen;
    for (int file = 0; file < 4; file++)
      for (std::uint64_t index = 0; index < 8; index++) {
        exceptional_entry_key key;
        seen.insert(&dax_entry_waitqueue(xa_state(m.file(file).i_mapping.i_pages, index), 0, key));
      }
    EXPECT_EQ(seen.size(), heads);
  }
}

// --- how many -----------------------------------------------------------------------

struct ModeRow {
  const char* queue;  // in the order in which they queue: x exclusive, s shared, o another key
  dax_wake_mode mode;
  const char* woken;  // bit by bit, in that order
};
const ModeRow kModes[] = {
    {"xxx", WAKE_NEXT, "100"},
    {"xxx", WAKE_ALL, "111"},
    // Those that wait for another key are passed over and do not count.
    {"oxx", WAKE_NEXT, "010"},
    {"oxo", WAKE_ALL, "010"},
    // Who waits without being exclusive is woken by both and uses nothing up.
    {"ssx", WAKE_NEXT, "111"},
    {"sxx", WAKE_NEXT, "110"},
    {"sxx", WAKE_ALL, "111"},
};

struct Waiter {
  sched::WaitQueueEntry wait;  // first, as in wait_exceptional_entry_queue
  exceptional_entry_key key;
};

TEST(WaitModes, WakeAsManyAsTheySay) {
  for (const ModeRow& row : kModes) {
    SCOPED_TRACE(std::string(row.queue) + (row.mode == WAKE_ALL ? " all" : " next"));
    Machine m(protocol_value(trace::ProtocolId::upstream), trace::Geometry{});
    xa_state xas(m.file(0).i_mapping.i_pages, 0);
    const entry_t entry = dax_make_entry(0, DAX_EMPTY);
    std::string woken;
    testing::InOrder choices;
    std::vector<std::function<void()>> bodies;
    for (const char* kind = row.queue; *kind != 0; kind++)
      bodies.push_back([&, kind] {
        Waiter waiter;
        sched::WaitQueueHead& head = dax_entry_waitqueue(xas, entry, waiter.key);
        if (*kind == 'o') waiter.key.entry_start = 2;
        waiter.wait.task = sched::Scheduler::current_task();
        waiter.wait.func = wake_exceptional_entry_func;
        if (*kind == 'x')
          head.prepare_to_wait_exclusive(waiter.wait, sched::TaskState::uninterruptible);
        else
          head.prepare_to_wait(waiter.wait, sched::TaskState::uninterruptible);
        sched::schedule({.what = "test",
                         .kind = sched::WaitReason::Kind::event,
                         .holders = 0,
                         .object = 0,
                         .satisfied = [](const void*) { return false; },
                         .arg = nullptr});
        const sched::HarnessScope scope;
        woken[static_cast<std::size_t>(kind - row.queue)] = '1';
      });
    woken.assign(bodies.size(), '0');
    bodies.push_back([&] { dax_wake_entry(xas, entry, row.mode); });
    (void)testing::on_tasks(choices, bodies);
    EXPECT_EQ(woken, row.woken);
  }
}

}  // namespace
}  // namespace daxfuzz::kernel
