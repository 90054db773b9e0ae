// SPDX-License-Identifier: GPL-2.0-only
// The 2022 series: an entry's reference, the scan that takes it away, and what each of its
// switches says. Defect numbers are the section "The 2022 series" of docs/claims.md.
#include <gtest/gtest.h>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Machine;
using testing::Recorder;
using trace::SwitchId;

struct Zap : Machine<Recorder> {
  explicit Zap(const std::vector<trace::Setting>& settings = {},
               const trace::Geometry& geometry = testing::kNoPmd)
      : Machine(protocol_value(trace::ProtocolId::zap, settings), geometry) {}
  int ref(std::uint64_t block) { return page(block)._refcount.peek(); }
  folio* scan() { return dax_layout_busy_page_range(file(0).i_mapping, 0, UINT64_MAX); }
  // a+0 is stored to, so its block 0 is tracked.
  void tracked() {
    map(0, 0);
    ASSERT_EQ(store(0, 0, 1), 0);
  }
};

TEST(Zap, AnEntryHoldsAReferenceUntilAScanTakesIt) {
  Zap m;
  m.tracked();
  EXPECT_EQ(m.ref(0), 1);
  EXPECT_EQ(m.scan(), nullptr);
  EXPECT_EQ(m.ref(0), 0);
  EXPECT_TRUE(dax_is_zapped(m.entry(0, 0)));
  EXPECT_EQ(m.scan(), nullptr);  // drops nothing a second time
  EXPECT_EQ(m.ref(0), 0);
}

TEST(Zap, APinIsWhatIsLeftOfAZappedPage) {
  Zap m;
  m.tracked();
  ASSERT_EQ(m.pin(0, 0, 0, false, true), 0);
  EXPECT_EQ(m.scan(), &m.page(0));
  EXPECT_EQ(m.ref(0), 1);
  ASSERT_EQ(m.unpin(0), 0);
  EXPECT_EQ(m.scan(), nullptr);
}

TEST(Zap, EachPageOfAPmdIsCounted) {
  Zap m({}, trace::Geometry{});
  m.tracked();
  ASSERT_TRUE(dax_is_pmd_entry(m.entry(0, 0)));
  for (std::uint64_t block = 0; block < 4; block++) EXPECT_EQ(m.ref(block), 1) << block;
  EXPECT_EQ(m.scan(), nullptr);
  for (std::uint64_t block = 0; block < 4; block++) EXPECT_EQ(m.ref(block), 0) << block;
}

// The put of an entry that goes without having been scanned.
TEST(Zap, InvalidationDropsTheReferenceOrNot) {
  for (const auto& [value, left] : {std::pair<std::uint8_t, int>{1, 1}, {2, 0}, {0, 0}}) {
    Zap m({{SwitchId::entry_put, value}});
    m.tracked();
    ASSERT_EQ(xfs_file_fsync(m.file(0), 0, UINT64_MAX), 0);
    ASSERT_EQ(xfs_invalidate_range(m.file(0), 0, 1), 0);
    EXPECT_EQ(m.ref(0), left) << trace::value_name(SwitchId::entry_put, value);
  }
}

TEST(Zap, ACowFaultTakesNoReferenceOrOne) {
  for (const bool skips : {true, false}) {
    Zap m({{SwitchId::share_skips_ref, skips}});
    m.tracked();
    ASSERT_EQ(xfs_remap_range(m.file(0), 0, m.file(1), 0, pos_of(1)), 0);
    ASSERT_EQ(m.store(0, 0, 2), 0);
    const std::uint64_t fresh = m.file(0).data_fork[0].block;
    EXPECT_EQ(m.ref(fresh), skips ? 0 : 1);
  }
}

TEST(Zap, AFaultRevivesAZappedEntryOrMapsAPageWithoutAReference) {
  for (const bool revives : {false, true}) {
    Zap m({{SwitchId::zapped_fault, revives}});
    m.tracked();
    ASSERT_EQ(m.scan(), nullptr);
    EXPECT_EQ(m.page(0).mapping.peek(), 0u);  // the last put cleared it under the entry
    ASSERT_EQ(m.load(0, 0), 1);
    EXPECT_EQ(m.ref(0), revives ? 1 : 0);
    EXPECT_EQ(m.page(0).mapping.peek(), revives ? mapping_word(&m.file(0).i_mapping) : 0u);
    EXPECT_EQ(m.pin(0, 0, 0, false, false), revives ? 0 : -ENOMEM);
  }
}

TEST(Zap, TruncationWarnsOfAnEntryThatNoScanHasSeen) {
  Zap m;
  m.tracked();
  ASSERT_EQ(dax_delete_mapping_entry(m.file(0).i_mapping, 0), 1);
  EXPECT_EQ(m.watch.facts, (std::vector<std::string>{"warn-truncate-unzapped-entry",
                                                     "warn-truncate-busy-page"}));
}

}  // namespace
}  // namespace daxfuzz::kernel
