// SPDX-License-Identifier: GPL-2.0-only
// Counts of a page that is mapped, referenced and pinned, under each protocol, and
// what GUP refuses.
#include "model/gup.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using trace::ProtocolId;
using Machine = testing::Machine<testing::Recorder>;

struct Row {
  ProtocolId protocol;
  int idle;      // a page that an entry tracks and nobody uses
  int mapping;   // what each PTE adds to the count
  int mapcount;  // and to the mapcount
};
constexpr Row kRows[] = {
    {ProtocolId::legacy, 1, 0, 0},
    {ProtocolId::v1, 0, 1, 1},
    {ProtocolId::entry_ref, 1, 1, 1},
    {ProtocolId::upstream, 0, 1, 1},
};

class Gup : public ::testing::TestWithParam<Row> {
 protected:
  Machine machine{protocol_value(GetParam().protocol), testing::kNoPmd};

  int ref() { return machine.page(0)._refcount.peek(); }
  int mapcount() { return machine.page(0)._mapcount.peek(); }
  // The count with that many PTEs, FOLL_GETs and FOLL_PINs.
  int expected(int ptes, int gets, int pins) {
    return GetParam().idle + ptes * GetParam().mapping + gets + 1024 * pins;
  }
};

TEST_P(Gup, EachUserAddsItsShare) {
  machine.map(0, 0);
  machine.map(0, 1);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  EXPECT_EQ(ref(), expected(1, 0, 0));
  EXPECT_EQ(mapcount(), GetParam().mapcount);
  ASSERT_EQ(machine.load(1, 0), 1);
  EXPECT_EQ(ref(), expected(2, 0, 0));
  EXPECT_EQ(mapcount(), 2 * GetParam().mapcount);

  ASSERT_EQ(machine.pin(0, 0, 0, false, true), 0);
  EXPECT_EQ(ref(), expected(2, 1, 0));
  ASSERT_EQ(machine.pin(1, 0, 0, true, true), 0);
  EXPECT_EQ(ref(), expected(2, 1, 1));
  ASSERT_EQ(machine.pin(2, 1, 0, true, false), 0);  // through a read-only PTE: it is upgraded
  EXPECT_EQ(ref(), expected(2, 1, 2));
  EXPECT_TRUE(pte_write(machine.pte(1, 0)));

  ASSERT_EQ(machine.unmap(0), 0);
  EXPECT_EQ(ref(), expected(1, 1, 2));
  EXPECT_EQ(mapcount(), GetParam().mapcount);
  ASSERT_EQ(machine.unpin(1), 0);
  ASSERT_EQ(machine.unpin(0), 0);
  ASSERT_EQ(machine.unmap(1), 0);
  EXPECT_EQ(ref(), expected(0, 0, 1));
  ASSERT_EQ(machine.unpin(2), 0);
  EXPECT_EQ(ref(), expected(0, 0, 0));
  EXPECT_EQ(mapcount(), 0);
  EXPECT_EQ(machine.watch.facts,
            (std::vector<std::string>{"pin_taken", "pin_taken", "pin_taken", "pin_dropped",
                                      "pin_dropped", "pin_dropped"}));
}

TEST_P(Gup, FaultsTheSlowWayWhereNothingIsMapped) {
  machine.map(0, 0);
  ASSERT_EQ(machine.pin(0, 0, 0, true, true), 0);
  EXPECT_EQ(machine.world.pins[0].page(), &machine.page(0));
  EXPECT_EQ(ref(), expected(1, 0, 1));
  EXPECT_TRUE(pte_write(machine.pte(0, 0)));
}

// FOLL_PIN skips the zero page, FOLL_GET does not.
TEST_P(Gup, TheZeroPageIsReferencedButNeverPinned) {
  machine.map(0, 0);
  ASSERT_EQ(machine.load(0, 0), 0);
  const int before = machine.world.zero_page._refcount.peek();
  ASSERT_EQ(machine.pin(0, 0, 0, true, false, false), 0);
  EXPECT_EQ(machine.world.zero_page._refcount.peek(), before);
  ASSERT_EQ(machine.pin(1, 0, 0, false, false, false), 0);
  EXPECT_EQ(machine.world.zero_page._refcount.peek(), before + 1);
  EXPECT_EQ(machine.world.pins[1].page(), &machine.world.zero_page);
  ASSERT_EQ(machine.unpin(0), 0);
  ASSERT_EQ(machine.unpin(1), 0);
  EXPECT_EQ(machine.world.zero_page._refcount.peek(), before);
}

TEST_P(Gup, Refuses) {
  EXPECT_EQ(machine.pin(0, 0, 0, true, true), -EINVAL);  // nothing mapped
  EXPECT_EQ(machine.unpin(0), -EINVAL);
  machine.map(0, 0, 2);
  ASSERT_EQ(machine.pin(0, 0, 1, true, true), 0);
  EXPECT_EQ(machine.pin(0, 0, 0, true, true), -EINVAL);  // the slot is in use
  EXPECT_EQ(machine.pin(1, 0, 2, true, true), -EFAULT);  // beyond the mapping
  ASSERT_EQ(machine.unpin(0), 0);
  ASSERT_EQ(xfs_setattr_size(machine.file(0), pos_of(1)), 0);
  EXPECT_EQ(machine.pin(0, 0, 1, true, true), -EFAULT);  // beyond the file
  EXPECT_EQ(machine.world.pins[0].page(), nullptr);
}

// What two files share looks anonymous while its mark is PAGE_MAPPING_ANON: FOLL_PIN for reading
// unshares it, which gives a private mapping a copy. A shared mapping: corpus/findings/
// read-pin-of-shared-page-spins.daxt.
TEST_P(Gup, APinForReadingUnsharesWhatLooksAnonymous) {
  inode& a = machine.file(0);
  ASSERT_EQ(xfs_file_write(a, 0, PAGE_SIZE, 5), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, machine.file(1), 0, PAGE_SIZE), 0);
  ASSERT_EQ(do_mmap(machine.world.mms[0], machine.world.vmas[0], a, 0, 1, 0, 0), 0);
  ASSERT_EQ(machine.load(0, 0), 5);
  ASSERT_EQ(machine.pin(0, 0, 0, false, true, false), 0);
  EXPECT_TRUE(pfn_is_pmem(machine.world.pins[0].page()->pfn));  // FOLL_GET never
  ASSERT_EQ(machine.pin(1, 0, 0, true, true, false), 0);
  EXPECT_EQ(pfn_is_pmem(machine.world.pins[1].page()->pfn),
            GetParam().protocol != ProtocolId::legacy);
  EXPECT_EQ(machine.load(0, 0), 5);
}

// 6.1 leaves the page of a private mapping as it is, and the pin tries for ever.
TEST(GupOfLinux61, APinThatMustUnshareAPrivatePageNeverEnds) {
  Machine machine(protocol_value(ProtocolId::legacy60), testing::kNoPmd);
  inode& a = machine.file(0);
  machine.map(0, 0, 1);
  ASSERT_EQ(machine.store(0, 0, 5), 0);
  ASSERT_EQ(xfs_remap_range(a, 0, machine.file(1), 0, PAGE_SIZE), 0);
  ASSERT_EQ(machine.store(0, 0, 6), 0);  // a copy, which has the mark
  ASSERT_EQ(filemap_write_and_wait(a), 0);
  ASSERT_EQ(do_mmap(machine.world.mms[0], machine.world.vmas[1], a, 0, 1, 0, 2), 0);
  testing::InOrder choices;
  EXPECT_EQ(testing::on_tasks(choices, {[&] { (void)machine.pin(1, 1, 0, true, true, false); }}),
            sched::Outcome::budget);
}

// The PTE goes between the fast walk's grab and its second look at the PTE: the
// reference is given back, and the slow way finds a page of the file as it is then.
TEST_P(Gup, TheFastWalkGivesBackWhatChangedUnderIt) {
  machine.map(0, 0);
  ASSERT_EQ(machine.store(0, 0, 1), 0);
  testing::SwitchAt choices("gup_pte_recheck");
  int pinned = 1;
  ASSERT_EQ(testing::on_tasks(
                choices, {[&] {
                            const int ret = machine.pin(0, 0, 0, true, true);
                            const sched::HarnessScope scope;
                            pinned = ret;
                          },
                          [&] { unmap_mapping_pages(machine.file(0).i_mapping, 0, 0, false); }}),
            sched::Outcome::finished);
  EXPECT_TRUE(choices.went_over());
  EXPECT_EQ(pinned, 0);
  EXPECT_EQ(ref(), expected(1, 0, 1));
}

std::string protocol_name(const ::testing::TestParamInfo<Row>& info) {
  return std::string(trace::name(info.param.protocol));
}
void PrintTo(const Row& row, std::ostream* out) { *out << trace::name(row.protocol); }
INSTANTIATE_TEST_SUITE_P(Protocols, Gup, ::testing::ValuesIn(kRows), protocol_name);

}  // namespace
}  // namespace daxfuzz::kernel
