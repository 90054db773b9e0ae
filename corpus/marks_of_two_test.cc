// SPDX-License-Identifier: GPL-2.0-only
// A mark of several tasks is seen in its seed, and no more once one of the steps that make it
// up is taken out of the log.
#include "corpus/marks_of_two.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "corpus/expectations.h"
#include "corpus/marks.h"

namespace daxfuzz::corpus {
namespace {

using sched::Event;
using sched::EventKind;
using sched::Label;
using Events = std::vector<Event>;

Events of_seed(const std::string& name) {
  const auto seed = load_trace("corpus/seeds/" + name + ".daxt");
  EXPECT_TRUE(seed.has_value()) << name;
  exec::Options options;
  options.keep_events = true;
  return seed ? exec::execute(seed->program, options).events : Events{};
}

// Without all events of that kind and label, or of the other.
struct Without {
  const char* mark;
  EventKind kind;
  Label label;  // none: any
  const char* what;  // goes with them
  Label other{};
};
constexpr Without kRows[] = {
    {"fault-waits-again", EventKind::block, "dax_entry", "the sleep"},
    {"fault-waits-again", EventKind::enter, "grab_mapping_entry", "that it is a fault"},
    {"lock-is-handed-over", EventKind::block, "dax_entry", "the sleep"},
    {"lock-is-handed-over", EventKind::wake, {}, "the wake-up"},
    {"lock-is-handed-over", EventKind::enter, "dax_unlock_entry", "that an unlock wakes"},
    {"busy-by-gup-loser", EventKind::step, "ref_try_add", "the reference"},
    {"busy-by-gup-loser", EventKind::step, "gup_pmd_recheck", "the second look at the table",
     "gup_pte_recheck"},
    {"busy-by-gup-loser", EventKind::leave, "dax_layout_busy_page", "the scan that found it busy"},
    {"busy-by-gup-loser", EventKind::block, "page_idle", "the sleep"},
    {"busy-by-gup-loser", EventKind::wake, {}, "the wake-up"},
    {"sync-fault-finds-no-entry", EventKind::leave, "__dax_invalidate_entry", "that the entry goes"},
    {"sync-fault-finds-no-entry", EventKind::enter, "dax_finish_sync_fault", "that it goes meanwhile"},
    {"sync-fault-finds-no-entry", EventKind::leave, "dax_insert_pfn_mkwrite", "the end of the fault"},
};

TEST(MarksOfTwo, NeedEachOfTheirSteps) {
  for (const Without& row : kRows) {
    SCOPED_TRACE(std::string(row.mark) + " without " + row.what);
    const Events all = of_seed(row.mark);
    ASSERT_TRUE(mark(row.mark) != nullptr && mark(row.mark)->seen(all));
    Events rest;
    std::ranges::copy_if(all, std::back_inserter(rest), [&](const Event& e) {
      const bool named = row.label == Label() || e.what == row.label ||
                         (row.other != Label() && e.what == row.other);
      return e.kind != row.kind || !named;
    });
    ASSERT_LT(rest.size(), all.size());
    EXPECT_FALSE(mark(row.mark)->seen(rest));
  }
}

// One event in place of another: same steps, another story.
Events with(Events events, bool (*is)(const Event&), void (*change)(Event&)) {
  for (Event& event : events)
    if (is(event)) change(event);
  return events;
}

TEST(MarksOfTwo, ALockIsNotHandedOverToWhoWaitsForAnotherEntry) {
  const Events all = of_seed("lock-is-handed-over");
  sched::TaskId last = sched::kNoTask;  // who slept last is who was woken second
  for (const Event& e : all)
    if (e.kind == EventKind::block && e.what == Label("dax_entry")) last = e.task;
  Events other = all;
  for (Event& e : other)
    if (e.kind == EventKind::block && e.what == Label("dax_entry") && e.task == last) e.a += 8;
  EXPECT_TRUE(lock_is_handed_over(all));
  EXPECT_FALSE(lock_is_handed_over(other));
}

TEST(MarksOfTwo, AScanThatFoundNothingIsNotBusy) {
  const Events idle = with(
      of_seed("busy-by-gup-loser"),
      [](const Event& e) { return e.kind == EventKind::leave && e.what == Label("dax_layout_busy_page"); },
      [](Event& e) { e.a = 0; });
  EXPECT_FALSE(busy_by_gup_loser(idle));
}

// An entry of another page, or of another file, is not the fault's.
TEST(MarksOfTwo, ASyncFaultMissesItsOwnEntry) {
  const auto takes = [](const Event& e) {
    return e.kind == EventKind::enter && e.what == Label("__dax_invalidate_entry");
  };
  const Events all = of_seed("sync-fault-finds-no-entry");
  EXPECT_FALSE(sync_fault_finds_no_entry(with(all, takes, [](Event& e) { e.a++; })));
  EXPECT_FALSE(sync_fault_finds_no_entry(with(all, takes, [](Event& e) { e.b++; })));
  // One that found an entry has locked it.
  EXPECT_FALSE(sync_fault_finds_no_entry(
      with(all,
           [](const Event& e) {
             return e.kind == EventKind::step && e.what == Label("xa_lock");
           },
           [](Event& e) {
             e.kind = EventKind::enter;
             e.what = Label("dax_unlock_entry");
           })));
}

}  // namespace
}  // namespace daxfuzz::corpus
