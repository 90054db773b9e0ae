// SPDX-License-Identifier: GPL-2.0-only
// In which order a system call does its parts, where the result does not tell: task 0
// is stopped between two of its steps and task 1 looks.
#include <gtest/gtest.h>

#include <cerrno>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::SwitchAt;
using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

class Steps : public ::testing::Test {
 protected:
  Machine machine{protocol_value(ProtocolId::upstream), testing::kNoPmd};
  inode& a = machine.file(0);
  inode& b = machine.file(1);

  int ref() { return machine.page(0)._refcount.peek(); }
  // Did task 0, doing `first`, come by there and let `look` run to its end?
  bool looked(SwitchAt at, std::function<void()> first, std::function<void()> look) {
    bool ended = false, in_between = false;
    const sched::Outcome outcome = testing::on_tasks(
        at, {[&] {
               first();
               const sched::HarnessScope scope;
               ended = true;
             },
             [&] {
               look();
               const sched::HarnessScope scope;
               in_between = !ended;
             }});
    EXPECT_EQ(outcome, sched::Outcome::finished);
    return at.went_over() && in_between;
  }
  void munmap_leaves_at_unlink(int refs) {
    int seen = -1;
    EXPECT_TRUE(looked(SwitchAt("i_mmap_rwsem", "do_munmap"), [&] { machine.unmap(0); },
                       [&] { seen = ref(); }));
    EXPECT_EQ(seen, refs);
    EXPECT_EQ(ref(), 0);
  }
};

// A dirty PTE forces the flush before the page table lock goes, and the puts follow.
TEST_F(Steps, MunmapPutsADirtyPageBeforeTheFileLosesTheVma) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  munmap_leaves_at_unlink(0);
}
TEST_F(Steps, MunmapPutsACleanPageAfterwards) {
  machine.map(0, 0);
  ASSERT_EQ(xfs_file_write(a, pos_of(0), pos_of(1), 1), 0);
  ASSERT_EQ(machine.load(0, 0), 1);
  munmap_leaves_at_unlink(1);
}
// So does the mapcount, which a clean page loses with its PTE.
TEST_F(Steps, ADirtyPageIsMappedUntilTheFlush) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  int mapcount = -1;
  EXPECT_TRUE(looked(SwitchAt("tlb_flush"), [&] { machine.unmap(0); },
                     [&] { mapcount = machine.page(0)._mapcount.peek(); }));
  EXPECT_EQ(mapcount, 1);
  EXPECT_EQ(machine.page(0)._mapcount.peek(), 0);
}

TEST_F(Steps, MunmapLetsItsProcessFaultMeanwhile) {
  machine.map(0, 0);
  machine.map(0, 1);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  int other = -1, gone = -1;
  EXPECT_TRUE(looked(SwitchAt("i_mmap_rwsem", "do_munmap"), [&] { machine.unmap(0); }, [&] {
    other = machine.load(1, 0);
    gone = machine.load(0, 0);
  }));
  EXPECT_EQ(other, 1);
  EXPECT_EQ(gone, -EFAULT);
}

TEST_F(Steps, FastPinTakesOneReferenceAndThenItsBias) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  int seen = -1;
  EXPECT_TRUE(looked(SwitchAt("ref_add"), [&] { machine.pin(0, 0, 0, true, true); },
                     [&] { seen = ref(); }));
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(ref(), 1 + 1024);
}

TEST_F(Steps, FastPinHasInterruptsOffUntilItKeepsThePage) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  const std::uint32_t before = world().irqs[0].flips();
  EXPECT_EQ(before % 2, 0u);
  for (const sched::Label at : {sched::Label("gup_pmd_read"), sched::Label("gup_pte_recheck")}) {
    std::uint32_t seen = 0;
    EXPECT_TRUE(looked(SwitchAt(at), [&] { machine.pin(0, 0, 0, true, true); },
                       [&] { seen = world().irqs[0].flips(); }));
    EXPECT_EQ(seen % 2, 1u);
    EXPECT_EQ(world().irqs[0].flips() % 2, 0u);
    EXPECT_NE(world().irqs[0].flips(), seen - 1) << "another walk";
    machine.unpin(0);
  }
}

// Or a fast pin that is tried for ever would come to no state twice.
TEST_F(Steps, TheCountOfWalksWraps) {
  IrqState irqs;
  for (int walk = 0; walk < 8; walk++) {
    EXPECT_EQ(irqs.flips() == 0, walk == 0) << walk;
    irqs.local_irq_save(), irqs.local_irq_restore();
  }
  EXPECT_EQ(irqs.flips(), 0u);
}

TEST_F(Steps, AWriteMovesTheSizeOnceAndLast) {
  std::uint64_t size = ~0ull;
  EXPECT_TRUE(looked(SwitchAt("i_size_write"), [&] { xfs_file_write(a, pos_of(0), pos_of(3), 1); },
                     [&] { size = a.i_size.peek(); }));
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(a.i_size.peek(), pos_of(3));
  SwitchAt twice("i_size_write", {}, 2);
  ASSERT_EQ(testing::on_tasks(twice, {[&] { xfs_file_write(b, pos_of(0), pos_of(3), 1); }, [] {}}),
            sched::Outcome::finished);
  EXPECT_FALSE(twice.went_over());
}

// What was written before a write failed counts, and no page after it.
TEST_F(Steps, AShortWriteMovesTheSizeByWhatItWrote) {
  testing::InOrder in_order;
  int ret = xfs_file_write(a, pos_of(1), pos_of(1), 1);  // so the rest is not one extent
  ASSERT_EQ(ret, 0);
  ASSERT_EQ(testing::on_tasks(in_order, {[&] {
    machine.world.fail_nth[0] = 2;  // the third page finds no block
    ret = xfs_file_write(a, pos_of(0), pos_of(3), 1);
  }}), sched::Outcome::finished);
  EXPECT_EQ(ret, -ENOSPC);
  EXPECT_EQ(a.i_size.peek(), pos_of(2));
}

// Before 6.15: the scan of 6.15 deletes the entries, and their marks with them.
TEST(StepsOfLegacy, ReflinkWritesTheSourceBackBeforeItShares) {
  Machine machine{protocol_value(ProtocolId::legacy), testing::kNoPmd};
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  ASSERT_NE(machine.marks(0, 0) & PAGECACHE_TAG_DIRTY, 0u);
  unsigned marks = ~0u;
  SwitchAt shares("reflink_flag");
  ASSERT_EQ(testing::on_tasks(
                shares, {[&] { xfs_remap_range(machine.file(0), 0, machine.file(1), 0, pos_of(1)); },
                         [&] {
                           const sched::HarnessScope scope;  // looks without xa_lock
                           marks = machine.marks(0, 0);
                         }}),
            sched::Outcome::finished);
  ASSERT_TRUE(shares.went_over());
  EXPECT_EQ(marks & PAGECACHE_TAG_DIRTY, 0u);
}

class Generations : public ::testing::TestWithParam<ProtocolId> {};

// xfs_mmaplock_two_inodes_and_break_dax_layout(): before 6.15 a wait for the first file
// gives up its lock once more and starts again.
TEST_P(Generations, OnlyTheOldTwoFileBreakStartsAgainAfterAWait) {
  Machine machine{protocol_value(GetParam()), testing::kNoPmd};
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  ASSERT_EQ(machine.pin(0, 0, 0, false, true), 0);
  SwitchAt third_lock("mmaplock", "xfs_mmaplock_two_inodes_and_break_dax_layout", 3);
  ASSERT_EQ(testing::on_tasks(third_lock,
                              {[&] { xfs_remap_range(machine.file(0), 0, machine.file(1), 0, pos_of(1)); },
                               [&] { machine.unpin(0); },
                               [] {}}),  // never asked for, so that there is a choice to the end
            sched::Outcome::finished);
  EXPECT_EQ(third_lock.went_over(), GetParam() != ProtocolId::upstream);
}
INSTANTIATE_TEST_SUITE_P(All, Generations,
                         ::testing::Values(ProtocolId::legacy, ProtocolId::v1, ProtocolId::upstream),
                         [](const auto& info) { return std::string(trace::name(info.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
