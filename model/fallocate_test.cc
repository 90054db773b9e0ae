// SPDX-License-Identifier: GPL-2.0-only
// Space without contents, ranges made zero, and the calls that only look at entries: one
// system call after another, no interleaving.
#include <gtest/gtest.h>

#include <cerrno>

#include "model/dax.h"
#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

// Files of eight pages, PMDs of four.
constexpr trace::Geometry kPmds{.blocks = 16, .pmd_order = 2};

class Fallocate : public ::testing::TestWithParam<ProtocolId> {
 protected:
  Machine machine{protocol_value(GetParam()), kPmds};
  inode& a = machine.file(0);

  void TearDown() override {
    for (const std::string& fact : machine.watch.facts)
      EXPECT_FALSE(fact.starts_with("warn-") || fact.starts_with("bug-")) << fact;
  }
  int fallocate(FallocMode mode, std::uint64_t page, std::uint64_t pages) {
    return xfs_file_fallocate(a, mode, pos_of(page), pos_of(pages));
  }
  int read(std::uint64_t page) { return xfs_file_read(a, pos_of(page), PAGE_SIZE); }
};

TEST_P(Fallocate, GivesAHoleBlocksThatReadAsZeroAndTheFileItsSize) {
  world().pmem.store(block_to_pfn(0), 9);
  ASSERT_EQ(fallocate(FallocMode::allocate, 0, 2), 0);
  EXPECT_EQ(a.i_size.peek(), pos_of(2));
  EXPECT_FALSE(a.data_fork[1].hole());
  EXPECT_TRUE(a.data_fork[1].unwritten);
  EXPECT_TRUE(a.data_fork[2].hole());
  EXPECT_EQ(read(0), 0);  // not what the block holds
}

TEST_P(Fallocate, LeavesWhatIsThere) {
  ASSERT_EQ(xfs_file_write(a, pos_of(1), PAGE_SIZE, 7), 0);
  const std::uint64_t block = a.data_fork[1].block;
  ASSERT_EQ(fallocate(FallocMode::allocate, 0, 3), 0);
  EXPECT_EQ(a.data_fork[1].block, block);
  EXPECT_FALSE(a.data_fork[1].unwritten);
  EXPECT_EQ(read(1), 7);
  ASSERT_EQ(fallocate(FallocMode::allocate, 0, 1), 0);
  EXPECT_EQ(a.i_size.peek(), pos_of(3));  // never shorter
}

TEST_P(Fallocate, AlignsWhatCoversAPmdWhereverTheRangeBegins) {
  ASSERT_EQ(fallocate(FallocMode::allocate, 3, 5), 0);
  EXPECT_EQ(a.data_fork[4].block % pg_pmd_nr(), 0u);
  for (std::uint64_t page = 4; page < 8; page++)
    EXPECT_EQ(a.data_fork[page].block, a.data_fork[4].block + page - 4);
}

TEST_P(Fallocate, AWriteFaultOfAPreallocatedPmdIsOfAPmd) {
  ASSERT_EQ(fallocate(FallocMode::allocate, 0, 8), 0);
  machine.map(0, 0, 8);
  EXPECT_EQ(machine.load(0, 5), 0);
  EXPECT_TRUE(dax_is_zero_entry(machine.entry(0, 5)));
  ASSERT_EQ(machine.store(0, 5, 3), 0);
  EXPECT_TRUE(dax_is_pmd_entry(machine.entry(0, 5)));
  EXPECT_TRUE(dax_is_real_entry(machine.entry(0, 5)));
  EXPECT_FALSE(a.data_fork[6].unwritten);
  EXPECT_EQ(read(6), 0);
  EXPECT_EQ(read(5), 3);
}

TEST_P(Fallocate, RunsOutOfSpaceAndKeepsTheSize) {
  std::uint64_t taken = 0;
  while (world().blocks.allocate(1, false).count != 0) taken++;
  ASSERT_EQ(taken, 16u);
  EXPECT_EQ(fallocate(FallocMode::allocate, 0, 2), -ENOSPC);
  EXPECT_EQ(fallocate(FallocMode::zero, 0, 2), -ENOSPC);
  EXPECT_EQ(a.i_size.peek(), 0u);
  EXPECT_EQ(fallocate(FallocMode::allocate, 0, 0), -EINVAL);
}

TEST_P(Fallocate, ZeroRangeGivesNewBlocksAndZeroesTheEdges) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(3), 7), 0);
  machine.map(0, 0, 3);
  ASSERT_EQ(machine.load(0, 1), 7);
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::zero, 1, pos_of(2)), 0);  // from within page 0
  EXPECT_FALSE(a.data_fork[0].unwritten);
  EXPECT_TRUE(a.data_fork[1].unwritten);
  EXPECT_FALSE(a.data_fork[2].unwritten);
  EXPECT_EQ(machine.load(0, 1), 0);
  EXPECT_EQ(xfs_file_read(a, 0, 1), 7);
  EXPECT_EQ(xfs_file_read(a, 1, 1), 0);
  EXPECT_EQ(xfs_file_read(a, 4, 1), 0);
  EXPECT_EQ(xfs_file_read(a, 5, 1), 7);
}

TEST_P(Fallocate, ZeroRangePastTheEndMakesTheFileLonger) {
  ASSERT_EQ(xfs_file_write(a, 0, 1, 7), 0);
  machine.map(0, 0, 1);
  ASSERT_EQ(machine.store(0, 0, 5), 0);  // beyond the end too
  ASSERT_EQ(xfs_setattr_size(a, 1), 0);
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::zero, pos_of(2), PAGE_SIZE), 0);
  EXPECT_EQ(a.i_size.peek(), pos_of(3));
  EXPECT_EQ(xfs_file_read(a, 0, 1), 5);
  EXPECT_EQ(xfs_file_read(a, 1, 1), 0);
}

TEST_P(Fallocate, WritebackCleansAndDropCachesKeepsEntries) {
  machine.map(0, 0, 2);
  ASSERT_EQ(machine.store(0, 0, 4), 0);
  ASSERT_NE(machine.marks(0, 0) & PAGECACHE_TAG_DIRTY, 0u);
  EXPECT_EQ(invalidate_mapping_pages(a.i_mapping, 0, UINT64_MAX), 1u);
  ASSERT_EQ(filemap_write_and_wait(a), 0);
  EXPECT_EQ(machine.marks(0, 0), 0u);
  world().pmem.power_fail();
  EXPECT_EQ(read(0), 4);
  EXPECT_EQ(invalidate_mapping_pages(a.i_mapping, 0, UINT64_MAX), 1u);
  EXPECT_TRUE(dax_is_real_entry(machine.entry(0, 0)));
}

TEST_P(Fallocate, UnshareCopiesWhatIsSharedAndClearsTheFlag) {
  inode& b = machine.file(1);
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 6), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, pos_of(2)), 0);
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::unshare, 1, 1), 0);  // half of page 0
  EXPECT_NE(a.data_fork[0].block, b.data_fork[0].block);
  EXPECT_EQ(a.data_fork[1].block, b.data_fork[1].block);
  EXPECT_TRUE(a.has_cow.peek());  // page 1 is shared still
  ASSERT_EQ(fallocate(FallocMode::unshare, 0, 2), 0);
  EXPECT_NE(a.data_fork[1].block, b.data_fork[1].block);
  EXPECT_FALSE(a.has_cow.peek());
  EXPECT_EQ(xfs_file_read(a, 0, 1), 6);
  EXPECT_EQ(read(1), 6);
}

// The flag outlives marks that went with their entries, too, as those that 6.15 deletes when it
// breaks the layout, or a punch; a store through MAP_SYNC makes marks and no flag.
TEST_P(Fallocate, MarksThatGoLeaveTheInodeDirtyUntilTheFlusherComes) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  machine.map(0, 0, 1);
  ASSERT_EQ(machine.store(0, 0, 6), 0);
  EXPECT_TRUE(a.i_dirty_pages);
  writeback_single_inode(a);
  EXPECT_TRUE(a.i_dirty_pages);  // there is a mark still
  ASSERT_EQ(filemap_write_and_wait(a), 0);
  EXPECT_EQ(machine.marks(0, 0), 0u);
  EXPECT_TRUE(a.i_dirty_pages);
  writeback_single_inode(a);
  EXPECT_FALSE(a.i_dirty_pages);
}

// The flusher that comes when one file is unshared comes to all.
TEST_P(Fallocate, AnUnshareOfAnotherFileCleansTheInode) {
  inode& b = machine.file(1);
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  machine.map(0, 0, 1);
  ASSERT_EQ(machine.store(0, 0, 6), 0);
  ASSERT_EQ(filemap_write_and_wait(a), 0);
  EXPECT_TRUE(a.i_dirty_pages);
  ASSERT_EQ(xfs_file_fallocate(b, FallocMode::unshare, 0, PAGE_SIZE), 0);
  EXPECT_FALSE(a.i_dirty_pages);
}

TEST_P(Fallocate, AnUnshareWhoseBreakDeletesTheDirtyEntriesKeepsTheReflinkFlag) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  ASSERT_EQ(xfs_remap_range(a, pos_of(1), machine.file(1), 0, PAGE_SIZE), 0);
  ASSERT_EQ(xfs_punch_hole(machine.file(1), 0, PAGE_SIZE), 0);  // nothing is shared any more
  machine.map(0, 0, 1);
  ASSERT_EQ(machine.store(0, 0, 6), 0);
  ASSERT_EQ(fallocate(FallocMode::unshare, 0, 1), 0);
  EXPECT_EQ(machine.entry(0, 0) == 0, protocol().break_deletes);
  EXPECT_EQ(a.has_cow.peek(), !protocol().linux61);
}

// dax_unshare_iter() flushes nothing, and no entry says that there is something to flush.
TEST_P(Fallocate, WhatUnshareCopiesIsNotOnTheMediumEvenAfterFsync) {
  inode& b = machine.file(1);
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 6), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  ASSERT_EQ(fallocate(FallocMode::unshare, 0, 1), 0);
  ASSERT_EQ(xfs_file_fsync(a, 0, UINT64_MAX), 0);
  world().pmem.power_fail();
  EXPECT_EQ(read(0), 0);
  EXPECT_EQ(xfs_file_read(b, 0, PAGE_SIZE), 6);
}

TEST_P(Fallocate, UnshareOfBadMemoryFails) {
  inode& b = machine.file(1);
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 6), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  world().pmem.set_bad(block_to_pfn(a.data_fork[0].block), true);
  EXPECT_EQ(fallocate(FallocMode::unshare, 0, 1), -EIO);
  EXPECT_EQ(a.data_fork[0].block, b.data_fork[0].block);
  EXPECT_TRUE(a.cow_fork[0].hole());
}

TEST_P(Fallocate, UnshareOfAFileWithoutReflinksOnlyFillsHoles) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 6), 0);
  const std::uint64_t block = a.data_fork[0].block;
  ASSERT_EQ(fallocate(FallocMode::unshare, 0, 2), 0);
  EXPECT_EQ(a.data_fork[0].block, block);
  EXPECT_TRUE(a.data_fork[1].unwritten);
  EXPECT_EQ(a.i_size.peek(), pos_of(2));
}

TEST_P(Fallocate, CollapseMovesUpWhatFollowsWithoutEntries) {
  for (std::uint8_t page = 0; page < 4; page++)
    ASSERT_EQ(xfs_file_write(a, pos_of(page), PAGE_SIZE, static_cast<std::uint8_t>(page + 1)), 0);
  machine.map(0, 0, 4);
  for (std::uint64_t page = 0; page < 4; page++) ASSERT_EQ(machine.load(0, page), page + 1);
  const std::uint64_t freed = a.data_fork[1].block, moved = a.data_fork[3].block;
  ASSERT_EQ(fallocate(FallocMode::collapse, 1, 2), 0);
  EXPECT_EQ(a.i_size.peek(), pos_of(2));
  EXPECT_EQ(a.data_fork[1].block, moved);
  EXPECT_TRUE(a.data_fork[2].hole() && a.data_fork[3].hole());
  EXPECT_EQ(world().blocks.owners(freed), 0);
  for (std::uint64_t page = 0; page < 4; page++) EXPECT_EQ(machine.entry(0, page), 0u);
  EXPECT_EQ(machine.load(0, 0), 1);
  EXPECT_EQ(machine.load(0, 1), 4);
  EXPECT_EQ(machine.load(0, 2), -EFAULT);
}

TEST_P(Fallocate, CollapseEndsBeforeTheFileDoes) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 6), 0);
  EXPECT_EQ(fallocate(FallocMode::collapse, 1, 1), -EINVAL);
  EXPECT_EQ(xfs_file_fallocate(a, FallocMode::collapse, 0, 1), -EINVAL);
  EXPECT_EQ(a.i_size.peek(), pos_of(2));
}

INSTANTIATE_TEST_SUITE_P(Protocols, Fallocate,
                         ::testing::Values(ProtocolId::legacy, ProtocolId::upstream, ProtocolId::zap),
                         [](const auto& protocol) { return std::string(trace::name(protocol.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
