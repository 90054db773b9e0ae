// SPDX-License-Identifier: GPL-2.0-only
// What a child has of private copies: the same pages, read-only on both sides, but for what may be
// pinned; and who may write in place afterwards. See mm_fork.cc; private_test.cc has the simple cases.
#include <gtest/gtest.h>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

// Page 1 of a private mapping is a copy that holds 9.
class Fork : public ::testing::TestWithParam<ProtocolId> {
 protected:
  Machine machine{protocol_value(GetParam()), trace::Geometry{.mms = 2}};

  void SetUp() override {
    ASSERT_EQ(xfs_file_write(machine.file(0), 0, pos_of(4), 7), 0);
    ASSERT_EQ(do_mmap(machine.world.mms[0], machine.world.vmas[0], machine.file(0), 0, 4, 0, 0), 0);
    ASSERT_EQ(machine.store(0, 1, 9), 0);
  }
  int fork() {
    return dup_mmap(machine.world.mms[1], machine.world.vmas[1], machine.world.vmas[0]);
  }
  int anon_in_use() const {
    int used = 0;
    for (const folio& page : machine.world.anon_pages) used += page._refcount.peek() != 0;
    return used;
  }
  pte_t pte(int slot) const {
    const vm_area_struct& vma = machine.world.vmas[static_cast<std::size_t>(slot)];
    return vma.vm_mm.peek()->ptes[vma.start() + 1].peek();
  }
  bool exclusive(int slot) const { return pfn_page(pte_pfn(pte(slot)))->anon_exclusive.peek(); }
  std::uint64_t pinned(int number) {
    return machine.world.pins[static_cast<std::size_t>(number)].page()->pfn;
  }
};

TEST_P(Fork, TheCopyIsNobodysAloneUntilOneIsLeft) {
  EXPECT_TRUE(exclusive(0));
  ASSERT_EQ(fork(), 0);
  EXPECT_EQ(pte(0), pte(1));
  EXPECT_FALSE(pte_write(pte(0)) || exclusive(0));
  const std::uint64_t shared = pte_pfn(pte(0));
  ASSERT_EQ(machine.unmap(1), 0);
  ASSERT_EQ(machine.store(0, 1, 3), 0);
  EXPECT_EQ(pte_pfn(pte(0)), shared);
  EXPECT_TRUE(exclusive(0));
}

TEST_P(Fork, APinnedCopyStaysTheParents) {
  ASSERT_EQ(machine.pin(0, 0, 1, true, true), 0);
  ASSERT_EQ(fork(), 0);
  EXPECT_EQ(pte_pfn(pte(0)), pinned(0));
  EXPECT_NE(pte_pfn(pte(1)), pinned(0));
  EXPECT_TRUE(pte_write(pte(0)) && pte_write(pte(1)) && exclusive(0) && exclusive(1));
  EXPECT_EQ(machine.load(1, 1), 9);
  ASSERT_EQ(machine.store(0, 1, 3), 0);
  EXPECT_EQ(machine.load(1, 1), 9);
  EXPECT_EQ(machine.world.pmem.load(pinned(0)), 3);
  ASSERT_EQ(machine.unpin(0), 0);
  EXPECT_EQ(anon_in_use(), 2);
}

// FOLL_GET promises nothing: a store parts the page from it.
TEST_P(Fork, ACopyThatIsOnlyReferencedIsShared) {
  ASSERT_EQ(machine.pin(0, 0, 1, false, true), 0);
  ASSERT_EQ(fork(), 0);
  EXPECT_EQ(pte(0), pte(1));
  ASSERT_EQ(machine.store(0, 1, 3), 0);
  EXPECT_NE(pte_pfn(pte(0)), pinned(0));
  EXPECT_EQ(machine.world.pmem.load(pinned(0)), 9);
}

TEST_P(Fork, APinForReadingUnsharesAndAStoreGoesToIt) {
  ASSERT_EQ(fork(), 0);
  const std::uint64_t shared = pte_pfn(pte(0));
  ASSERT_EQ(machine.pin(0, 0, 1, true, true, false), 0);
  EXPECT_NE(pinned(0), shared);
  EXPECT_EQ(pte_pfn(pte(0)), pinned(0));
  EXPECT_TRUE(!pte_write(pte(0)) && exclusive(0));
  ASSERT_EQ(machine.store(0, 1, 3), 0);
  EXPECT_EQ(pte_pfn(pte(0)), pinned(0));
  EXPECT_EQ(machine.load(1, 1), 9);
  // The other one is the only one that maps the first page.
  ASSERT_EQ(machine.pin(1, 1, 1, true, false, false), 0);
  EXPECT_EQ(pinned(1), shared);
  EXPECT_TRUE(!pte_write(pte(1)) && exclusive(1));
}

TEST_P(Fork, AnEmptyPageTableHasOneInTheChild) {
  ASSERT_EQ(madvise_dontneed(machine.world.vmas[0], 1, 1), 0);
  ASSERT_FALSE(pmd_none(machine.world.mms[0].pmd(machine.world.vmas[0].start()).peek()));
  ASSERT_EQ(fork(), 0);
  const pmd_t pmd = machine.world.mms[1].pmd(machine.world.vmas[1].start()).peek();
  EXPECT_FALSE(pmd_none(pmd) || pmd_leaf(pmd));
  EXPECT_EQ(machine.load(1, 2), 7);
}

TEST_P(Fork, WithoutMemoryForACopyThereIsNoChild) {
  ASSERT_EQ(machine.pin(0, 0, 1, true, true), 0);
  ASSERT_EQ(machine.store(0, 0, 8), 0);
  testing::InOrder in_order;
  int ret = 0;
  (void)testing::on_tasks(in_order, {[&] {
    machine.world.fail_nth[0] = 1;
    ret = fork();
  }});
  EXPECT_EQ(ret, -ENOMEM);
  EXPECT_FALSE(machine.world.vmas[1].claimed.peek());
  EXPECT_TRUE(pmd_none(machine.world.mms[1].pmd(machine.world.vmas[1].slot_start).peek()));
  EXPECT_EQ(anon_in_use(), 2);
  ASSERT_EQ(machine.store(0, 0, 6), 0);
  EXPECT_EQ(anon_in_use(), 2);
  EXPECT_EQ(fork(), 0);
}

// Fast GUP gives up while a fork is at it: it would have the page as the parent's alone just
// before it is shared.
TEST_P(Fork, APinDuringAForkComesAfterIt) {
  testing::SwitchAt choices("anon_exclusive_clear", "dup_mmap");
  testing::on_tasks(choices,
                    {[&] { EXPECT_EQ(fork(), 0); },
                     [&] { EXPECT_EQ(machine.pin(0, 0, 1, true, true, false), 0); }});
  EXPECT_TRUE(choices.went_over());
  EXPECT_EQ(pte_pfn(pte(0)), pinned(0));
  EXPECT_NE(pte_pfn(pte(1)), pinned(0));
  EXPECT_TRUE(exclusive(0));
}

INSTANTIATE_TEST_SUITE_P(Protocols, Fork,
                         ::testing::Values(ProtocolId::legacy60, ProtocolId::legacy,
                                           ProtocolId::upstream, ProtocolId::upstream71),
                         [](const auto& info) { return std::string(trace::name(info.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
