// SPDX-License-Identifier: GPL-2.0-only
// Private mappings: who copies when, what keeps the copy, what a child shares, and what
// MADV_DONTNEED and msync(2) reach.
#include <gtest/gtest.h>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

class Private : public ::testing::TestWithParam<ProtocolId> {
 protected:
  Machine machine{protocol_value(GetParam()), trace::Geometry{.mms = 2}};
  inode& a = machine.file(0);

  vm_area_struct& map(int slot, std::uint8_t flags = 0, int mm = 0) {
    vm_area_struct& vma = machine.world.vmas[static_cast<std::size_t>(slot)];
    EXPECT_EQ(do_mmap(machine.world.mms[static_cast<std::size_t>(mm)], vma, a, 0, 4, flags, 0), 0);
    return vma;
  }
  void SetUp() override { ASSERT_EQ(xfs_file_write(a, 0, pos_of(4), 7), 0); }
  int anon_in_use() const {
    int used = 0;
    for (const folio& page : machine.world.anon_pages) used += page._refcount.peek() != 0;
    return used;
  }
  pte_t pte(int slot, std::uint64_t page) { return machine.pte(slot, page); }
};

TEST_P(Private, AReadMapsTheFileByItsPmd) {
  map(0);
  EXPECT_EQ(machine.load(0, 1), 7);
  EXPECT_TRUE(pmd_leaf(machine.world.mms[0].pmd(machine.world.vmas[0].start()).peek()));
  EXPECT_EQ(anon_in_use(), 0);
}

TEST_P(Private, AWriteCopiesAndTheFileKeepsItsBytes) {
  map(0);
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  EXPECT_EQ(machine.load(0, 1), 9);
  EXPECT_EQ(xfs_file_read(a, pos_of(1), PAGE_SIZE), 7);
  EXPECT_TRUE(pfn_is_anon(pte_pfn(pte(0, 1))));
  EXPECT_EQ(anon_in_use(), 1);
  // The fault had to have an entry to lock; what it leaves carries no page.
  EXPECT_TRUE(dax_is_empty_entry(machine.entry(0, 1)));
  EXPECT_FALSE(dax_is_locked(machine.entry(0, 1)));
}

TEST_P(Private, AWriteOverAMappedPageCopiesWithoutTheEntry) {
  map(0);
  ASSERT_EQ(machine.load(0, 1), 7);  // a PMD, which the write splits
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  EXPECT_EQ(machine.load(0, 1), 9);
  EXPECT_EQ(machine.load(0, 2), 7);
  EXPECT_EQ(xfs_file_read(a, pos_of(1), PAGE_SIZE), 7);
  const int held = machine.page(2)._refcount.peek();
  ASSERT_EQ(machine.store(0, 2, 8), 0);  // a PTE, which the write replaces
  if (protocol().mapping_holds_ref) EXPECT_LT(page_folio_peek(&machine.page(2))->_mapcount.peek(), 2);
  EXPECT_EQ(machine.page(2)._refcount.peek(), held);
  EXPECT_EQ(anon_in_use(), 2);
}

TEST_P(Private, AHoleIsCopiedAsZeros) {
  ASSERT_EQ(xfs_punch_hole(a, pos_of(1), PAGE_SIZE), 0);
  map(0);
  std::uint8_t value = 0;
  ASSERT_EQ(machine.store(0, 1, 5), 0);
  ASSERT_EQ(user_access(machine.world.vmas[0], 1, false, &value), 0);
  EXPECT_EQ(value, 5);
  EXPECT_TRUE(a.data_fork[1].hole());
}

TEST_P(Private, BreakingLayoutsAndPunchingKeepTheCopy) {
  map(0);
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  ASSERT_EQ(xfs_break_layouts_whole(a), 0);
  EXPECT_EQ(machine.load(0, 1), 9);
  ASSERT_EQ(xfs_punch_hole(a, pos_of(1), PAGE_SIZE), 0);
  EXPECT_EQ(machine.load(0, 1), 9);
  // Truncation takes it: beyond the end of the file there is nothing to see.
  ASSERT_EQ(xfs_setattr_size(a, pos_of(1)), 0);
  EXPECT_EQ(machine.load(0, 1), -EFAULT);
  EXPECT_EQ(anon_in_use(), 0);
}

TEST_P(Private, WithoutMemoryTheWriteFails) {
  map(0);
  testing::InOrder in_order;
  int ret = 0;
  (void)testing::on_tasks(in_order, {[&] {
    machine.world.fail_nth[0] = 1;
    ret = machine.store(0, 1, 9);
  }});
  EXPECT_EQ(ret, -ENOMEM);
  EXPECT_EQ(anon_in_use(), 0);
  EXPECT_EQ(machine.load(0, 1), 7);
}

TEST_P(Private, APinOfACopyKeepsItAfterMunmap) {
  map(0);
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  ASSERT_EQ(machine.pin(0, 0, 1, true, true), 0);
  ASSERT_EQ(machine.unmap(0), 0);
  EXPECT_EQ(anon_in_use(), 1);
  ASSERT_EQ(machine.unpin(0), 0);
  EXPECT_EQ(anon_in_use(), 0);
}

TEST_P(Private, AChildSharesCopiesUntilOneWrites) {
  map(0);
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  ASSERT_EQ(dup_mmap(machine.world.mms[1], machine.world.vmas[1], machine.world.vmas[0]), 0);
  EXPECT_EQ(machine.load(1, 1), 9);
  EXPECT_FALSE(pte_write(pte(0, 1)));
  ASSERT_EQ(machine.store(1, 1, 4), 0);
  EXPECT_EQ(machine.load(0, 1), 9);
  EXPECT_EQ(machine.load(1, 1), 4);
  EXPECT_EQ(anon_in_use(), 2);
  ASSERT_EQ(machine.store(0, 1, 3), 0);  // nobody else has it: upgraded in place
  EXPECT_EQ(anon_in_use(), 2);
}

TEST_P(Private, AChildOfASharedMappingStartsWithoutPageTables) {
  map(0, VM_SHARED);
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  ASSERT_EQ(dup_mmap(machine.world.mms[1], machine.world.vmas[1], machine.world.vmas[0]), 0);
  EXPECT_TRUE(pmd_none(machine.world.mms[1].pmd(machine.world.vmas[1].start()).peek()));
  EXPECT_EQ(machine.load(1, 1), 9);
  EXPECT_EQ(dup_mmap(machine.world.mms[1], machine.world.vmas[1], machine.world.vmas[0]), -EINVAL);
}

TEST_P(Private, MadviseDropsCopiesAndMappings) {
  map(0);
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  ASSERT_EQ(machine.store(0, 2, 9), 0);
  ASSERT_EQ(madvise_dontneed(machine.world.vmas[0], 1, 1), 0);
  EXPECT_EQ(machine.load(0, 1), 7);
  EXPECT_EQ(machine.load(0, 2), 9);
  EXPECT_EQ(madvise_dontneed(machine.world.vmas[0], 5, 1), -ENOMEM);
}

// CONFIG_PT_RECLAIM: with its page table goes what kept a fault from being one of a PMD.
TEST_P(Private, MadviseOfAWholePmdFreesTheEmptyPageTable) {
  map(0);
  const auto pmd = [this]() -> pmd_t {
    return machine.world.mms[0].pmd(machine.world.vmas[0].start()).peek();
  };
  ASSERT_EQ(machine.store(0, 1, 9), 0);
  ASSERT_FALSE(pmd_none(pmd()));
  ASSERT_EQ(madvise_dontneed(machine.world.vmas[0], 0, 3), 0);
  EXPECT_FALSE(pmd_none(pmd()));  // part of it leaves the table, which may not be empty
  ASSERT_EQ(madvise_dontneed(machine.world.vmas[0], 0, 4), 0);
  EXPECT_EQ(pmd_none(pmd()), protocol().reclaim_pt);
  EXPECT_EQ(machine.load(0, 1), 7);
}

// The second to come finds no page table, and leaves alone the PMD that a fault has put there.
TEST_P(Private, MadviseWhosePageTableIsGoneTouchesNothing) {
  map(0, VM_SHARED);
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(4), 7), 0);
  vm_area_struct& vma = machine.world.vmas[0];
  mm_struct& mm = machine.world.mms[0];
  mm.pmd(vma.start()).init(mk_pmd_table());
  testing::SwitchAt choices("ptl", "madvise_dontneed");
  testing::on_tasks(choices, {[&] { EXPECT_EQ(madvise_dontneed(vma, 0, 4), 0); },
                              [&] {
                                mm.pmd(vma.start()).init(0);
                                EXPECT_EQ(machine.load(0, 1), 7);
                                EXPECT_TRUE(pmd_leaf(mm.pmd(vma.start()).peek()));
                              }});
  EXPECT_TRUE(choices.went_over());
  EXPECT_TRUE(pmd_leaf(mm.pmd(vma.start()).peek()));
}

// The address is computed before the wait; the slot is then mapped one page lower, so that
// it is the second page of two and nothing behind it is touched.
TEST_P(Private, MadviseGoesByTheAddressWhereTheSlotMoved) {
  vm_area_struct& vma = machine.world.vmas[0];
  mm_struct& mm = machine.world.mms[0];
  ASSERT_EQ(do_mmap(mm, vma, machine.file(0), 0, 2, 0, 1), 0);
  testing::SwitchAt choices("mmap_lock", "madvise_dontneed");
  int ret = -1;
  testing::on_tasks(choices, {[&] { ret = madvise_dontneed(vma, 0, 4); },
                              [&] {
                                EXPECT_EQ(do_munmap(vma), 0);
                                EXPECT_EQ(do_mmap(mm, vma, machine.file(0), 0, 2, 0, 0), 0);
                                EXPECT_EQ(machine.store(0, 0, 9), 0);
                                EXPECT_EQ(machine.store(0, 1, 9), 0);
                              }});
  EXPECT_TRUE(choices.went_over());
  EXPECT_EQ(ret, 0);
  EXPECT_EQ(machine.load(0, 0), 9);
  EXPECT_EQ(machine.load(0, 1), 7);
}

TEST_P(Private, MsyncWritesBackWhatIsShared) {
  map(0, VM_SHARED);
  ASSERT_EQ(machine.store(0, 0, 9), 0);
  ASSERT_NE(machine.marks(0, 0), 0u);
  ASSERT_EQ(msync(machine.world.vmas[0], 0, 1), 0);
  EXPECT_EQ(machine.marks(0, 0), 0u);
  map(1);
  EXPECT_EQ(msync(machine.world.vmas[1], 0, 4), 0);
  EXPECT_EQ(msync(machine.world.vmas[1], 6, 1), -ENOMEM);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Private,
                         ::testing::Values(ProtocolId::legacy, ProtocolId::entry_ref,
                                           ProtocolId::upstream, ProtocolId::upstream71),
                         [](const auto& info) { return std::string(trace::name(info.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
