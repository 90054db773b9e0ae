// SPDX-License-Identifier: GPL-2.0-only
// What a real kernel corrected in the port of XFS: sizes, holes, the mark of a reflink, and
// who is refused before a lock is taken. One system call after another. The comparison that
// found each: docs/conformance.md.
#include <gtest/gtest.h>

#include <cerrno>

#include "model/dax.h"
#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

constexpr unsigned kDirty = PAGECACHE_TAG_DIRTY;

class XfsFile : public ::testing::TestWithParam<ProtocolId> {
 protected:
  Machine machine{protocol_value(GetParam()), testing::kNoPmd};
  inode& a = machine.file(0);
  inode& b = machine.file(1);

  bool dirty(std::uint64_t page) { return (machine.marks(0, page) & kDirty) != 0; }
  // a has so many pages, all stored to through slot 0.
  void stored(std::uint64_t pages) {
    machine.map(0, 0, pages);
    for (std::uint64_t page = 0; page < pages; page++) ASSERT_EQ(machine.store(0, page, 7), 0);
  }
};

// The blocks of a write are one extent if they continue each other, and it is mapped as far
// as the request goes, hole or not: what was there is invalidated with what is new.
TEST_P(XfsFile, AWritePastTheEndMapsNewBlocksWithThoseThatFollow) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  ASSERT_EQ(a.data_fork[1].block, a.data_fork[0].block + 1);
  const std::uint64_t block = a.data_fork[0].block;
  ASSERT_EQ(xfs_punch_hole(a, 0, PAGE_SIZE), 0);
  ASSERT_TRUE(a.data_fork[0].hole());
  machine.map(0, 0, 2);
  ASSERT_EQ(machine.load(0, 1), 5);
  ASSERT_NE(machine.entry(0, 1), 0u);
  ASSERT_EQ(filemap_write_and_wait(a), 0);  // 6.1's read fault has marked it dirty
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(3), 6), 0);  // one page longer
  ASSERT_EQ(a.data_fork[0].block, block);
  EXPECT_EQ(machine.entry(0, 1), 0u);
}

TEST_P(XfsFile, AWriteWithinTheFileEndsWithTheHole) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  const std::uint64_t block = a.data_fork[0].block;
  ASSERT_EQ(xfs_punch_hole(a, 0, PAGE_SIZE), 0);
  machine.map(0, 0, 2);
  ASSERT_EQ(machine.load(0, 1), 5);
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 6), 0);
  ASSERT_EQ(a.data_fork[0].block, block);
  EXPECT_NE(machine.entry(0, 1), 0u);
}

// Who takes IOLOCK again is stopped by a CHECK of the lock.
TEST_P(XfsFile, WhatIsRefusedOrEmptyTakesNoLock) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  const std::vector<std::function<int()>> calls = {
      [&] { return xfs_file_read(a, 0, 0); },
      [&] { return xfs_file_write(a, 0, 0, 6); },
      [&] { return xfs_dedupe_range(a, 0, b, 0, pos_of(2)); },
  };
  const int wanted[] = {0, 0, -EINVAL};
  for (std::size_t i = 0; i < calls.size(); i++) {
    testing::InOrder choices;
    int ret = 1;
    ASSERT_EQ(testing::on_tasks(choices, {[&] {
                                  a.i_rwsem.down_write();
                                  ret = calls[i]();
                                  a.i_rwsem.up_write();
                                }}),
              sched::Outcome::finished)
        << i;
    EXPECT_EQ(ret, wanted[i]) << i;
  }
}

// What a truncation flushes is [i_disk_size, newsize): nothing if the file shrinks, but for the page
// that it ends in then, under 6.1.
TEST_P(XfsFile, ATruncationFlushesWhatTheFileGrewBy) {
  stored(3);
  ASSERT_EQ(xfs_setattr_size(a, pos_of(2) + 1), 0);
  EXPECT_TRUE(dirty(0));
  EXPECT_EQ(dirty(2), !protocol().linux61);
  ASSERT_EQ(xfs_setattr_size(a, pos_of(3)), 0);
  EXPECT_TRUE(dirty(0));
  EXPECT_FALSE(dirty(2));  // its second half was zeroed
}

TEST_P(XfsFile, AFileThatATruncationLeavesWithoutBlocksLosesTheReflinkFlag) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, pos_of(2)), 0);
  ASSERT_EQ(xfs_setattr_size(b, pos_of(1)), 0);
  EXPECT_TRUE(b.has_cow.peek());
  ASSERT_EQ(xfs_setattr_size(b, 0), 0);
  EXPECT_FALSE(b.has_cow.peek());
  EXPECT_TRUE(a.has_cow.peek());
}

// To the size that it has, too: what counts is that it does not grow (xfs_setattr_size()).
TEST_P(XfsFile, AFileOfHolesThatIsTruncatedToItsLargestSizeLosesTheReflinkFlag) {
  const loff_t largest = pos_of(b.pages_max());
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  ASSERT_EQ(xfs_punch_hole(b, 0, PAGE_SIZE), 0);
  ASSERT_EQ(xfs_setattr_size(b, largest), 0);
  EXPECT_TRUE(b.has_cow.peek()) << "it has grown";
  ASSERT_EQ(xfs_setattr_size(b, largest), 0);
  EXPECT_FALSE(b.has_cow.peek());
}

// A punch removes extents, too, but no flag.
TEST_P(XfsFile, AFileThatAPunchLeavesWithoutBlocksKeepsTheReflinkFlag) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  ASSERT_EQ(xfs_punch_hole(b, 0, PAGE_SIZE), 0);
  EXPECT_TRUE(b.data_fork[0].hole());
  EXPECT_TRUE(b.has_cow.peek());
}

// I_DIRTY_PAGES outlives the marks that the flush of an unsharing clears; 6.1 asks for neither.
TEST_P(XfsFile, AnUnshareThatBeginsWithDirtyPagesKeepsTheReflinkFlag) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  machine.map(0, 0, 1);
  ASSERT_EQ(machine.store(0, 0, 6), 0);  // a copy: nothing is shared any more
  ASSERT_TRUE(dirty(0));
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::unshare, 0, PAGE_SIZE), 0);
  EXPECT_FALSE(dirty(0));
  EXPECT_EQ(a.has_cow.peek(), GetParam() != ProtocolId::legacy60);
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::unshare, 0, PAGE_SIZE), 0);
  EXPECT_FALSE(a.has_cow.peek());
}

// From 6.11 on an unwritten extent that is unshared is converted in place, and mapped with the
// written one that it has become one with, whose sharing nobody looks at. 6.1 stops at its end.
TEST_P(XfsFile, AnUnshareGoesOnBehindAnUnwrittenExtentOrNot) {
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::allocate, 0, pos_of(2)), 0);
  ASSERT_EQ(a.data_fork[1].block, a.data_fork[0].block + 1);
  ASSERT_EQ(xfs_file_write(a, pos_of(1), PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_remap_range(a, pos_of(1), b, 0, PAGE_SIZE), 0);
  ASSERT_TRUE(a.data_fork[0].unwritten);
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::unshare, 0, pos_of(2)), 0);
  EXPECT_FALSE(a.data_fork[0].unwritten);
  EXPECT_EQ(a.data_fork[1].block == b.data_fork[0].block, GetParam() != ProtocolId::legacy60);
}

// What 6.1 has zeroed of a shared page stays in the CoW fork (xfs_zero_range()), and of there a punch
// takes nothing (xfs_unmap_extent()), nor does a preallocation: a store is then a copy.
TEST_P(XfsFile, AHoleLeavesACopyInTheCowForkAndATruncationDoesNot) {
  const bool stays = GetParam() == ProtocolId::legacy60;
  const auto has_copy = [this] { return !a.cow_fork[0].hole(); };
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  ASSERT_EQ(xfs_punch_hole(a, 1, 1), 0);  // the second half of page 0
  ASSERT_EQ(has_copy(), stays);
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::zero, 0, PAGE_SIZE), 0);
  EXPECT_EQ(has_copy(), stays);
  ASSERT_EQ(xfs_punch_hole(a, 0, PAGE_SIZE), 0);
  EXPECT_EQ(has_copy(), stays);
  machine.map(0, 0, 1);
  const std::uint64_t copy = a.cow_fork[0].block;
  ASSERT_EQ(machine.store(0, 0, 6), 0);
  EXPECT_EQ(a.data_fork[0].block == copy, stays);
  EXPECT_FALSE(has_copy());
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  ASSERT_EQ(xfs_punch_hole(a, 1, 1), 0);
  ASSERT_EQ(has_copy(), stays);
  ASSERT_EQ(xfs_setattr_size(a, 0), 0);
  EXPECT_FALSE(has_copy());
}

// A store to part of a page whose copy has stayed in the CoW fork: 6.1 copies nothing from a hole, so that
// what was punched is there again, and from an unwritten block what is on the medium.
TEST_P(XfsFile, WhatWasPunchedIsThereAgainIfItsCopyStayed) {
  const bool stays = GetParam() == ProtocolId::legacy60;
  for (const bool preallocated : {false, true}) {
    ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
    ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
    ASSERT_EQ(xfs_punch_hole(a, 1, 1), 0);  // the second half of page 0
    ASSERT_EQ(xfs_punch_hole(a, 0, PAGE_SIZE), 0);
    if (preallocated) {
      ASSERT_EQ(xfs_file_fallocate(a, FallocMode::allocate, 0, PAGE_SIZE), 0);
      world().pmem.store(block_to_pfn(a.data_fork[0].block), 7, 1);
    }
    ASSERT_EQ(xfs_file_read(a, 0, 1), 0);
    ASSERT_EQ(xfs_file_write(a, 1, 1, 6), 0);
    EXPECT_EQ(xfs_file_read(a, 0, 1), !stays ? 0 : preallocated ? 7 : 5);
    ASSERT_EQ(xfs_setattr_size(a, 0), 0);
  }
}

// Not those that delete entries with their marks when they break layouts.
INSTANTIATE_TEST_SUITE_P(Protocols, XfsFile,
                         ::testing::Values(ProtocolId::legacy60, ProtocolId::legacy),
                         [](const auto& info) { return std::string(trace::name(info.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
