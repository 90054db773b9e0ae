// SPDX-License-Identifier: GPL-2.0-only
// What a fault makes of what it finds: one row a state of the slot, one column a request
// (fs/dax.c: grab_mapping_entry(), its comment on PTE and PMD entries; dax_insert_entry()).
#include <gtest/gtest.h>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Machine;
using testing::Recorder;

enum class Slot { none, empty_pte, zero_pte, real_pte, empty_pmd, zero_pmd, real_pmd };
enum class Backing { hole, data };  // what the file has at its four pages

struct Outcome {
  Slot slot;
  bool dirty;
  bool fallback = false;
};
constexpr Outcome kept(Slot slot) { return {slot, false}; }
constexpr Outcome dirtied(Slot slot) { return {slot, true}; }
constexpr Outcome refused(Slot slot) { return {slot, false, true}; }

struct Row {
  Slot slot;
  Backing backing;
  Outcome pte_read, pte_write, pmd_read, pmd_write;
};

const Row kTable[] = {
    {Slot::none, Backing::hole, kept(Slot::zero_pte), dirtied(Slot::real_pte), kept(Slot::zero_pmd),
     dirtied(Slot::real_pmd)},
    {Slot::none, Backing::data, kept(Slot::real_pte), dirtied(Slot::real_pte), kept(Slot::real_pmd),
     dirtied(Slot::real_pmd)},
    {Slot::empty_pte, Backing::data, kept(Slot::real_pte), dirtied(Slot::real_pte),
     refused(Slot::empty_pte), refused(Slot::empty_pte)},
    {Slot::zero_pte, Backing::hole, kept(Slot::zero_pte), dirtied(Slot::real_pte),
     refused(Slot::zero_pte), refused(Slot::zero_pte)},
    {Slot::real_pte, Backing::data, kept(Slot::real_pte), dirtied(Slot::real_pte),
     refused(Slot::real_pte), refused(Slot::real_pte)},
    // A PTE always wins over a PMD that names no block: the PMD entry goes.
    {Slot::empty_pmd, Backing::data, kept(Slot::real_pte), dirtied(Slot::real_pte),
     kept(Slot::real_pmd), dirtied(Slot::real_pmd)},
    {Slot::zero_pmd, Backing::hole, kept(Slot::zero_pte), dirtied(Slot::real_pte),
     kept(Slot::zero_pmd), dirtied(Slot::real_pmd)},
    // One that names blocks stays, and is dirtied as a whole.
    {Slot::real_pmd, Backing::data, kept(Slot::real_pmd), dirtied(Slot::real_pmd),
     kept(Slot::real_pmd), dirtied(Slot::real_pmd)},
};

Slot slot_of(entry_t entry) {
  if (entry == 0) return Slot::none;
  const bool pmd = dax_is_pmd_entry(entry);
  if (dax_is_empty_entry(entry)) return pmd ? Slot::empty_pmd : Slot::empty_pte;
  if (dax_is_zero_entry(entry)) return pmd ? Slot::zero_pmd : Slot::zero_pte;
  return pmd ? Slot::real_pmd : Slot::real_pte;
}

struct Table : Machine<Recorder> {
  explicit Table(trace::ProtocolId id) : Machine(protocol_value(id), trace::Geometry{}) {
    map(0, 0);
  }

  vm_fault_t fault(std::uint64_t page, unsigned order, bool write) {
    vm_area_struct& vma = world.vmas[0];
    vm_fault vmf{.vma = &vma, .address = vma.start() + page, .pgoff = page, .write = write};
    std::uint64_t pfn = 0;
    return dax_iomap_fault(vmf, order, &pfn);
  }

  void carrier(std::uint64_t flags) {  // a slot that only carries a lock
    xa_state xas(file(0).i_mapping.i_pages, 0, (flags & DAX_PMD) != 0 ? pmd_order() : 0);
    (void)xas_store(xas, dax_make_entry(0, DAX_EMPTY | flags));
    file(0).i_mapping.nrpages += (flags & DAX_PMD) != 0 ? pg_pmd_nr() : 1;
  }

  // The row's state, without page table entries, so that no request is a mere upgrade.
  void prepare(const Row& row) {
    if (row.backing == Backing::data) {
      ASSERT_EQ(xfs_file_write(file(0), 0, pos_of(4), 7), 0);
    }
    switch (row.slot) {
      case Slot::none: break;
      case Slot::empty_pte: carrier(0); break;
      case Slot::empty_pmd: carrier(DAX_PMD); break;
      case Slot::zero_pte:
      case Slot::real_pte: ASSERT_EQ(fault(0, 0, false), VM_FAULT_NOPAGE); break;
      case Slot::zero_pmd:
      case Slot::real_pmd: ASSERT_EQ(fault(0, pmd_order(), false), VM_FAULT_NOPAGE); break;
    }
    unmap_mapping_pages(file(0).i_mapping, 0, 0, false);
    world.mms[0].pmd(world.vmas[0].start()).init(0);
    ASSERT_EQ(slot_of(entry(0, 0)), row.slot);
  }

  // Page 0 of the range is asked for, and page 2 of a PMD entry is there as well.
  void expect(const Outcome& outcome, vm_fault_t ret) {
    EXPECT_EQ(ret, outcome.fallback ? VM_FAULT_FALLBACK : VM_FAULT_NOPAGE);
    EXPECT_EQ(slot_of(entry(0, 0)), outcome.slot);
    EXPECT_FALSE(dax_is_locked(entry(0, 0)));
    EXPECT_EQ((marks(0, 0) & PAGECACHE_TAG_DIRTY) != 0, outcome.dirty);
    const bool pmd = dax_is_pmd_entry(entry(0, 0));
    EXPECT_EQ(entry(0, 2), pmd ? entry(0, 0) : 0u);
    EXPECT_EQ(file(0).i_mapping.nrpages, pmd ? 4u : 1u);
    EXPECT_EQ(watch.facts, std::vector<std::string>{});
  }
};

class FaultTable : public ::testing::TestWithParam<trace::ProtocolId> {};

TEST_P(FaultTable, EachRequestOfEachState) {
  for (const Row& row : kTable) {
    const Outcome* requests[] = {&row.pte_read, &row.pte_write, &row.pmd_read, &row.pmd_write};
    for (int request = 0; request < 4; request++) {
      SCOPED_TRACE("slot " + std::to_string(static_cast<int>(row.slot)) + " backing " +
                   std::to_string(static_cast<int>(row.backing)) + " request " +
                   std::to_string(request));
      Table m(GetParam());
      m.prepare(row);
      m.expect(*requests[request], m.fault(0, request / 2 == 0 ? 0 : pmd_order(), request % 2 == 1));
    }
  }
}

// A PMD request does not wait for an entry of a page, locked or not: it falls back.
TEST_P(FaultTable, APmdRequestFallsBackFromALockedPteEntry) {
  Table m(GetParam());
  ASSERT_EQ(xfs_file_write(m.file(0), 0, pos_of(4), 7), 0);
  ASSERT_EQ(m.fault(2, 0, false), VM_FAULT_NOPAGE);
  xa_state xas(m.file(0).i_mapping.i_pages, 2);
  (void)dax_lock_entry(xas, xas_load(xas));
  EXPECT_EQ(m.fault(0, pmd_order(), true), VM_FAULT_FALLBACK);
  EXPECT_TRUE(dax_is_locked(m.entry(0, 2)));
}

// A request of either size waits for a locked PMD entry.
TEST_P(FaultTable, BothRequestsWaitForALockedPmdEntry) {
  for (const unsigned order : {0u, 2u}) {
    Table m(GetParam());
    ASSERT_EQ(xfs_file_write(m.file(0), 0, pos_of(4), 7), 0);
    ASSERT_EQ(m.fault(0, pmd_order(), false), VM_FAULT_NOPAGE);
    bool done = false;
    testing::SwitchAt choices("holding");
    const auto outcome = testing::on_tasks(
        choices, {[&] {
                    xa_state xas(m.file(0).i_mapping.i_pages, 0);
                    xas_lock_irq(xas);
                    const entry_t entry = dax_lock_entry(xas, xas_load(xas));
                    xas_unlock_irq(xas);
                    sched::yield_point("holding");
                    EXPECT_FALSE(done);
                    xa_state unlock(m.file(0).i_mapping.i_pages, 0);
                    dax_unlock_entry(unlock, entry);
                  },
                  [&] {
                    EXPECT_EQ(m.fault(order == 0 ? 3 : 0, order, false), VM_FAULT_NOPAGE);
                    done = true;
                  }});
    EXPECT_EQ(outcome, sched::Outcome::finished);
    EXPECT_TRUE(choices.went_over() && done);
  }
}

// dax_fault_check_fallback(), one row a condition.
struct FallbackRow {
  const char* what;
  std::uint64_t pgoff, pages, at, page;  // of the mapping; the page that is touched
  std::uint64_t size;                    // of the file
  bool write, shared;
};
const FallbackRow kFallbacks[] = {
    {"nothing stands in the way", 0, 4, 0, 1, 4, true, true},
    {"file and address differ in colour", 1, 7, 0, 3, 8, false, true},
    {"the mapping begins within the PMD", 1, 3, 1, 0, 4, false, true},
    {"the mapping ends within the PMD", 0, 3, 0, 0, 4, false, true},
    {"the file ends within the PMD", 0, 4, 0, 0, 3, false, true},
    {"a private write", 0, 4, 0, 0, 4, true, false},
};

TEST_P(FaultTable, APmdFallsBackFor) {
  for (const FallbackRow& row : kFallbacks) {
    SCOPED_TRACE(row.what);
    Machine<Recorder> m(protocol_value(GetParam()), trace::Geometry{});
    ASSERT_EQ(xfs_file_write(m.file(0), 0, pos_of(row.size), 7), 0);
    vm_area_struct& vma = m.world.vmas[0];
    ASSERT_EQ(do_mmap(m.world.mms[0], vma, m.file(0), row.pgoff, row.pages,
                      row.shared ? VM_SHARED : vm_flags_t{}, row.at), 0);
    vm_fault vmf{.vma = &vma, .address = vma.start() + row.page, .pgoff = row.pgoff + row.page,
                 .write = row.write};
    std::uint64_t pfn = 0;
    const bool first = &row == kFallbacks;
    EXPECT_EQ(dax_iomap_fault(vmf, pmd_order(), &pfn), first ? VM_FAULT_NOPAGE : VM_FAULT_FALLBACK);
    EXPECT_EQ(m.file(0).i_mapping.nrpages, first ? 4u : 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, FaultTable,
                         ::testing::Values(trace::ProtocolId::legacy, trace::ProtocolId::v1,
                                           trace::ProtocolId::entry_ref,
                                           trace::ProtocolId::upstream,
                                           trace::ProtocolId::upstream71),
                         [](const auto& info) { return std::string(trace::name(info.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
