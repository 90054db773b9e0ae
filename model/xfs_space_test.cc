// SPDX-License-Identifier: GPL-2.0-only
// No space for a transaction: what each call returns, and what it has done by then. Space is what an
// allocator that is followed says (BlockAdvice), and here a test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "model/dax.h"
#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

// Refuses one kind of reservation, after some of it.
class NoSpace final : public BlockAdvice {
 public:
  explicit NoSpace(Reserve what, int after = 0) : what_(what), left_(after) {}
  [[nodiscard]] Extent advise(FilePage, std::uint64_t, const BlockAllocator&) const override {
    return {};
  }
  [[nodiscard]] bool refuses(const Reservation& wanted, const BlockAllocator&) const override {
    asked.push_back(wanted.pages);
    return wanted.what == what_ && left_-- <= 0;
  }
  mutable std::vector<std::uint64_t> asked;

 private:
  Reserve what_;
  mutable int left_;
};

class XfsSpace : public ::testing::TestWithParam<ProtocolId> {
 protected:
  Machine machine{protocol_value(GetParam()), testing::kNoPmd};
  inode& a = machine.file(0);
  inode& b = machine.file(1);

  void share(std::uint64_t pages) {
    ASSERT_EQ(xfs_file_write(a, 0, pos_of(pages), 5), 0);
    ASSERT_EQ(xfs_remap_range(a, 0, b, 0, pos_of(pages)), 0);
  }
};

TEST_P(XfsSpace, AWriteToAHoleFailsAndOneToAnUnwrittenBlockDoesNot) {
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::allocate, 0, PAGE_SIZE), 0);
  const NoSpace full(Reserve::direct);
  world().blocks.follow(&full);
  EXPECT_EQ(xfs_file_write(a, pos_of(1), pos_of(2), 6), -ENOSPC);
  EXPECT_EQ(full.asked, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(a.i_size.peek(), PAGE_SIZE);
  EXPECT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 6), 0);
}

TEST_P(XfsSpace, AFaultOnAHoleSignalsAndLeavesAnEmptyEntry) {
  ASSERT_EQ(xfs_setattr_size(a, pos_of(2)), 0);
  machine.map(0, 0, 2);
  const NoSpace full(Reserve::direct);
  world().blocks.follow(&full);
  EXPECT_LT(machine.store(0, 1, 7), 0);
  EXPECT_TRUE(dax_is_empty_entry(machine.entry(0, 1)));
  EXPECT_FALSE(dax_is_locked(machine.entry(0, 1)));
  EXPECT_TRUE(a.data_fork[1].hole());
}

TEST_P(XfsSpace, ACopyThatFindsNoneLeavesThePageShared) {
  share(2);
  machine.map(0, 0, 2);
  const NoSpace full(Reserve::cow);
  world().blocks.follow(&full);
  EXPECT_LT(machine.store(0, 0, 7), 0);
  EXPECT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 7), -ENOSPC);
  EXPECT_EQ(xfs_file_fallocate(a, FallocMode::unshare, 0, pos_of(2)), -ENOSPC);
  EXPECT_EQ(a.data_fork[0].block, b.data_fork[0].block);
  EXPECT_EQ(xfs_file_read(a, 0, PAGE_SIZE), 5);
}

// fallocate(2) reserves for the range as if nothing of it were there.
TEST_P(XfsSpace, ARangeThatIsThereIsReservedForAgain) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  const NoSpace full(Reserve::prealloc);
  world().blocks.follow(&full);
  EXPECT_EQ(xfs_file_fallocate(a, FallocMode::allocate, 0, pos_of(2)), -ENOSPC);
  EXPECT_EQ(full.asked, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(xfs_file_read(a, 0, PAGE_SIZE), 5);
  EXPECT_EQ(xfs_file_fallocate(a, FallocMode::zero, 0, pos_of(2)), -ENOSPC);
  EXPECT_TRUE(a.data_fork[0].hole()) << "it reads as zero all the same";
}

TEST_P(XfsSpace, APunchThatFailsHasTakenEntriesButNoBlock) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  machine.map(0, 0, 2);
  ASSERT_EQ(machine.load(0, 1), 5);
  const NoSpace full(Reserve::unmap);
  world().blocks.follow(&full);
  for (const int ret : {xfs_punch_hole(a, pos_of(1), PAGE_SIZE),
                        xfs_file_fallocate(a, FallocMode::zero, pos_of(1), PAGE_SIZE),
                        xfs_file_fallocate(a, FallocMode::collapse, 0, PAGE_SIZE)})
    EXPECT_EQ(ret, -ENOSPC);
  EXPECT_EQ(machine.entry(0, 1), 0u);
  EXPECT_FALSE(a.data_fork[1].hole());
  EXPECT_EQ(a.i_size.peek(), pos_of(2));
}

TEST_P(XfsSpace, ACloneFailsWithWhatItHasSharedByThen) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  const NoSpace full(Reserve::remap, 1);
  world().blocks.follow(&full);
  EXPECT_EQ(xfs_remap_range(a, 0, b, 0, pos_of(2)), -ENOSPC);
  EXPECT_EQ(full.asked, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(b.data_fork[0].block, a.data_fork[0].block);
  EXPECT_TRUE(b.data_fork[1].hole());
  EXPECT_EQ(b.i_size.peek(), PAGE_SIZE);
}

TEST_P(XfsSpace, ADedupeThatIsShortTellsOfTheWhole) {
  for (inode* file : {&a, &b}) ASSERT_EQ(xfs_file_write(*file, 0, pos_of(2), 5), 0);
  const NoSpace full(Reserve::remap, 1);
  world().blocks.follow(&full);
  EXPECT_EQ(xfs_dedupe_range(a, 0, b, 0, pos_of(2)), 0);
  EXPECT_EQ(b.data_fork[0].block, a.data_fork[0].block);
  EXPECT_NE(b.data_fork[1].block, a.data_fork[1].block);
  const NoSpace none(Reserve::remap);
  world().blocks.follow(&none);
  EXPECT_EQ(xfs_dedupe_range(a, pos_of(1), b, pos_of(1), PAGE_SIZE), -ENOSPC);
}

// In 6.1 what is zeroed of a shared page stays in the CoW fork; the worker leaves it to who has
// locked the file or made it dirty.
TEST_P(XfsSpace, BlocksOfACowForkAreTakenBackFromAFileThatIsIdle) {
  share(1);
  const auto has_copy = [this] { return !a.cow_fork[0].hole(); };
  ASSERT_EQ(xfs_punch_hole(a, 1, 1), 0);  // the second half of page 0
  ASSERT_EQ(has_copy(), GetParam() == ProtocolId::legacy60);
  testing::InOrder in_order;
  for (sched::RwSem* lock : {&a.i_rwsem, &a.i_mapping.invalidate_lock})
    testing::on_tasks(in_order, {[&] {
                        lock->down_read();
                        xfs_inode_free_cowblocks(a);
                        EXPECT_EQ(has_copy(), GetParam() == ProtocolId::legacy60) << "it is locked";
                        lock->up_read();
                      }});
  a.i_dirty_pages = true;
  xfs_inode_free_cowblocks(a);
  EXPECT_EQ(has_copy(), GetParam() == ProtocolId::legacy60) << "it is dirty";
  a.i_dirty_pages = false;
  xfs_inode_free_cowblocks(a);
  EXPECT_FALSE(has_copy());
}

INSTANTIATE_TEST_SUITE_P(Protocols, XfsSpace,
                         ::testing::Values(ProtocolId::legacy60, ProtocolId::legacy),
                         [](const auto& info) { return std::string(trace::name(info.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
