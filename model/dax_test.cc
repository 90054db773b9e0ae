// SPDX-License-Identifier: GPL-2.0-only
// Entries, marks, page tables, shares and blocks after faults, writeback, reflink and
// holes, under each protocol: one system call after another, no interleaving.
#include "model/dax.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

constexpr unsigned kDirty = PAGECACHE_TAG_DIRTY, kToWrite = PAGECACHE_TAG_TOWRITE;
constexpr std::uint64_t kPfn0 = kPmemPfn, kPfn1 = kPmemPfn + 1;

// What a page says that two files track, after both have read it: its mapping word,
// its share count, its count, its mapcount; and after one file's entry has gone.
struct Row {
  ProtocolId protocol;
  std::uint64_t word, share;
  int ref, mapcount;
  std::uint64_t share_left;
  std::uint64_t cow_word;  // of the fresh page of a CoW fault; ~0: file b's mapping
};
constexpr std::uint64_t kMappingOfB = ~0ull;
constexpr Row kRows[] = {
    {ProtocolId::legacy, 0x1, 2, 1, 0, 1, 0x1},
    {ProtocolId::v1, 0, 0, 2, 2, 0, 0},
    {ProtocolId::entry_ref, 0x4, 2, 4, 2, 1, 0x4},
    {ProtocolId::upstream, 0, 2, 2, 2, 1, kMappingOfB},
};

class Dax : public ::testing::TestWithParam<Row> {
 protected:
  Machine machine{protocol_value(GetParam().protocol), testing::kNoPmd};
  inode& a = machine.file(0);
  inode& b = machine.file(1);

  bool counts_owners() const { return protocol().share != Share::none; }
  // No ported WARN_ON_ONCE fired in what is right.
  void TearDown() override {
    for (const std::string& fact : machine.watch.facts)
      EXPECT_FALSE(fact.starts_with("warn-") || fact.starts_with("bug-")) << fact;
  }
  // a+0 holds 1, b+0 shares its block, both are mapped (slots 0 and 1), none is faulted.
  void reflinked() {
    machine.map(0, 0);
    ASSERT_EQ(machine.store(0, 0, 1), 0);
    ASSERT_EQ(xfs_remap_range(a, 0, b, 0, pos_of(1)), 0);
    machine.map(1, 1);
    ASSERT_TRUE(pte_none(machine.pte(0, 0)));  // the reflink unmapped the source
  }
};

TEST_P(Dax, AReadFaultOfAHoleMapsTheZeroPage) {
  machine.map(0, 0);
  EXPECT_EQ(machine.load(0, 0), 0);
  EXPECT_EQ(machine.entry(0, 0), dax_make_entry(kZeroPfn, DAX_ZERO_PAGE));
  EXPECT_EQ(machine.marks(0, 0), 0u);
  EXPECT_EQ(pte_pfn(machine.pte(0, 0)), kZeroPfn);
  EXPECT_FALSE(pte_write(machine.pte(0, 0)));
  EXPECT_EQ(a.i_mapping.nrpages, 1u);
  EXPECT_TRUE(a.data_fork[0].hole());
  EXPECT_EQ(machine.world.zero_page._mapcount.peek(), protocol().zero_page_counted ? 1 : 0);
}

TEST_P(Dax, AWriteFaultAllocatesTracksAndMaps) {
  machine.map(0, 0);
  EXPECT_EQ(machine.store(0, 1, 0x5a), 0);
  EXPECT_EQ(machine.entry(0, 1), dax_make_entry(kPfn0, 0));
  EXPECT_EQ(machine.marks(0, 1), kDirty);
  EXPECT_EQ(pte_pfn(machine.pte(0, 1)), kPfn0);
  EXPECT_TRUE(pte_write(machine.pte(0, 1)));
  EXPECT_EQ(a.data_fork[1].block, 0u);
  EXPECT_EQ(machine.world.pmem.load(kPfn0), 0x5a);
  EXPECT_EQ(machine.page(0).mapping.peek(), mapping_word(&a.i_mapping));
  EXPECT_EQ(machine.page(0).index.peek(), 1u);
  EXPECT_EQ(xfs_file_read(a, pos_of(1), pos_of(1)), 0x5a);
}

TEST_P(Dax, AWriteFaultReplacesTheZeroPage) {
  machine.map(0, 0);
  machine.map(0, 1);
  ASSERT_EQ(machine.load(0, 0), 0);
  ASSERT_EQ(machine.load(1, 0), 0);
  EXPECT_EQ(machine.store(0, 0, 7), 0);
  EXPECT_EQ(machine.entry(0, 0), dax_make_entry(kPfn0, 0));
  EXPECT_EQ(pte_pfn(machine.pte(0, 0)), kPfn0);
  EXPECT_TRUE(pte_none(machine.pte(1, 0)));  // the other mapping faults again
  EXPECT_EQ(machine.load(1, 0), 7);
  EXPECT_EQ(a.i_mapping.nrpages, 1u);
  EXPECT_EQ(machine.world.zero_page._refcount.peek(), 1);
}

TEST_P(Dax, FsyncCleansMarksAndPageTables) {
  machine.map(0, 0);
  machine.map(0, 1);
  ASSERT_EQ(machine.store(0, 0, 7), 0);
  ASSERT_EQ(machine.store(1, 0, 8), 0);
  ASSERT_EQ(xfs_file_fsync(a, 0, UINT64_MAX), 0);
  EXPECT_EQ(machine.marks(0, 0), 0u);
  EXPECT_EQ(machine.entry(0, 0), dax_make_entry(kPfn0, 0));
  for (int slot : {0, 1}) {
    EXPECT_FALSE(pte_write(machine.pte(slot, 0)));
    EXPECT_EQ(pte_pfn(machine.pte(slot, 0)), kPfn0);
  }
  const int ref = machine.page(0)._refcount.peek();
  EXPECT_EQ(user_mkwrite(machine.world.vmas[0], 0, 9), 0);
  EXPECT_EQ(machine.marks(0, 0), kDirty);
  EXPECT_TRUE(pte_write(machine.pte(0, 0)));
  EXPECT_FALSE(pte_write(machine.pte(1, 0)));
  EXPECT_EQ(machine.page(0)._refcount.peek(), ref);
}

TEST_P(Dax, PunchLeavesNothing) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 7), 0);
  ASSERT_EQ(machine.store(0, 1, 8), 0);
  ASSERT_EQ(xfs_punch_hole(a, pos_of(0), pos_of(1)), 0);
  EXPECT_EQ(machine.entry(0, 0), 0u);
  EXPECT_TRUE(pte_none(machine.pte(0, 0)));
  EXPECT_TRUE(a.data_fork[0].hole());
  EXPECT_EQ(a.data_fork[1].block, 1u);
  EXPECT_EQ(machine.page(0).mapping.peek(), 0u);
  EXPECT_EQ(machine.page(0)._refcount.peek(), protocol().base_count);
  EXPECT_EQ(machine.page(0)._mapcount.peek(), 0);
  EXPECT_EQ(machine.watch.facts, std::vector<std::string>{"freed:0"});
  // Up to 6.14 the other entry stays; from 6.15 on breaking the layout drops it too.
  EXPECT_EQ(a.i_mapping.nrpages, protocol().break_deletes ? 0u : 1u);
  EXPECT_EQ(machine.load(0, 0), 0);
  EXPECT_EQ(machine.load(0, 1), 8);
  // What was freed last is handed out next, and zeroed.
  EXPECT_EQ(machine.store(0, 2, 9), 0);
  EXPECT_EQ(a.data_fork[2].block, 0u);
}

TEST_P(Dax, TruncateShrinksAndFaultsBeyondFail) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 3, 7), 0);
  ASSERT_EQ(xfs_setattr_size(a, pos_of(2)), 0);
  EXPECT_EQ(machine.entry(0, 3), 0u);
  EXPECT_TRUE(pte_none(machine.pte(0, 3)));
  EXPECT_EQ(machine.load(0, 3), -EFAULT);
  EXPECT_EQ(machine.store(0, 1, 7), 0);
}

TEST_P(Dax, TwoFilesThatReadASharedBlock) {
  reflinked();
  EXPECT_EQ(machine.load(1, 0), 1);
  EXPECT_EQ(machine.load(0, 0), 1);
  EXPECT_EQ(machine.entry(0, 0), dax_make_entry(kPfn0, 0));
  EXPECT_EQ(machine.entry(1, 0), dax_make_entry(kPfn0, 0));
  const folio& page = machine.page(0);
  EXPECT_EQ(page.mapping.peek(), GetParam().word);
  EXPECT_EQ(page.share().peek(), GetParam().share);
  EXPECT_EQ(page._refcount.peek(), GetParam().ref);
  EXPECT_EQ(page._mapcount.peek(), GetParam().mapcount);
  EXPECT_EQ(dax_folio_is_shared(page.mapping.peek(), page.share().peek()), counts_owners());

  // Punching b at once would wait for ever under v1, whose busy test counts a's PTE, and
  // under entry_ref, whose test counts a's entry: corpus/claims.
  ASSERT_EQ(machine.unmap(0), 0);
  ASSERT_EQ(xfs_invalidate_range(b, 0, 1), 0);
  EXPECT_EQ(page.share().peek(), GetParam().share_left);
  ASSERT_EQ(xfs_punch_hole(b, pos_of(0), pos_of(1)), 0);
  EXPECT_TRUE(machine.watch.facts.empty());  // a still owns the block
  ASSERT_EQ(xfs_punch_hole(a, pos_of(0), pos_of(1)), 0);
  EXPECT_EQ(page.mapping.peek(), 0u);
  EXPECT_EQ(page.share().peek(), 0u);
  EXPECT_EQ(page._refcount.peek(), protocol().base_count);
  EXPECT_EQ(machine.watch.facts, std::vector<std::string>{"freed:0"});
}

TEST_P(Dax, ACowFaultCopiesAndLeavesTheSourceAlone) {
  reflinked();
  ASSERT_EQ(machine.load(0, 0), 1);
  ASSERT_EQ(machine.load(1, 0), 1);
  ASSERT_EQ(machine.store(1, 0, 2), 0);
  EXPECT_EQ(machine.entry(1, 0), dax_make_entry(kPfn1, 0));
  EXPECT_EQ(machine.marks(1, 0), kDirty | kToWrite);
  EXPECT_EQ(pte_pfn(machine.pte(1, 0)), kPfn1);
  EXPECT_TRUE(pte_write(machine.pte(1, 0)));
  EXPECT_EQ(b.data_fork[0].block, 1u);
  EXPECT_TRUE(b.cow_fork[0].hole());
  EXPECT_EQ(a.data_fork[0].block, 0u);
  EXPECT_EQ(machine.page(0).share().peek(), GetParam().share_left);
  const std::uint64_t word =
      GetParam().cow_word == kMappingOfB ? mapping_word(&b.i_mapping) : GetParam().cow_word;
  EXPECT_EQ(machine.page(1).mapping.peek(), word);
  EXPECT_EQ(machine.load(0, 0), 1);
  EXPECT_EQ(machine.load(1, 0), 2);
  EXPECT_EQ(machine.page(1)._refcount.peek(), protocol().base_count +
                                                  (protocol().entry_holds_ref ? 1 : 0) +
                                                  (protocol().mapping_holds_ref ? 1 : 0));
}

// A write(2) to a shared page: the block changes under the mapping, which is told.
TEST_P(Dax, ACowWriteInvalidatesTheMapping) {
  reflinked();
  ASSERT_EQ(machine.load(1, 0), 1);
  ASSERT_EQ(xfs_file_write(b, pos_of(0), pos_of(1), 3), 0);
  EXPECT_EQ(machine.entry(1, 0), 0u);
  EXPECT_TRUE(pte_none(machine.pte(1, 0)));
  EXPECT_EQ(b.data_fork[0].block, 1u);
  EXPECT_EQ(machine.load(1, 0), 3);
  EXPECT_EQ(machine.load(0, 0), 1);
}

// Of two writers in one CoW cycle the second uses the first one's block, although the
// block under it has lost its other owner meanwhile.
TEST_P(Dax, TheCowForkIsUsedWhenNothingIsSharedAnyMore) {
  reflinked();
  iomap_iter first{.file = &a, .pos = 0, .len = PAGE_SIZE, .flags = IOMAP_WRITE};
  iomap_iter second = first;
  ASSERT_EQ(iomap_next(first), 1);
  ASSERT_EQ(xfs_punch_hole(b, pos_of(0), pos_of(1)), 0);
  ASSERT_EQ(iomap_next(second), 1);
  EXPECT_TRUE(second.map.shared);
  EXPECT_EQ(second.map.block, first.map.block);
  EXPECT_EQ(second.srcmap.block, 0u);
  second.processed = PAGE_SIZE;
  EXPECT_EQ(iomap_next(second), 0);
  EXPECT_EQ(a.data_fork[0].block, first.map.block);
  EXPECT_EQ(machine.watch.facts, std::vector<std::string>{"freed:0"});
}

TEST_P(Dax, InvalidateKeepsDirtyEntries) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 7), 0);
  EXPECT_EQ(xfs_invalidate_range(a, 0, 1), -EBUSY);
  EXPECT_EQ(machine.entry(0, 0), dax_make_entry(kPfn0, 0));
  EXPECT_TRUE(pte_none(machine.pte(0, 0)));
  ASSERT_EQ(xfs_file_fsync(a, 0, UINT64_MAX), 0);
  EXPECT_EQ(xfs_invalidate_range(a, 0, 1), 0);
  EXPECT_EQ(machine.entry(0, 0), 0u);
  EXPECT_EQ(machine.load(0, 0), 7);
}

std::string protocol_name(const ::testing::TestParamInfo<Row>& info) {
  return std::string(trace::name(info.param.protocol));
}
void PrintTo(const Row& row, std::ostream* out) { *out << trace::name(row.protocol); }
INSTANTIATE_TEST_SUITE_P(Protocols, Dax, ::testing::ValuesIn(kRows), protocol_name);

TEST(DaxEntry, FlagsAndPfnDoNotOverlap) {
  const entry_t locked = dax_make_entry(0x123, DAX_LOCKED);
  EXPECT_EQ(dax_to_pfn(locked), 0x123u);
  EXPECT_TRUE(dax_is_locked(locked));
  EXPECT_TRUE(dax_is_real_entry(locked));
  EXPECT_FALSE(dax_is_locked(dax_make_entry(0x123, DAX_PMD | DAX_ZERO_PAGE | DAX_EMPTY)));
  EXPECT_FALSE(dax_is_real_entry(dax_make_entry(1, DAX_ZERO_PAGE)));
  EXPECT_FALSE(dax_is_real_entry(dax_make_entry(0, DAX_EMPTY)));
  EXPECT_FALSE(dax_is_real_entry(0));
  EXPECT_TRUE(dax_is_conflict(XA_RETRY_ENTRY));
}

}  // namespace
}  // namespace daxfuzz::kernel
