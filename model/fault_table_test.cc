// SPDX-License-Identifier: GPL-2.0-only
// What a fault makes of what it finds: one row a state of the slot, one column a request
// (fs/dax.c: grab_mapping_entry(), its comment on PTE and PMD entries; dax_insert_entry()),
// under all protocols.
#include <gtest/gtest.h>

#include "model/testing.h"

namespace daxfuzz::kernel {
namespace {

using testing::Machine;
using testing::Recorder;

enum class Slot { none, empty_pte, zero_pte, real_pte, empty_pmd, zero_pmd, real_pmd };
// What the file has at its four pages; shared: blocks that are file b's, too.
enum class Backing { hole, data, shared };
// Under 6.0 and 6.1, and the series of 2022 on them, each fault that enters or finds an entry
// makes it dirty, a read fault, too; and only a write fault is told that a block is shared.
bool reads_dirty(trace::ProtocolId id) {
  return id == trace::ProtocolId::legacy60 || id == trace::ProtocolId::zap;
}
// v1 makes no folio of a PMD whose blocks are shared, so that it cannot be mapped.
bool shared_pmd_is_folio(trace::ProtocolId id) { return id != trace::ProtocolId::v1; }

enum class Under { all, reads_shared, reads_own, folios, no_folios };

bool is_under(Under under, trace::ProtocolId id) {
  switch (under) {
    case Under::all: return true;
    case Under::reads_shared: return !reads_dirty(id) && shared_pmd_is_folio(id);
    case Under::reads_own: return reads_dirty(id);
    case Under::folios: return shared_pmd_is_folio(id);
    case Under::no_folios: return !shared_pmd_is_folio(id);
  }
  return false;
}

struct Outcome {
  Slot slot;
  bool dirty;
  bool fallback = false;
  bool stored = false;  // a value of the fault's own is put into the slot
  bool copied = false;  // into other blocks than the slot had, or than file b has
  bool sigbus = false;  // and it is not mapped
};
constexpr Outcome kept(Slot slot) { return {slot, false}; }
constexpr Outcome dirtied(Slot slot) { return {slot, true}; }
constexpr Outcome refused(Slot slot) { return {slot, false, true}; }
constexpr Outcome stored(Slot slot) { return {slot, false, false, true}; }
constexpr Outcome stored_dirty(Slot slot) { return {slot, true, false, true}; }
constexpr Outcome copied(Slot slot) { return {slot, true, false, true, true}; }
constexpr Outcome unmapped(Outcome outcome) {
  outcome.sigbus = true;
  return outcome;
}

struct Row {
  const char* what;
  Slot slot;
  Backing backing;
  Under under;
  Outcome pte_read, pte_write, pmd_read, pmd_write;
};

const Row kTable[] = {
    {"a hole", Slot::none, Backing::hole, Under::all, stored(Slot::zero_pte),
     stored_dirty(Slot::real_pte), stored(Slot::zero_pmd), stored_dirty(Slot::real_pmd)},
    {"data", Slot::none, Backing::data, Under::all, stored(Slot::real_pte),
     stored_dirty(Slot::real_pte), stored(Slot::real_pmd), stored_dirty(Slot::real_pmd)},
    {"a carrier", Slot::empty_pte, Backing::data, Under::all, stored(Slot::real_pte),
     stored_dirty(Slot::real_pte), refused(Slot::empty_pte), refused(Slot::empty_pte)},
    {"the zero page", Slot::zero_pte, Backing::hole, Under::all, kept(Slot::zero_pte),
     stored_dirty(Slot::real_pte), refused(Slot::zero_pte), refused(Slot::zero_pte)},
    {"a page", Slot::real_pte, Backing::data, Under::all, kept(Slot::real_pte),
     dirtied(Slot::real_pte), refused(Slot::real_pte), refused(Slot::real_pte)},
    // A PTE always wins over a PMD that names no block: the PMD entry goes.
    {"a carrier of a PMD", Slot::empty_pmd, Backing::data, Under::all, stored(Slot::real_pte),
     stored_dirty(Slot::real_pte), stored(Slot::real_pmd), stored_dirty(Slot::real_pmd)},
    {"the huge zero folio", Slot::zero_pmd, Backing::hole, Under::all, stored(Slot::zero_pte),
     stored_dirty(Slot::real_pte), kept(Slot::zero_pmd), stored_dirty(Slot::real_pmd)},
    // One that names blocks stays, and is dirtied as a whole.
    {"a PMD", Slot::real_pmd, Backing::data, Under::all, kept(Slot::real_pmd),
     dirtied(Slot::real_pmd), kept(Slot::real_pmd), dirtied(Slot::real_pmd)},
    // Shared blocks: a fault puts its own value whatever it finds, and a write copies.
    {"shared blocks", Slot::none, Backing::shared, Under::folios, stored(Slot::real_pte),
     copied(Slot::real_pte), stored(Slot::real_pmd), copied(Slot::real_pmd)},
    {"shared blocks", Slot::none, Backing::shared, Under::no_folios, stored(Slot::real_pte),
     copied(Slot::real_pte), unmapped(stored(Slot::real_pmd)), unmapped(copied(Slot::real_pmd))},
    {"a carrier, shared blocks", Slot::empty_pte, Backing::shared, Under::all,
     stored(Slot::real_pte), copied(Slot::real_pte), refused(Slot::empty_pte),
     refused(Slot::empty_pte)},
    {"a shared page", Slot::real_pte, Backing::shared, Under::reads_shared, stored(Slot::real_pte),
     copied(Slot::real_pte), refused(Slot::real_pte), refused(Slot::real_pte)},
    {"a shared page", Slot::real_pte, Backing::shared, Under::no_folios, stored(Slot::real_pte),
     copied(Slot::real_pte), refused(Slot::real_pte), refused(Slot::real_pte)},
    {"a shared page", Slot::real_pte, Backing::shared, Under::reads_own, kept(Slot::real_pte),
     copied(Slot::real_pte), refused(Slot::real_pte), refused(Slot::real_pte)},
    {"a carrier of a PMD, shared blocks", Slot::empty_pmd, Backing::shared, Under::folios,
     stored(Slot::real_pte), copied(Slot::real_pte), stored(Slot::real_pmd),
     copied(Slot::real_pmd)},
    {"a carrier of a PMD, shared blocks", Slot::empty_pmd, Backing::shared, Under::no_folios,
     stored(Slot::real_pte), copied(Slot::real_pte), unmapped(stored(Slot::real_pmd)),
     unmapped(copied(Slot::real_pmd))},
    // A fault of one page puts a PTE's value over the whole PMD.
    {"a shared PMD", Slot::real_pmd, Backing::shared, Under::reads_shared, stored(Slot::real_pte),
     copied(Slot::real_pte), stored(Slot::real_pmd), copied(Slot::real_pmd)},
    {"a shared PMD", Slot::real_pmd, Backing::shared, Under::reads_own, kept(Slot::real_pmd),
     copied(Slot::real_pte), kept(Slot::real_pmd), copied(Slot::real_pmd)},
};

Slot slot_of(entry_t entry) {
  if (entry == 0) return Slot::none;
  const bool pmd = dax_is_pmd_entry(entry);
  if (dax_is_empty_entry(entry)) return pmd ? Slot::empty_pmd : Slot::empty_pte;
  if (dax_is_zero_entry(entry)) return pmd ? Slot::zero_pmd : Slot::zero_pte;
  return pmd ? Slot::real_pmd : Slot::real_pte;
}

// Does an entry get another association? A value that is put over its equal shows so alone.
struct Associations : Recorder {
  int changes = 0;
  void association_changed(std::uint64_t) override { changes++; }
};

struct Table : Machine<Associations> {
  explicit Table(trace::ProtocolId under) : Machine(protocol_value(under), trace::Geometry{}), id(under) {
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

  // The state, without page table entries, so that no request is a mere upgrade. Where read
  // faults dirty, the entry is cleaned again.
  void prepare(Slot slot, Backing backing) {
    if (backing != Backing::hole) {
      ASSERT_EQ(xfs_file_write(file(0), 0, pos_of(4), 7), 0);
    }
    if (backing == Backing::shared) {
      ASSERT_EQ(xfs_remap_range(file(0), 0, file(1), 0, pos_of(4)), 0);
    }
    ASSERT_EQ(slot_of(entry(0, 0)), Slot::none);
    switch (slot) {
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
    xa_state xas(file(0).i_mapping.i_pages, 0);
    if (xas_load(xas) != 0) xas_clear_mark(xas, PAGECACHE_TAG_DIRTY);
    ASSERT_EQ(slot_of(entry(0, 0)), slot);
    was = entry(0, 0);
    watch.changes = 0;
  }

  // Page 0 of the range is asked for, and page 2 of a PMD entry is there as well.
  void expect(const Row& row, const Outcome& outcome, bool write, vm_fault_t ret) {
    const entry_t now = entry(0, 0);
    EXPECT_EQ(ret, outcome.fallback ? VM_FAULT_FALLBACK
                   : outcome.sigbus ? VM_FAULT_SIGBUS
                                    : VM_FAULT_NOPAGE);
    EXPECT_EQ(slot_of(now), outcome.slot);
    EXPECT_FALSE(dax_is_locked(now));
    const bool dirty = outcome.dirty || (reads_dirty(id) && !outcome.fallback);
    EXPECT_EQ((marks(0, 0) & PAGECACHE_TAG_DIRTY) != 0, dirty);
    // A copy is marked for an fsync that runs meanwhile.
    EXPECT_EQ((marks(0, 0) & PAGECACHE_TAG_TOWRITE) != 0, outcome.copied);
    if (outcome.copied) {
      EXPECT_NE(dax_to_pfn(now), block_to_pfn(file(1).data_fork[0].block));
    } else if (row.backing == Backing::shared && dax_is_real_entry(now)) {
      EXPECT_EQ(dax_to_pfn(now), block_to_pfn(file(1).data_fork[0].block));
    }
    EXPECT_EQ(write && row.backing == Backing::shared && !outcome.fallback, outcome.copied);
    if (!outcome.stored) {
      EXPECT_EQ(now, was);
    }
    // v1 associates nothing that is shared; the put after an insert that failed clears the mapping.
    const bool told =
        row.backing != Backing::shared || shared_pmd_is_folio(id) || outcome.sigbus;
    EXPECT_EQ(watch.changes > 0, outcome.stored && dax_is_real_entry(now) && told);
    const bool whole = dax_is_pmd_entry(now) || slot_of(was) == Slot::real_pmd;
    EXPECT_EQ(entry(0, 2), whole ? now : 0u);
    EXPECT_EQ(file(0).i_mapping.nrpages, whole ? 4u : 1u);
    EXPECT_EQ(watch.facts, outcome.sigbus ? std::vector<std::string>{"warn-pmd-of-small-folio"}
                                          : std::vector<std::string>{});
  }

  const trace::ProtocolId id;
  entry_t was = 0;
};

class FaultTable : public ::testing::TestWithParam<trace::ProtocolId> {};

TEST_P(FaultTable, EachRequestOfEachState) {
  for (const Row& row : kTable) {
    if (!is_under(row.under, GetParam())) continue;
    const Outcome* requests[] = {&row.pte_read, &row.pte_write, &row.pmd_read, &row.pmd_write};
    for (int request = 0; request < 4; request++) {
      SCOPED_TRACE(row.what + std::string(request / 2 == 0 ? ", one page" : ", a PMD") +
                   (request % 2 == 0 ? " read" : " written"));
      Table m(GetParam());
      m.prepare(row.slot, row.backing);
      const bool write = request % 2 == 1;
      m.expect(row, *requests[request], write, m.fault(0, request / 2 == 0 ? 0 : pmd_order(), write));
    }
  }
}

// A locked entry: a request waits for it, but for one of a PMD that finds an entry of a page,
// which falls back, locked or not.
struct LockedRow {
  const char* what;
  Slot slot;
  Backing backing;
  bool pmd;  // is asked for
  bool waits;
};
const LockedRow kLocked[] = {
    {"a page of a carrier", Slot::empty_pte, Backing::data, false, true},
    {"a PMD of a carrier", Slot::empty_pte, Backing::data, true, false},
    {"a page of the zero page", Slot::zero_pte, Backing::hole, false, true},
    {"a PMD of the zero page", Slot::zero_pte, Backing::hole, true, false},
    {"a page of a page", Slot::real_pte, Backing::data, false, true},
    {"a PMD of a page", Slot::real_pte, Backing::data, true, false},
    {"a page of a shared page", Slot::real_pte, Backing::shared, false, true},
    {"a PMD of a shared page", Slot::real_pte, Backing::shared, true, false},
    {"a page of a PMD's carrier", Slot::empty_pmd, Backing::data, false, true},
    {"a PMD of a PMD's carrier", Slot::empty_pmd, Backing::data, true, true},
    {"a page of the huge zero folio", Slot::zero_pmd, Backing::hole, false, true},
    {"a PMD of the huge zero folio", Slot::zero_pmd, Backing::hole, true, true},
    {"a page of a PMD", Slot::real_pmd, Backing::data, false, true},
    {"a PMD of a PMD", Slot::real_pmd, Backing::data, true, true},
    {"a page of a shared PMD", Slot::real_pmd, Backing::shared, false, true},
    {"a PMD of a shared PMD", Slot::real_pmd, Backing::shared, true, true},
};

TEST_P(FaultTable, ALockedEntryIsWaitedForOrFallenBackFrom) {
  for (const LockedRow& row : kLocked) {
    const bool folio = row.slot == Slot::real_pmd && row.backing == Backing::shared;
    if (folio && !shared_pmd_is_folio(GetParam())) continue;
    SCOPED_TRACE(row.what);
    Table m(GetParam());
    m.prepare(row.slot, row.backing);
    sched::testing::Count done;
    testing::SwitchAt choices("holding");
    const auto outcome = testing::on_tasks(
        choices, {[&] {
                    xa_state xas(m.file(0).i_mapping.i_pages, 0);
                    xas_lock_irq(xas);
                    const entry_t entry = dax_lock_entry(xas, xas_load(xas));
                    xas_unlock_irq(xas);
                    sched::yield_point("holding");
                    EXPECT_EQ(done == 0, row.waits);
                    EXPECT_TRUE(dax_is_locked(m.entry(0, 0)));
                    xa_state unlock(m.file(0).i_mapping.i_pages, 0);
                    dax_unlock_entry(unlock, entry);
                  },
                  [&] {
                    // Of a PMD entry, a page that is not its first.
                    const bool whole = dax_is_pmd_entry(m.was) && !row.pmd;
                    EXPECT_EQ(m.fault(whole ? 3 : 0, row.pmd ? pmd_order() : 0, false),
                              row.waits ? VM_FAULT_NOPAGE : VM_FAULT_FALLBACK);
                    done += 1;
                  }});
    EXPECT_EQ(outcome, sched::Outcome::finished);
    EXPECT_TRUE(choices.went_over() && done == 1);
    EXPECT_EQ(m.watch.facts, std::vector<std::string>{});
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
                                           trace::ProtocolId::legacy60,
                                           trace::ProtocolId::upstream71, trace::ProtocolId::zap),
                         [](const auto& info) { return std::string(trace::name(info.param)); });

}  // namespace
}  // namespace daxfuzz::kernel
