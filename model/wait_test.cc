// SPDX-License-Identifier: GPL-2.0-only
// Hashed waits: keys that share a queue head, exclusive waiters that pass the
// wake-up on, and page waits by identity.
#include "model/wait.h"

#include <gtest/gtest.h>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using sched::Outcome;
using testing::InOrder;
using Machine = testing::Machine<testing::Recorder>;

// Tasks run in order, each until it sleeps, so the first body queues first.
class EntryWaits : public ::testing::Test {
 protected:
  Machine machine{protocol_value(trace::ProtocolId::upstream), testing::kNoPmd};
  sched::testing::Order woken;
  InOrder choices;

  xarray& pages(int file) { return machine.file(file).i_mapping.i_pages; }

  void SetUp() override {
    for (int file : {0, 1, 2})
      for (std::uint64_t index : {0, 1, 2}) {
        xa_state xas(pages(file), index);
        (void)xas_store(xas, dax_make_entry(0, DAX_EMPTY | DAX_LOCKED));
      }
  }
  // Sleeps until the entry is unlocked; then passes the wake-up on, or forgets to.
  std::function<void()> waiter(char name, int file, std::uint64_t index, bool pass_on = true) {
    return [this, name, file, index, pass_on] {
      xa_state xas(pages(file), index);
      xas_lock_irq(xas);
      const entry_t entry = get_unlocked_entry(xas, 0);
      woken += name;
      if (pass_on) put_unlocked_entry(xas, entry, WAKE_NEXT);
      xas_unlock_irq(xas);
    };
  }
  std::function<void()> unlocker(int file, std::uint64_t index) {
    return [this, file, index] {
      xa_state xas(pages(file), index);
      dax_unlock_entry(xas, dax_make_entry(0, DAX_EMPTY));
    };
  }
  const sched::WaitQueueHead* head(int file, std::uint64_t index) {
    exceptional_entry_key key;
    return &dax_entry_waitqueue(xa_state(pages(file), index), 0, key);
  }
};

TEST_F(EntryWaits, KeysShareAHead) {
  EXPECT_EQ(head(0, 0), head(0, 2));
  EXPECT_EQ(head(0, 0), head(1, 1));
  EXPECT_EQ(head(0, 0), head(2, 0));
  EXPECT_NE(head(0, 0), head(0, 1));
}

TEST_F(EntryWaits, AnUnlockWakesItsOwnIndexOnly) {
  EXPECT_EQ(testing::on_tasks(choices, {waiter('x', 0, 2), waiter('a', 0, 0), unlocker(0, 0)}),
            Outcome::stuck);
  EXPECT_EQ(woken.str(), "a");
}

TEST_F(EntryWaits, AnUnlockWakesItsOwnFileOnly) {
  EXPECT_EQ(testing::on_tasks(choices, {waiter('x', 2, 0), waiter('a', 0, 0), unlocker(0, 0)}),
            Outcome::stuck);
  EXPECT_EQ(woken.str(), "a");
}

TEST_F(EntryWaits, AnExclusiveWaiterPassesTheWakeUpOn) {
  EXPECT_EQ(testing::on_tasks(choices, {waiter('a', 0, 0), waiter('b', 0, 0), unlocker(0, 0)}),
            Outcome::finished);
  EXPECT_EQ(woken.str(), "ab");
}

TEST_F(EntryWaits, TheNextOneSleepsOnIfItDoesNot) {
  EXPECT_EQ(
      testing::on_tasks(choices, {waiter('a', 0, 0, false), waiter('b', 0, 0), unlocker(0, 0)}),
      Outcome::stuck);
  EXPECT_EQ(woken.str(), "a");
}

TEST_F(EntryWaits, WakeAllWakesAllOfOneKey) {
  const auto wake_all = [this] {
    xa_state xas(pages(0), 0);
    xas_lock_irq(xas);
    (void)xas_store(xas, 0);
    put_unlocked_entry(xas, dax_make_entry(0, DAX_EMPTY), WAKE_ALL);
    xas_unlock_irq(xas);
  };
  EXPECT_EQ(testing::on_tasks(choices, {waiter('a', 0, 0, false), waiter('x', 0, 2),
                                        waiter('b', 0, 0, false), wake_all}),
            Outcome::stuck);
  EXPECT_EQ(woken.str(), "ab");
}

// Nobody is told of an empty slot: there is nothing to pass on.
TEST_F(EntryWaits, PuttingNoEntryWakesNobody) {
  const auto put_none = [this] {
    xa_state xas(pages(0), 0);
    put_unlocked_entry(xas, 0, WAKE_ALL);
    put_unlocked_entry(xas, XA_RETRY_ENTRY, WAKE_ALL);
  };
  EXPECT_EQ(testing::on_tasks(choices, {waiter('a', 0, 0), put_none}), Outcome::stuck);
  EXPECT_EQ(woken.str(), "");
}

// --- pages ------------------------------------------------------------------------

bool is_idle(const folio* page) { return page->_refcount.read("test") == 0; }
bool is_idle_peek(const folio* page) { return page->_refcount.peek() == 0; }
void sleep(void*, const sched::WaitReason& reason) { sched::schedule(reason); }

// Waits for one page, is woken for another: pages 0 and 2 share a queue head.
Outcome wait_and_wake(Machine& machine, std::uint64_t waits_for, std::uint64_t idle,
                      bool becomes_idle) {
  machine.page(waits_for)._refcount.init(1);
  InOrder choices;
  return testing::on_tasks(choices, {[&machine, waits_for] {
                                       wait_var_event(&machine.page(waits_for), is_idle,
                                                      is_idle_peek, sched::TaskState::interruptible,
                                                      sleep, nullptr);
                                     },
                                     [&machine, waits_for, idle, becomes_idle] {
                                       if (becomes_idle) machine.page(waits_for)._refcount.init(0);
                                       wake_up_var(&machine.page(idle));
                                     }});
}

TEST(PageWaits, AreWokenByTheirPage) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), testing::kNoPmd);
  EXPECT_EQ(wait_and_wake(machine, 0, 0, true), Outcome::finished);
}

TEST(PageWaits, AreNotWokenByAnotherPageOfTheSameHead) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), testing::kNoPmd);
  EXPECT_EQ(wait_and_wake(machine, 0, 2, true), Outcome::stuck);
}

TEST(PageWaits, SleepAgainWhenTheConditionIsNotTrue) {
  Machine machine(protocol_value(trace::ProtocolId::upstream), testing::kNoPmd);
  EXPECT_EQ(wait_and_wake(machine, 0, 0, false), Outcome::stuck);
}

}  // namespace
}  // namespace daxfuzz::kernel
