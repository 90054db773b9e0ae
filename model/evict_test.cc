// SPDX-License-Identifier: GPL-2.0-only
// The end of inodes and of files, and windows that change hands: who waits for pins.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "model/dax.h"
#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::InOrder;
using testing::SwitchAt;
using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

class Evict : public ::testing::TestWithParam<ProtocolId> {
 protected:
  Machine machine{protocol_value(GetParam()), testing::kNoPmd};
  inode& a = machine.file(0);
  inode& b = machine.file(1);

  bool told(const std::string& fact) const {
    return std::ranges::find(machine.watch.facts, fact) != machine.watch.facts.end();
  }
  // a+0 holds 7, is pinned and mapped no more.
  void pinned() {
    machine.map(0, 0);
    ASSERT_EQ(machine.store(0, 0, 7), 0);
    ASSERT_EQ(machine.pin(0, 0, 0, true, true), 0);
    ASSERT_EQ(machine.unmap(0), 0);
  }
};

TEST_P(Evict, ALinkedFileKeepsItsBytesAndLosesItsEntries) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 1, 7), 0);
  EXPECT_EQ(iput_final(a, false), -EBUSY);  // a VMA maps it
  ASSERT_EQ(machine.unmap(0), 0);
  if (protocol().evict_breaks == EvictBreaks::entry)
    (void)dax_layout_busy_page_range(a.i_mapping, 0, UINT64_MAX);
  ASSERT_EQ(iput_final(a, false), 0);
  EXPECT_EQ(machine.entry(0, 1), 0u);
  EXPECT_EQ(a.i_mapping.nrpages, 0u);
  world().pmem.power_fail();  // it was written back
  EXPECT_EQ(xfs_file_read(a, pos_of(1), 1), 7);
  EXPECT_TRUE(machine.watch.facts.empty());
}

TEST_P(Evict, AnUnlinkedFileGivesItsBlocksBack) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 7), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  const std::uint64_t shared = a.data_fork[0].block, own = a.data_fork[1].block;
  ASSERT_EQ(iput_final(a, true), 0);
  EXPECT_EQ(world().blocks.owners(shared), 1);
  EXPECT_EQ(world().blocks.owners(own), 0);
  EXPECT_EQ(a.i_size.peek(), 0u);
  EXPECT_FALSE(a.has_cow.peek());
  EXPECT_EQ(xfs_file_read(b, 0, 1), 7);
}

TEST_P(Evict, WhoHasTheFileOpenKeepsIt) {
  iget(a);
  EXPECT_EQ(iput_final(a, true), -EBUSY);
  iput(a);
  EXPECT_EQ(iput_final(a, true), 0);
}

TEST_P(Evict, WhoOpensItMeanwhileWaits) {
  pinned();
  int value = -1;
  SwitchAt at("i_size_write", "xfs_inactive");
  const auto outcome = testing::on_tasks(
      at, {[&] { (void)machine.unpin(0), (void)iput_final(a, true); },
           [&] { iget(a), value = static_cast<int>(a.i_size.peek()), iput(a); }});
  EXPECT_EQ(outcome, sched::Outcome::finished);
  ASSERT_TRUE(at.went_over());
  EXPECT_EQ(value, 0);
}

// Before 6.15 the blocks go under the pin.
TEST_P(Evict, OfAPinnedFileWaitsWhereTheProtocolSaysSo) {
  pinned();
  InOrder order;
  const testing::KernelRaces races;  // the last put writes the mapping that an eviction compares
  std::atomic<bool> unpinned = false, before = false;
  const auto outcome = testing::on_tasks(
      order, {[&] { (void)iput_final(a, true), before = unpinned.load(); },
              [&] { unpinned = true, (void)machine.unpin(0); }});
  EXPECT_EQ(outcome, sched::Outcome::finished);
  EXPECT_EQ(before, protocol().evict_breaks != EvictBreaks::no);
  EXPECT_TRUE(told("freed:0"));
  EXPECT_EQ(told("warn-truncate-busy-page"),
            protocol().evict_breaks == EvictBreaks::no && protocol().base_count == 1);
}

TEST_P(Evict, AWindowGoesToTheOtherFileWithoutBeingFreed) {
  ASSERT_EQ(xfs_file_write(a, 0, pos_of(2), 7), 0);
  ASSERT_EQ(xfs_file_write(b, 0, PAGE_SIZE, 8), 0);
  machine.map(0, 0);
  ASSERT_EQ(machine.load(0, 0), 7);
  const std::uint64_t freed = b.data_fork[0].block, window = a.data_fork[0].block;
  const std::uint64_t window1 = a.data_fork[1].block;
  ASSERT_EQ(fuse_reclaim_dmap(a, 0, b, 1, 1), 0);
  EXPECT_TRUE(told("reused:" + std::to_string(window)));
  EXPECT_FALSE(told("freed:" + std::to_string(window)));
  EXPECT_EQ(b.data_fork[0].block, window1);
  EXPECT_EQ(b.data_fork[1].block, window);
  EXPECT_EQ(world().blocks.owners(freed), 0);
  EXPECT_EQ(machine.load(0, 0), 0);
  EXPECT_EQ(xfs_file_read(b, 0, 1), 0);
}

TEST_P(Evict, AWindowThatAReflinkSharesStays) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 7), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, b, 0, PAGE_SIZE), 0);
  ASSERT_EQ(fuse_reclaim_dmap(a, 0, machine.file(2), 0, 1), 0);
  EXPECT_EQ(xfs_file_read(a, 0, 1), 7);
  EXPECT_TRUE(machine.file(2).data_fork[0].hole());
}

// xfs_dax_failure_fn() looks an owner up with XFS_IGET_INCORE, which waits for nobody.
TEST_P(Evict, MemoryThatFailsInAnInodeThatGoesIsNoFilesData) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 7), 0);
  int ret = 0;
  SwitchAt choices("xa_lock", "clear_inode");
  EXPECT_EQ(testing::on_tasks(choices, {[this] { (void)iput_final(a, false); },
                                        [&ret] { ret = memory_failure(0, true); }}),
            sched::Outcome::finished);
  EXPECT_TRUE(choices.went_over());
  EXPECT_EQ(ret, -EFSCORRUPTED);
}

TEST_P(Evict, WhoFailsMemoryKeepsItsOwner) {
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 7), 0);
  int ret = -EINVAL, evicted = 0;
  SwitchAt choices("xa_lock", "dax_lock_mapping_entry");
  EXPECT_EQ(testing::on_tasks(choices, {[&ret] { ret = memory_failure(0, true); },
                                        [this, &evicted] { evicted = iput_final(a, false); }}),
            sched::Outcome::finished);
  EXPECT_TRUE(choices.went_over());
  EXPECT_EQ(evicted, -EBUSY);
  EXPECT_EQ(ret, 0);
  EXPECT_EQ(a.i_count.peek(), 0);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Evict,
                         ::testing::Values(ProtocolId::legacy, ProtocolId::upstream,
                                           ProtocolId::zap),
                         [](const auto& protocol) { return std::string(trace::name(protocol.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
