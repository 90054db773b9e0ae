// SPDX-License-Identifier: GPL-2.0-only
// Entries, pages, page tables and forks that disagree between operations. See
// cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

using kernel::Function;
using trace::ProtocolId;

void mapped_a(Bench& b) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
}

void forget_association(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.page(0).mapping.init(0);
  b.judge().quiescent();
}

void associate_untracked(Bench& b, bool broken) {
  Function function("dax_associate_entry");
  if (broken) kernel::folio_set_mapping(&b.page(5), kernel::mapping_word(&b.file(0).i_mapping));
  b.judge().quiescent();
}

// Two files share a block and both read it: two entries, and a share count of two.
void read_shared(Bench& b) {
  mapped_a(b);
  (void)kernel::xfs_remap_range(b.file(0), 0, b.file(1), 0, kernel::pos_of(1));
  b.map(1, 1);
  (void)b.load(0, 0);
  (void)b.load(1, 0);
}

void miscount_shared(Bench& b, bool broken) {
  read_shared(b);
  if (broken) b.page(0).share().init(3);
  b.judge().quiescent();
}

void flag_looks_anon(Bench& b, bool /*broken*/) { read_shared(b); }

void drop_entry_of_mapped(Bench& b, bool broken) {
  mapped_a(b);
  if (broken)
    (void)kernel::dax_delete_mapping_entry(b.file(0).i_mapping, 0);  // unmaps nothing
  else
    (void)kernel::xfs_setattr_size(b.file(0), 0);
  b.judge().quiescent();
}

// A page table that kept the zero page after the hole was filled.
void keep_old_pte(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.load(0, 0);
  const kernel::pte_t zero = b.pte(0, 0);
  (void)b.store(0, 0, 1);
  if (broken)
    b.judge().pte_set({.mm = 0, .address = 0, .where = {0, 0}}, kernel::pte_pfn(zero), false, 1);
  b.judge().quiescent();
}

// The file got another block at the page, and nobody told the mapping.
void change_fork(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.file(0).data_fork[0].block = 7;
  b.judge().quiescent();
}

void miscount_entries(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.file(0).i_mapping.nrpages++;
  b.judge().quiescent();
}

// Whoever clears the mark has to write-protect first.
void forget_dirty(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.file(0).i_mapping.i_pages.slots[0].marks &= ~kernel::PAGECACHE_TAG_DIRTY;
  b.judge().quiescent();
}

// A PTE's value in the slot of a PMD, as a shared fault of one page leaves it.
void shrink_value(Bench& b, bool broken) {
  mapped_a(b);
  kernel::xa_state xas(b.file(0).i_mapping.i_pages, 0);
  const kernel::entry_t entry = kernel::xas_load(xas);
  Function function("dax_insert_entry");
  if (broken) (void)kernel::xas_store(xas, kernel::dax_make_entry(kernel::dax_to_pfn(entry), 0));
  b.judge().quiescent();
}

// The block of the next page, in the slot of a PMD.
void shift_value(Bench& b, bool broken) {
  mapped_a(b);
  kernel::xa_state xas(b.file(0).i_mapping.i_pages, 0);
  const kernel::entry_t entry = kernel::xas_load(xas);
  Function function("dax_insert_entry");
  if (broken) (void)kernel::xas_store(xas, kernel::dax_make_entry(kernel::dax_to_pfn(entry) + 1, kernel::DAX_PMD));
  b.judge().quiescent();
}

// The mapping is of one page.
void map_beyond_vma(Bench& b, bool broken) {
  mapped_a(b);
  Function function("dax_iomap_pte_fault");
  const std::uint16_t address = broken ? static_cast<std::uint16_t>(b.world.vmas[0].end()) : std::uint16_t{0};
  b.judge().pte_set({.mm = 0, .address = address, .where = {0, 0}}, kernel::block_to_pfn(0), false, 1);
}

// The folio was split, its entry stayed.
void split_folio(Bench& b, bool broken) {
  mapped_a(b);
  Function function("dax_folio_put");
  if (broken) {
    kernel::folio_reset_order(&b.page(0));
    for (std::uint64_t i = 0; i < 4; i++) kernel::clear_compound_page(&b.page(i));
    kernel::folio_set_mapping(&b.page(0), b.page(0).mapping.peek());
  }
  b.judge().quiescent();
}

// The entry is gone, and the page counts on as the head of a folio; as one that has an index.
void leave_head(Bench& b, bool broken) {
  mapped_a(b);
  (void)kernel::xfs_setattr_size(b.file(0), 0);
  if (broken) b.page(0).head.init(true);
  b.judge().quiescent();
}

void leave_index(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 1, 1);
  (void)kernel::xfs_setattr_size(b.file(0), 0);
  if (broken) b.page(0).index.init(1);
  b.judge().quiescent();
}

const Case kCases[] = {
    {"entry-size-mismatch", "dax_insert_entry", ProtocolId::upstream, {}, shrink_value, kWithPmd},
    {"entry-misaligned", "dax_insert_entry", ProtocolId::upstream, {}, shift_value, kWithPmd},
    {"pte-outside-vma", "dax_iomap_pte_fault", ProtocolId::upstream, {}, map_beyond_vma},
    {"folio-order-mismatch", "dax_folio_put", ProtocolId::upstream, {}, split_folio, kWithPmd},
    {"entry-without-association", "dax_insert_entry", ProtocolId::upstream, {}, forget_association},
    {"association-without-entry",
     "dax_associate_entry",
     ProtocolId::upstream,
     {},
     associate_untracked},
    {"folio-without-entry", "dax_disassociate_entry", ProtocolId::upstream, {}, leave_head, kWithPmd},
    {"index-without-entry", "dax_disassociate_entry", ProtocolId::upstream71, {}, leave_index},
    {"share-count-mismatch", "dax_associate_entry", ProtocolId::upstream, {}, miscount_shared},
    {"dax-folio-looks-anon",
     "dax_associate_entry",
     ProtocolId::entry_ref,
     {{trace::SwitchId::share, static_cast<std::uint8_t>(kernel::Share::flag_0x1)}},
     flag_looks_anon},
    {"pte-without-entry", "__dax_invalidate_entry", ProtocolId::upstream, {}, drop_entry_of_mapped},
    {"pte-entry-mismatch", "dax_insert_entry", ProtocolId::upstream, {}, keep_old_pte},
    {"stale-entry", "dax_insert_entry", ProtocolId::upstream, {}, change_fork},
    {"writable-pte-of-clean-entry", "dax_insert_entry", ProtocolId::upstream, {}, forget_dirty},
    {"nrpages-mismatch", "quiescence", ProtocolId::upstream, {}, miscount_entries},
};

}  // namespace

std::span<const Case> association_cases() { return kCases; }

}  // namespace daxfuzz::oracle
