// SPDX-License-Identifier: GPL-2.0-only
// What the first and the last kernels with reflink on DAX do otherwise than those in
// between, one switch a test, each value of it: the rest of the protocol is held fast.
#include <gtest/gtest.h>

#include <cerrno>
#include <string_view>

#include "model/dax.h"
#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using trace::SwitchId;

constexpr unsigned kDirty = PAGECACHE_TAG_DIRTY;
const std::vector<std::string> kQuiet;

// The switch of `base`, set to the value of this name.
Protocol with(ProtocolId base, SwitchId id, std::string_view name) {
  for (std::uint8_t value = 0; value < trace::value_count(id); value++)
    if (trace::value_name(id, value) == name) return protocol_value(base, {{.id = id, .value = value}});
  CHECK(false);
  return {};
}

struct Machine : testing::Machine<testing::Recorder> {
  Machine(ProtocolId base, SwitchId id, std::string_view name)
      : testing::Machine<testing::Recorder>(with(base, id, name), testing::kNoPmd) {}

  // a+0 holds 1; b+0 has the same block; slots 0 and 1 map them.
  void reflinked() {
    map(0, 0);
    ASSERT_EQ(store(0, 0, 1), 0);
    ASSERT_EQ(xfs_remap_range(file(0), 0, file(1), 0, pos_of(1)), 0);
    map(1, 1);
  }
  void mark_dirty(std::uint8_t ino, std::uint64_t index) {
    xa_state xas(file(ino).i_mapping.i_pages, index);
    xas_lock_irq(xas);
    (void)xas_load(xas);
    xas_set_mark(xas, PAGECACHE_TAG_DIRTY);
    xas_unlock_irq(xas);
  }
  // What the port warned of, without what the tests do not ask.
  std::vector<std::string> warnings() const {
    std::vector<std::string> out;
    for (const std::string& fact : watch.facts)
      if (fact.starts_with("warn-")) out.push_back(fact);
    return out;
  }
};

// A CoW fault and a truncation: what the page's next owner finds.
TEST(Generations, ACountTestedBeforeItsDecrementKeepsThePageShared) {
  for (const auto& [share, word] :
       {std::pair{"magic_0x1", std::uint64_t{0}}, std::pair{"index_0x1", std::uint64_t{1}}}) {
    Machine m(ProtocolId::legacy, SwitchId::share, share);
    m.reflinked();
    ASSERT_EQ(m.store(0, 0, 2), 0);  // the fresh block is associated as shared, once
    const std::uint64_t fresh = m.file(0).data_fork[0].block;
    ASSERT_EQ(m.page(fresh).mapping.peek(), PAGE_MAPPING_DAX_SHARED_6_2) << share;
    ASSERT_EQ(xfs_setattr_size(m.file(0), 0), 0);
    EXPECT_EQ(m.page(fresh).mapping.peek(), word) << share;
    EXPECT_EQ(m.page(fresh).share().peek(), 0u) << share;
  }
}

TEST(Generations, AReaderThatIsNotToldOfSharingAssociatesForItself) {
  const std::vector<std::string> warned = {"warn-associate-mapped-page"};
  for (const auto& [told, warnings] : {std::pair{"yes", kQuiet}, std::pair{"no", warned}}) {
    Machine m(ProtocolId::legacy, SwitchId::read_shares, told);
    m.reflinked();
    ASSERT_EQ(m.load(0, 0), 1);
    ASSERT_EQ(m.load(1, 0), 1);
    EXPECT_EQ(m.warnings(), warnings) << told;
  }
}

TEST(Generations, AReaderMayDirtyItsEntry) {
  for (const auto& [dirties, marks] : {std::pair{"no", 0u}, std::pair{"yes", kDirty}}) {
    Machine m(ProtocolId::legacy, SwitchId::read_dirties, dirties);
    m.map(0, 0);
    ASSERT_EQ(m.load(0, 1), 0);  // of a hole
    EXPECT_EQ(m.marks(0, 1), marks) << dirties;
    // Then a refusal: who writes into the hole leaves the zero page mapped.
    const int left = dax_invalidate_mapping_entry_sync(m.file(0).i_mapping, 1);
    EXPECT_EQ(left, marks == 0 ? 1 : 0) << dirties;
  }
}

// Slot 0 has the shared block mapped for reading, or writable before the reflink of b.
TEST(Generations, ACowWriteDropsWhatItsKernelDrops) {
  struct Row {
    const char* value;
    bool clean_goes, dirty_goes;
  };
  for (const Row& row : {Row{"keeps", false, false}, Row{"drops_clean", true, false}, Row{"drops", true, true}})
    for (bool dirty : {false, true}) {
      Machine m(ProtocolId::legacy, SwitchId::cow_write, row.value);
      m.reflinked();
      ASSERT_EQ(m.load(0, 0), 1);
      if (dirty) m.mark_dirty(0, 0);
      ASSERT_EQ(xfs_file_write(m.file(0), pos_of(0), pos_of(1), 9), 0);
      const bool gone = m.entry(0, 0) == 0;
      EXPECT_EQ(gone, dirty ? row.dirty_goes : row.clean_goes) << row.value << " dirty " << dirty;
    }
}

// The same of a zeroing of half a block, which clears no mark before it invalidates.
TEST(Generations, ACowZeroingDropsWhatItsKernelDrops) {
  for (const char* value : {"keeps", "drops_clean", "drops"})
    for (bool dirty : {false, true}) {
      Machine m(ProtocolId::legacy, SwitchId::cow_write, value);
      m.reflinked();
      ASSERT_EQ(m.load(0, 0), 1);
      if (dirty) m.mark_dirty(0, 0);
      ASSERT_EQ(dax_zero_range(m.file(0), pos_of(0), pos_of(1) / 2, nullptr), 0);
      const bool gone = m.entry(0, 0) == 0;
      EXPECT_EQ(gone, !dirty && std::string_view(value) != "keeps") << value << " dirty " << dirty;
    }
}

// Of a shared page half is zeroed and half copied; what of the copy a power failure leaves.
TEST(Generations, ACowZeroingFlushesWhatItCopiesOrNot) {
  for (const auto& [value, left] : {std::pair{"keeps", 1}, std::pair{"drops", 0}}) {
    Machine m(ProtocolId::legacy, SwitchId::cow_write, value);
    m.reflinked();
    ASSERT_EQ(dax_zero_range(m.file(0), pos_of(0), pos_of(1) / 2, nullptr), 0);
    const bool stays = !m.file(0).cow_fork[0].hole();
    const std::uint64_t pfn =
        block_to_pfn((stays ? m.file(0).cow_fork : m.file(0).data_fork)[0].block);
    ASSERT_EQ(m.world.pmem.load(pfn, 1), 1);
    m.world.pmem.power_fail();
    EXPECT_EQ(m.world.pmem.load(pfn, 1), left) << value;
  }
}

// Before 6.2 the copy that a zeroing makes stays in the CoW fork: the file is as it was, and a write
// uses the copy.
TEST(Generations, ACowZeroingIsLostOrNot) {
  for (const auto& [value, lost] : {std::pair{"yes", true}, std::pair{"no", false}}) {
    Machine m(ProtocolId::legacy, SwitchId::linux61, value);
    m.reflinked();
    const std::uint64_t shared = m.file(1).data_fork[0].block;
    ASSERT_EQ(dax_zero_range(m.file(0), pos_of(0), pos_of(1) / 2, nullptr), 0);
    EXPECT_EQ(m.file(0).data_fork[0].block == shared, lost) << value;
    EXPECT_EQ(m.file(0).cow_fork[0].hole(), !lost) << value;
    const std::uint64_t pfn = block_to_pfn(m.file(0).data_fork[0].block);
    EXPECT_EQ(m.world.pmem.load(pfn, 0), lost ? 1 : 0) << value;
    const std::uint64_t copy = lost ? m.file(0).cow_fork[0].block : m.file(0).data_fork[0].block;
    ASSERT_EQ(xfs_file_write(m.file(0), pos_of(0), pos_of(1), 9), 0);
    EXPECT_EQ(m.file(0).data_fork[0].block, copy) << value;
    EXPECT_TRUE(m.file(0).cow_fork[0].hole()) << value;
  }
}

// 6.1 flushes the page that a file ends in once it is truncated, 6.12 none if the file shrinks.
TEST(Generations, AShrinkingTruncationFlushesItsLastPageOrNot) {
  for (const auto& [value, marks] : {std::pair{"yes", 0u}, std::pair{"no", kDirty}}) {
    Machine m(ProtocolId::legacy, SwitchId::linux61, value);
    m.map(0, 0);
    ASSERT_EQ(m.store(0, 1, 7), 0);
    ASSERT_EQ(m.store(0, 2, 7), 0);
    ASSERT_EQ(m.marks(0, 1), kDirty);
    ASSERT_EQ(xfs_setattr_size(m.file(0), pos_of(1) + PAGE_SIZE / 2), 0);
    EXPECT_EQ(m.marks(0, 1), marks) << value;
    EXPECT_EQ(m.entry(0, 2), 0u) << value;
  }
}

// What cannot be collapsed loses its entries all the same, or not.
TEST(Generations, ACollapseTakesEntriesAwayBeforeItLooksOrAfter) {
  for (const auto& [value, gone] : {std::pair{"yes", true}, std::pair{"no", false}}) {
    Machine m(ProtocolId::legacy, SwitchId::linux61, value);
    m.map(0, 0);
    ASSERT_EQ(xfs_file_write(m.file(0), 0, pos_of(4), 5), 0);
    ASSERT_EQ(m.load(0, 3), 5);
    ASSERT_EQ(xfs_file_fallocate(m.file(0), FallocMode::collapse, pos_of(3), PAGE_SIZE), -EINVAL);
    EXPECT_EQ(m.entry(0, 3) == 0, gone) << value;
  }
}

// The entry of a+1 goes while the page is pinned, and while nobody has it.
TEST(Generations, TheLastPutLooksAtAnOrder0PageOrNot) {
  const std::vector<std::string> warned = {"warn-put-busy-page"};
  for (const char* resets : {"no", "yes"})
    for (bool pinned : {false, true}) {
      Machine m(ProtocolId::upstream, SwitchId::put_resets_order0, resets);
      m.map(0, 0);
      ASSERT_EQ(m.store(0, 1, 1), 0);
      const std::uint64_t block = m.file(0).data_fork[1].block;
      if (pinned) (void)m.pin(0, 0, 1, false, true);
      (void)m.unmap(0);
      ASSERT_EQ(dax_delete_mapping_entry(m.file(0).i_mapping, 1), 1);
      const bool yes = resets == std::string_view("yes");
      EXPECT_EQ(m.page(block).index.peek(), yes ? 0u : 1u) << resets;
      EXPECT_EQ(m.warnings(), yes && pinned ? warned : kQuiet) << resets << " pinned " << pinned;
    }
}

}  // namespace
}  // namespace daxfuzz::kernel
