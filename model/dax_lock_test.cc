// SPDX-License-Identifier: GPL-2.0-only
// The lock of an entry for memory failure: what it finds, what it does where there is
// nothing, and what it meets on its way: a fault, a truncation, an unlock.
#include <gtest/gtest.h>

#include <algorithm>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Machine;
using testing::Recorder;
using testing::SwitchAt;
using trace::ProtocolId;

struct Lock : Machine<Recorder> {
  explicit Lock(ProtocolId id = ProtocolId::upstream,
                const trace::Geometry& geometry = testing::kNoPmd)
      : Machine(protocol_value(id), geometry) {}
  // a+0 is stored to, so its block 0 is tracked and mapped.
  void tracked() {
    map(0, 0);
    ASSERT_EQ(store(0, 0, 1), 0);
  }
  bool told(const std::string& fact) {
    return std::find(watch.facts.begin(), watch.facts.end(), fact) != watch.facts.end();
  }
};

class DaxLock : public ::testing::TestWithParam<ProtocolId> {};

TEST_P(DaxLock, FindsTheEntryByThePage) {
  Lock m(GetParam());
  m.tracked();
  const entry_t before = m.entry(0, 0);
  const dax_entry_t cookie = dax_lock_folio(&m.page(0));
  EXPECT_EQ(cookie, before);
  EXPECT_TRUE(dax_is_locked(m.entry(0, 0)));
  dax_unlock_folio(&m.page(0), cookie);
  EXPECT_EQ(m.entry(0, 0), before);
}

TEST_P(DaxLock, APageThatNothingTracksIsNotLocked) {
  Lock m(GetParam());
  EXPECT_EQ(dax_lock_folio(&m.page(0)), 0u);
  EXPECT_TRUE(m.watch.facts.empty());
}

TEST_P(DaxLock, FindsTheEntryByFileAndIndex) {
  Lock m(GetParam());
  m.tracked();
  const entry_t before = m.entry(0, 0);
  folio* page = nullptr;
  const dax_entry_t cookie = dax_lock_mapping_entry(m.file(0).i_mapping, 0, &page);
  EXPECT_EQ(cookie, before);
  EXPECT_EQ(page, &m.page(0));
  EXPECT_TRUE(dax_is_locked(m.entry(0, 0)));
  dax_unlock_mapping_entry(m.file(0).i_mapping, 0, cookie);
  EXPECT_EQ(m.entry(0, 0), before);
}

TEST_P(DaxLock, NoEntryAndAHoleAreNothingToLock) {
  Lock m(GetParam());
  m.map(0, 0);
  ASSERT_EQ(m.load(0, 1), 0);  // a hole's zero page
  for (const std::uint64_t index : {0u, 1u}) {
    const entry_t before = m.entry(0, index);
    folio* page = nullptr;
    const dax_entry_t cookie = dax_lock_mapping_entry(m.file(0).i_mapping, index, &page);
    EXPECT_EQ(cookie, DAX_NOTHING_TO_LOCK) << index;
    EXPECT_EQ(page, nullptr) << index;
    dax_unlock_mapping_entry(m.file(0).i_mapping, index, cookie);
    EXPECT_EQ(m.entry(0, index), before) << index;
  }
}

TEST_P(DaxLock, AnyIndexOfAPmdEntryLocksAllOfIt) {
  Lock m(GetParam(), {});
  m.tracked();
  ASSERT_TRUE(dax_is_pmd_entry(m.entry(0, 0)));
  const entry_t before = m.entry(0, 0);
  folio* page = nullptr;
  const dax_entry_t cookie = dax_lock_mapping_entry(m.file(0).i_mapping, 2, &page);
  EXPECT_EQ(page, &m.page(0));
  EXPECT_TRUE(dax_is_locked(m.entry(0, 0)));
  dax_unlock_mapping_entry(m.file(0).i_mapping, 2, cookie);
  EXPECT_EQ(m.entry(0, 0), before);
}

// The truncation comes between the look at folio->mapping and xa_lock: the second look
// sees it, and the slot that is empty by then is not touched.
TEST_P(DaxLock, TruncationBeforeTheLockIsSeen) {
  Lock m(GetParam());
  m.tracked();
  dax_entry_t cookie = 1;
  SwitchAt choices("xa_lock", "dax_lock_folio");
  EXPECT_EQ(testing::on_tasks(choices, {[&] { cookie = dax_lock_folio(&m.page(0)); },
                                        [&] { (void)xfs_setattr_size(m.file(0), 0); }}),
            sched::Outcome::finished);
  EXPECT_TRUE(choices.went_over());
  EXPECT_EQ(cookie, 0u);
  EXPECT_EQ(m.entry(0, 0), 0u);
}

// A write fault holds the entry of the page that a read fault has mapped.
TEST_P(DaxLock, WaitsForAFault) {
  Lock m(GetParam());
  m.tracked();
  ASSERT_EQ(m.unmap(0), 0);
  m.map(0, 0);
  ASSERT_EQ(m.load(0, 0), 1);
  const std::uint64_t pfn = dax_to_pfn(m.entry(0, 0));
  dax_entry_t cookie = 0;
  SwitchAt choices("ilock", "xfs_direct_write_iomap_begin");
  EXPECT_EQ(testing::on_tasks(choices, {[&] { (void)m.store(0, 0, 2); },
                                        [&] {
                                          cookie = dax_lock_folio(&m.page(0));
                                          dax_unlock_folio(&m.page(0), cookie);
                                        }}),
            sched::Outcome::finished);
  EXPECT_TRUE(choices.went_over());
  EXPECT_FALSE(dax_is_locked(cookie));
  EXPECT_EQ(dax_to_pfn(cookie), pfn);
  EXPECT_FALSE(dax_is_locked(m.entry(0, 0)));
  EXPECT_TRUE(pte_write(m.pte(0, 0)));
}

// Task 0 to a point, then 1, 2 and 0 whenever the one before cannot go on.
class OneTwoZero final : public sched::ChoiceSource {
 public:
  sched::TaskId next(const sched::Choice& choice) override {
    held_ |= choice.current == 0 && choice.at == sched::Label("holding");
    for (const sched::TaskId task : {1, 2})
      if (held_ && (choice.runnable >> task & 1u) != 0) return static_cast<sched::TaskId>(task);
    return sched::nth_task(choice.runnable, 0);
  }

 private:
  bool held_ = false;
};

// Of two who wait, the first finds when woken that the page has lost its mapping, and goes
// without touching the entry. The unlock must have woken the second too.
TEST_P(DaxLock, WhoWaitsForAPageTakesNoWakeUpFromAnother) {
  Lock m(GetParam());
  m.tracked();
  ASSERT_EQ(m.unmap(0), 0);
  address_space& mapping = m.file(0).i_mapping;
  dax_entry_t cookie = 1, second = 0;
  OneTwoZero choices;
  const auto holder = [&] {
    folio* page = nullptr;
    const dax_entry_t held = dax_lock_mapping_entry(mapping, 0, &page);
    sched::yield_point("holding");
    {
      const sched::HarnessScope scope;  // stands for a truncation, without its xa_lock
      page->mapping.init(0);
    }
    dax_unlock_mapping_entry(mapping, 0, held);
  };
  const auto exclusive = [&] {
    xa_state xas(mapping.i_pages, 0);
    second = grab_mapping_entry(xas, mapping, 0);
    dax_unlock_entry(xas, second);
  };
  EXPECT_EQ(testing::on_tasks(
                choices, {holder, [&] { cookie = dax_lock_folio(&m.page(0)); }, exclusive}),
            sched::Outcome::finished);
  EXPECT_EQ(cookie, 0u);
  EXPECT_EQ(dax_to_pfn(second), kPmemPfn);
}

INSTANTIATE_TEST_SUITE_P(Generations, DaxLock,
                         ::testing::Values(ProtocolId::legacy, ProtocolId::zap,
                                           ProtocolId::entry_ref, ProtocolId::upstream));

// A page of two files: the mapping word is no mapping.
void share(Lock& m) {
  m.tracked();
  ASSERT_EQ(xfs_remap_range(m.file(0), 0, m.file(1), 0, pos_of(1)), 0);
  m.map(1, 1, 1);
  ASSERT_EQ(m.load(0, 0), 1);
  ASSERT_EQ(m.load(1, 0), 1);
}

TEST(DaxLockOfAShared, PageIsRefusedSince615) {
  Lock m(ProtocolId::upstream);
  share(m);
  EXPECT_EQ(dax_lock_folio(&m.page(0)), 0u);
  EXPECT_FALSE(m.told("bug-magic-mapping-dereferenced"));
}

TEST(DaxLockOfAShared, PageFollowsTheMagicValueBefore) {
  Lock m(ProtocolId::legacy);
  share(m);
  EXPECT_EQ(dax_lock_folio(&m.page(0)), 0u);
  EXPECT_TRUE(m.told("bug-magic-mapping-dereferenced"));
}

// There is no test of the entry: the empty slot becomes a locked value, for ever.
TEST(DaxLockOfAnEmptySlot, LocksItAndSaysThatItDidNot) {
  Lock m;
  m.page(0).mapping.init(mapping_word(&m.file(0).i_mapping));
  EXPECT_EQ(dax_lock_folio(&m.page(0)), 0u);
  EXPECT_EQ(m.entry(0, 0), dax_make_entry(0, DAX_LOCKED));
}

}  // namespace
}  // namespace daxfuzz::kernel
