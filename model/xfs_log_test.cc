// SPDX-License-Identifier: GPL-2.0-only
// What is on the medium when: cache lines, transactions, forces of the log, blocks that
// were just freed, and what is found after a power failure.
#include "model/xfs_log.h"

#include <gtest/gtest.h>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

class Crash : public ::testing::Test {
 protected:
  Machine machine{protocol_value(ProtocolId::upstream), testing::kNoPmd};
  inode& a = machine.file(0);
  inode& b = machine.file(1);

  int fsync(inode& ip) { return xfs_file_fsync(ip, 0, UINT64_MAX); }
  // Slot 0 maps all of file a with MAP_SYNC.
  void map_sync() {
    ASSERT_EQ(do_mmap(machine.world.mms[0], machine.world.vmas[0], a, 0, 4, VM_SHARED | VM_SYNC, 0), 0);
  }
  std::uint8_t byte(const inode& ip, loff_t pos) {
    const xfs_bmbt_irec& at = ip.data_fork[page_of(pos)];
    if (at.hole() || at.unwritten || pos >= ip.i_size.peek()) return 0;
    return machine.world.pmem.load(block_to_pfn(at.block), static_cast<unsigned>(pos % PAGE_SIZE));
  }
};

TEST_F(Crash, AStoreIsLostWithItsCacheLine) {
  Pmem& pmem = machine.world.pmem;
  pmem.store(kPmemPfn, 1);
  pmem.write_back(kPmemPfn, 1);
  pmem.power_fail();
  EXPECT_EQ(pmem.load(kPmemPfn, 0), 1);
  EXPECT_EQ(pmem.load(kPmemPfn, 1), 0);
  EXPECT_EQ(pmem.lost_store(kPmemPfn, 0), nullptr);
  ASSERT_NE(pmem.lost_store(kPmemPfn, 1), nullptr);
  EXPECT_STREQ(pmem.lost_store(kPmemPfn, 1)->text(), "none");
}

TEST_F(Crash, AWriteWithoutFsyncLeavesNoFile) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(1), 1), 0);
  EXPECT_TRUE(xfs_ipincount(a));
  power_failure();
  EXPECT_EQ(a.i_size.peek(), 0u);
  EXPECT_TRUE(a.data_fork[0].hole());
  EXPECT_EQ(machine.world.blocks.owners(0), 0);
  EXPECT_TRUE(machine.world.crashed);
  EXPECT_EQ(machine.watch.facts.back(), "crashed");
}

TEST_F(Crash, FsyncKeepsTheFileAndAllThatWasCommittedBefore) {
  ASSERT_EQ(xfs_file_write(b, 0, pos_of(1), 2), 0);
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(1), 1), 0);
  ASSERT_EQ(fsync(a), 0);
  EXPECT_FALSE(xfs_ipincount(a));
  EXPECT_FALSE(xfs_ipincount(b));  // there is one log
  ASSERT_EQ(xfs_file_write(b, pos_of(1), pos_of(1), 3), 0);
  power_failure();
  EXPECT_EQ(byte(a, 1), 1);
  EXPECT_EQ(byte(b, 1), 2);
  EXPECT_EQ(b.i_size.peek(), pos_of(1));
}

TEST_F(Crash, FsyncFlushesWhatWasStored) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  ASSERT_EQ(fsync(a), 0);
  ASSERT_EQ(machine.store(0, 0, 2), 0);
  power_failure();
  EXPECT_EQ(byte(a, 0), 1);
}

TEST_F(Crash, TruncationIsUndone) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 1), 0);
  ASSERT_EQ(fsync(a), 0);
  ASSERT_EQ(xfs_setattr_size(a, 0), 0);
  power_failure();
  EXPECT_EQ(a.i_size.peek(), pos_of(2));
  EXPECT_EQ(byte(a, pos_of(1)), 1);
}

// Else the crash would show b's data in a.
TEST_F(Crash, ABlockIsBusyUntilItsTransactionIsOnTheMedium) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(1), 1), 0);
  ASSERT_EQ(fsync(a), 0);
  const std::uint64_t block = a.data_fork[0].block;
  ASSERT_EQ(xfs_setattr_size(a, 0), 0);
  ASSERT_EQ(xfs_file_write(b, 0, pos_of(1), 2), 0);
  ASSERT_EQ(b.data_fork[0].block, block);
  power_failure();
  EXPECT_EQ(a.i_size.peek(), 0u);
  EXPECT_TRUE(a.data_fork[0].hole());
}

TEST_F(Crash, AReflinkIsWholeOrNot) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(1), 1), 0);
  ASSERT_EQ(fsync(a), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, pos_of(1)), 0);
  xfs_log_force();
  power_failure();
  EXPECT_EQ(byte(b, 0), 1);
  EXPECT_TRUE(b.has_cow.peek());
  EXPECT_EQ(machine.world.blocks.owners(a.data_fork[0].block), 2);
}

TEST_F(Crash, TheCowForkIsDropped) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(1), 1), 0);
  a.cow_fork[0] = {machine.world.blocks.allocate(1, false).block, false};
  const std::uint64_t staged = a.cow_fork[0].block;
  power_failure();
  EXPECT_TRUE(a.cow_fork[0].hole());
  EXPECT_EQ(machine.world.blocks.owners(staged), 0);
}

TEST_F(Crash, AMapSyncFaultForcesTheLog) {
  ASSERT_EQ(xfs_setattr_size(a, pos_of(4)), 0);
  map_sync();
  ASSERT_EQ(machine.store(0, 1, 1), 0);
  EXPECT_FALSE(xfs_ipincount(a));
  const std::uint64_t block = a.data_fork[1].block;
  power_failure();
  EXPECT_EQ(a.data_fork[1].block, block);
}

TEST_F(Crash, AFaultOfACleanInodeNeedsNoForce) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 1, 1), 0);
  EXPECT_TRUE(xfs_ipincount(a));  // without MAP_SYNC nothing is forced
}

}  // namespace
}  // namespace daxfuzz::kernel
