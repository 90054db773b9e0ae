// SPDX-License-Identifier: GPL-2.0-only
// Sharing what is equal, and only that: one system call after another, no interleaving.
#include <gtest/gtest.h>

#include <cerrno>

#include "model/dax.h"
#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

class Dedupe : public ::testing::TestWithParam<ProtocolId> {
 protected:
  Machine machine{protocol_value(GetParam()), testing::kNoPmd};
  inode& a = machine.file(0);
  inode& b = machine.file(1);

  void TearDown() override {
    for (const std::string& fact : machine.watch.facts)
      EXPECT_FALSE(fact.starts_with("warn-") || fact.starts_with("bug-")) << fact;
  }
  static bool first_only() { return protocol().linux61; }
  int dedupe(std::uint64_t pages = 1) {
    return xfs_dedupe_range(a, 0, b, 0, pos_of(pages));
  }
};

TEST_P(Dedupe, SharesWhatIsEqual) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  ASSERT_EQ(xfs_file_write(b, 0, pos_of(2), 5), 0);
  machine.map(1, 1, 2);
  ASSERT_EQ(machine.load(1, 0), 5);
  const std::uint64_t freed = b.data_fork[0].block;
  ASSERT_EQ(dedupe(2), 0);
  EXPECT_EQ(a.data_fork[0].block, b.data_fork[0].block);
  EXPECT_EQ(a.data_fork[1].block, b.data_fork[1].block);
  EXPECT_EQ(world().blocks.owners(a.data_fork[0].block), 2);
  EXPECT_EQ(world().blocks.owners(freed), 0);
  EXPECT_EQ(machine.load(1, 0), 5);
  ASSERT_EQ(machine.store(1, 0, 8), 0);  // a copy of its own
  EXPECT_EQ(xfs_file_read(a, 0, 1), 5);
}

TEST_P(Dedupe, LeavesWhatDiffersInOneByte) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  ASSERT_EQ(xfs_file_write(b, 0, pos_of(2), 5), 0);
  ASSERT_EQ(xfs_file_write(b, 3, 1, 6), 0);
  EXPECT_EQ(dedupe(2), -EBADE);
  EXPECT_NE(a.data_fork[0].block, b.data_fork[0].block);
  EXPECT_FALSE(a.has_cow.peek());
  EXPECT_EQ(dedupe(1), 0);
}

TEST_P(Dedupe, HolesAreEqualToHolesOnly) {
  ASSERT_EQ(xfs_setattr_size(a, pos_of(2)), 0);
  ASSERT_EQ(xfs_setattr_size(b, pos_of(2)), 0);
  EXPECT_EQ(dedupe(2), 0);
  ASSERT_EQ(xfs_file_write(b, 0, PAGE_SIZE, 0), 0);
  EXPECT_EQ(dedupe(2), -EBADE);
}

TEST_P(Dedupe, BothRangesLieWithinTheirFiles) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 5), 0);
  ASSERT_EQ(xfs_file_write(b, 0, PAGE_SIZE, 5), 0);
  EXPECT_EQ(dedupe(2), -EINVAL);
  EXPECT_EQ(xfs_dedupe_range(b, 0, a, 0, pos_of(2)), -EINVAL);
  EXPECT_EQ(xfs_dedupe_range(a, 0, a, 0, PAGE_SIZE), -EINVAL);
  EXPECT_EQ(xfs_dedupe_range(a, 0, a, pos_of(1), PAGE_SIZE), 0);
}

// dax_dedupe_file_range_compare() returns iomap_iter()'s 1; any positive value is reported to
// user space as the whole range shared (vfs_dedupe_file_range()). Before 6.2 it returns the error.
TEST_P(Dedupe, OfBadMemorySaysThatAllIsShared) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_file_write(b, 0, PAGE_SIZE, 6), 0);
  world().pmem.set_bad(block_to_pfn(a.data_fork[0].block), true);
  EXPECT_EQ(dedupe(), first_only() ? -EIO : 1);
  EXPECT_NE(a.data_fork[0].block, b.data_fork[0].block);
}

// dax_range_compare_iter() looks at the block of an unwritten extent, not at what it reads
// as: what the block held in its last life is equal, and the file's bytes are gone.
TEST_P(Dedupe, ComparesTheStaleBytesOfUnwrittenExtents) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_setattr_size(a, 0), 0);
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::allocate, 0, PAGE_SIZE), 0);
  ASSERT_EQ(xfs_file_write(b, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_file_read(a, 0, 1), 0);
  EXPECT_EQ(dedupe(), 0);
  EXPECT_EQ(xfs_file_read(b, 0, 1), 0);
}

// Before 6.2 each extent of the destination is compared with the first of the source: what differs
// behind that is shared all the same.
TEST_P(Dedupe, ComparesMoreThanTheFirstExtentOfTheSourceOrNot) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_setattr_size(a, pos_of(2)), 0);  // a hole follows
  ASSERT_EQ(xfs_file_fallocate(a, FallocMode::allocate, pos_of(1), PAGE_SIZE), 0);
  for (std::uint64_t page : {0, 1}) ASSERT_EQ(xfs_file_write(b, pos_of(page), PAGE_SIZE, 5), 0);
  const int ret = dedupe(2);
  EXPECT_EQ(ret, first_only() ? 0 : -EBADE);
  EXPECT_EQ(xfs_file_read(b, pos_of(1), 1), first_only() ? 0 : 5);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Dedupe,
                         ::testing::Values(ProtocolId::legacy60, ProtocolId::legacy,
                                           ProtocolId::upstream, ProtocolId::zap),
                         [](const auto& protocol) { return std::string(trace::name(protocol.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
