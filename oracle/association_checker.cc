// SPDX-License-Identifier: GPL-2.0-only
// Entries, folios, page tables and forks agree between operations. Association and
// share are promises of every protocol, v1 included: what it deletes is what others
// (rmap, memory failure) rely on. Counting owners is a promise only where the protocol
// counts them; sizes of folios only where a PMD entry's pages are one.
#include "model/dax.h"
#include "oracle/judge.h"
#include "oracle/modes.h"

namespace daxfuzz::oracle {
namespace {

using kernel::FilePage;

std::string number(std::uint64_t value) { return std::to_string(value); }

// The function that acted last, on the entry or on the page: whose fault it is.
std::string_view culprit(const EntryRecord& record, const PageRecord& page) {
  return (record.stored_at > page.associated_at ? record.stored_in : page.associated_in).text();
}

// One page that carries an association of the entry names its file and index, or says
// that it is shared.
void check_associated(Judge& judge, FilePage where, const EntryRecord& record,
                      const kernel::folio& page) {
  const std::uint64_t word = page.mapping.peek(), index = page.index.peek();
  const auto& mapping = judge.machine().inodes[where.file].i_mapping;
  const bool mine = word == kernel::mapping_word(&mapping) && index == where.page;
  if (!mine && !kernel::dax_folio_is_shared(word, index))
    judge.report("entry-without-association", static_cast<std::int64_t>(page.pfn),
                 "entry " + name(where) + ", but mapping " + number(word) + " index " + number(index),
                 culprit(record, judge.ledger().page(page.pfn)));
}

// The entry's size, its folio's, and the blocks that the file has at its indices.
void check_entry(Judge& judge, FilePage where, const EntryRecord& record) {
  const kernel::World& machine = judge.machine();
  const std::uint64_t pfn = kernel::dax_to_pfn(record.entry);
  const unsigned order = kernel::dax_is_pmd_entry(record.entry) ? machine.geometry.pmd_order : 0;
  const auto page = static_cast<std::int64_t>(pfn);
  if (record.pages != std::uint64_t{1} << order)
    judge.report("entry-size-mismatch", page,
                 "entry " + name(where) + " covers " + number(record.pages) +
                     " indices, its value says " + number(std::uint64_t{1} << order),
                 record.stored_in.text());
  if (((where.page | kernel::pfn_to_block(pfn)) & ((std::uint64_t{1} << order) - 1)) != 0)
    judge.report("entry-misaligned", page,
                 "entry " + name(where) + " of order " + number(order) + " names pfn " + number(pfn),
                 record.stored_in.text());
  if (modes::pmds_are_folios(machine.protocol)) {
    const kernel::folio& folio = *kernel::page_folio_peek(kernel::pfn_page(pfn));
    const bool shared = kernel::dax_folio_is_shared(folio.mapping.peek(), folio.index.peek());
    if (kernel::folio_order_peek(&folio) != order)
      judge.report("folio-order-mismatch", page,
                   "entry " + name(where) + " is of order " + number(order) + ", its folio of order " +
                       number(kernel::folio_order_peek(&folio)),
                   culprit(record, judge.ledger().page(pfn)));
    if (!shared) check_associated(judge, where, record, folio);
  } else {
    for (std::uint64_t i = 0; i < std::uint64_t{1} << order; i++)
      check_associated(judge, {where.file, static_cast<std::uint16_t>(where.page + i)}, record,
                       *kernel::pfn_page(pfn + i));
  }
  for (std::uint64_t i = 0; i < std::uint64_t{1} << order && where.page + i < judge.ledger().file_pages(); i++) {
    const FilePage at{where.file, static_cast<std::uint16_t>(where.page + i)};
    const kernel::xfs_bmbt_irec& has = machine.inodes[at.file].data_fork[at.page];
    if (!has.hole() && kernel::block_to_pfn(has.block) == pfn + i) continue;
    judge.report("stale-entry", page,
                 "entry " + name(at) + " names pfn " + number(pfn + i) + ", the file has " +
                     (has.hole() ? std::string("a hole")
                                 : "pfn " + number(kernel::block_to_pfn(has.block))),
                 record.stored_in.text());
  }
}

// As the machine was made with it, and no entry tracks it: nothing for the two checks below.
bool untouched(Judge& judge, const kernel::folio& page) {
  return page.mapping.peek() == 0 && page.index.peek() == 0 && page.compound_head.peek() == 0 && !page.head.peek() &&
         page._order.peek() == 0 && judge.ledger().entries_of(page.pfn) == 0;
}

// The other direction: association and share count of a folio.
void check_page(Judge& judge, const kernel::folio& folio) {
  if (!modes::owners_are_counted(judge.machine().protocol)) return;
  if (folio.compound_head.peek() != 0) return;  // a tail's words are the head's
  const std::uint64_t word = folio.mapping.peek(), share = folio.share().peek();
  const unsigned order = kernel::folio_order_peek(&folio);
  const int entries = order != 0 ? judge.ledger().folio(folio.pfn, order).tracked
                                 : judge.ledger().entries_of(folio.pfn);
  if (word == 0 && entries == 0) return;
  const auto pfn = static_cast<std::int64_t>(folio.pfn);
  const char* function = judge.ledger().page(folio.pfn).associated_in.text();
  const bool shared = kernel::dax_folio_is_shared(word, share);
  if (word != 0 && entries == 0)
    judge.report("association-without-entry", pfn, "mapping " + number(word) + ", no entry", function);
  // With null_mapping an untracked page may keep a stale index that reads as a
  // share count; that is harmless until the page is tracked again.
  const auto counted = static_cast<int>(share);
  if (entries != 0 && shared && counted != entries)
    judge.report("share-count-mismatch", pfn,
                 "share " + std::to_string(counted) + ", entries " + std::to_string(entries), function);
  if (!shared && entries > 1)
    judge.report("share-count-mismatch", pfn, "not shared, entries " + std::to_string(entries), function);
}

// A page that no entry tracks is a single page again, and where the kernel clears the word,
// nothing counts in it: 6.15 to 7.0 leave an order-0 page its last index.
void check_untracked(Judge& judge, const kernel::folio& page) {
  const std::uint64_t head = page.compound_head.peek(), index = page.index.peek();
  const bool large = page.head.peek() || head != 0 || page._order.peek() != 0;
  if ((!large && index == 0) || judge.ledger().entries_of(page.pfn) != 0) return;
  const kernel::Protocol& protocol = judge.machine().protocol;
  const auto pfn = static_cast<std::int64_t>(page.pfn);
  const char* function = judge.ledger().page(head != 0 ? head : page.pfn).associated_in.text();
  if (large && modes::folios_are_split(protocol))
    judge.report("folio-without-entry", pfn,
                 "head " + std::to_string(page.head.peek()) + ", tail of " + number(head) + ", order " +
                     number(page._order.peek()) + ", no entry",
                 function);
  if (index != 0 && modes::words_are_cleared(protocol))
    judge.report("index-without-entry", pfn, "index or share " + number(index) + ", no entry", function);
}

void check_pte(Judge& judge, const PteRecord& pte, std::uint64_t offset) {
  const FilePage where{pte.where.file, static_cast<std::uint16_t>(pte.where.page + offset)};
  const bool zero = !kernel::pfn_is_pmem(pte.pfn);
  const std::uint64_t pfn = pte.pfn + (zero ? 0 : offset);
  std::size_t first = 0;
  const EntryRecord* record = judge.ledger().entry_at(where, &first);
  const auto page = static_cast<std::int64_t>(pfn);
  if (record == nullptr || kernel::dax_is_empty_entry(record->entry)) {
    const std::size_t slot = record == nullptr ? judge.ledger().number(where) : first;
    judge.report("pte-without-entry", page, name(where) + " maps pfn " + number(pfn) + ", no entry",
                 judge.ledger().entries[slot].stored_in.text());
    return;
  }
  const bool hole = kernel::dax_is_zero_entry(record->entry);
  const std::uint64_t into =
      kernel::dax_is_pmd_entry(record->entry) && !hole ? judge.ledger().number(where) - first : 0;
  const std::uint64_t named = kernel::dax_to_pfn(record->entry) + into;
  if (named != pfn)
    judge.report("pte-entry-mismatch", page,
                 name(where) + " maps pfn " + number(pfn) + ", its entry names pfn " + number(named),
                 record->stored_in.text());
  const auto& mapping = judge.machine().inodes[where.file].i_mapping;
  if (pte.write && (mapping.i_pages.slot(where.page).marks & kernel::PAGECACHE_TAG_DIRTY) == 0)
    judge.report("writable-pte-of-clean-entry", page,
                 name(where) + " may be written, its entry is not marked dirty",
                 record->stored_in.text());
}

}  // namespace

void check_anon(Judge& judge, std::uint64_t pfn) {
  // Where rmap never sees DAX pages, and of ordinary memory, that is as it should be.
  if (!modes::mappings_hold(judge.machine().protocol) || kernel::pfn_is_anon(pfn)) return;
  const std::uint64_t word = kernel::pfn_page(pfn)->mapping.peek();
  if ((word & kernel::PAGE_MAPPING_ANON) != 0)
    judge.report("dax-folio-looks-anon", static_cast<std::int64_t>(pfn), "mapping " + number(word));
}

void check_place(Judge& judge, kernel::PteAt at, const PteRecord& pte) {
  const kernel::mm_struct* mm = &judge.machine().mms[at.mm];
  for (const kernel::vm_area_struct& vma : judge.machine().vmas)
    if (vma.vm_mm.peek() == mm && vma.start() <= at.address && at.address + pte.pages <= vma.end()) return;
  judge.report("pte-outside-vma", static_cast<std::int64_t>(pte.pfn),
               name(pte.where) + " is mapped where process " + number(at.mm) + " has no mapping");
}

void check_association_quiescent(Judge& judge) {
  Ledger& ledger = judge.ledger();
  std::array<std::uint64_t, trace::kFilesMax> covered{};
  for (std::size_t i = 0; i < ledger.entries.size(); i++) {
    const EntryRecord& record = ledger.entries[i];
    if (record.entry == 0) continue;
    covered[ledger.file_page(i).file] += record.pages;
    if (kernel::dax_is_real_entry(record.entry)) check_entry(judge, ledger.file_page(i), record);
  }
  for (const kernel::folio& page : judge.machine().pages) {
    if (untouched(judge, page)) continue;  // most are
    check_page(judge, page);
    check_untracked(judge, page);
  }
  ledger.each_pte([&](const PteRecord& pte) {
    if (kernel::pfn_is_anon(pte.pfn)) return;
    for (std::uint64_t i = 0; i < pte.pages; i++) check_pte(judge, pte, i);
  });
  for (std::size_t file = 0; file < covered.size(); file++) {
    const std::uint64_t nrpages = judge.machine().inodes[file].i_mapping.nrpages;
    if (nrpages != covered[file])
      judge.report("nrpages-mismatch", -1,
                   "nrpages " + number(nrpages) + ", indices " + number(covered[file]), "quiescence");
  }
}

}  // namespace daxfuzz::oracle
