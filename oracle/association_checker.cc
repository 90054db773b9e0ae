// SPDX-License-Identifier: GPL-2.0-only
// Entries, pages, page tables and forks agree between operations. Association and
// share are promises of every protocol, v1 included: what it deletes is what others
// (rmap, memory failure) rely on. Counting owners is a promise only where the protocol
// counts them.
#include "model/dax.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

using kernel::FilePage;

std::int64_t pfn_of(std::uint64_t entry) { return static_cast<std::int64_t>(kernel::dax_to_pfn(entry)); }

// The entry's page names the entry's file and index, or says that it is shared. Whose
// fault: of the function that acted last, on the entry or on the page.
void check_entry(Judge& judge, FilePage where, std::uint64_t entry) {
  const EntryRecord& record = judge.ledger().entries[number(where)];
  const PageRecord& page = judge.ledger().page(kernel::dax_to_pfn(entry));
  const kernel::World& machine = judge.machine();
  const std::uint64_t pfn = kernel::dax_to_pfn(entry);
  const kernel::folio& folio = *kernel::pfn_folio(pfn);
  const std::uint64_t word = folio.mapping.peek(), index = folio.index.peek();
  const bool mine =
      word == kernel::mapping_word(&machine.inodes[where.file].i_mapping) && index == where.page;
  if (!mine && !kernel::dax_folio_is_shared(word, index))
    judge.report("entry-without-association", pfn_of(entry),
                 "entry " + name(where) + ", but mapping " + std::to_string(word) + " index " +
                     std::to_string(index),
                 (record.stored_at > page.associated_at ? record.stored_in : page.associated_in).text());
  const std::uint64_t block = machine.inodes[where.file].data_fork[where.page];
  if (block == kernel::HOLESTARTBLOCK || kernel::block_to_pfn(block) != pfn)
    judge.report("stale-entry", pfn_of(entry),
                 "entry " + name(where) + " names pfn " + std::to_string(pfn) + ", the file has " +
                     (block == kernel::HOLESTARTBLOCK
                          ? std::string("a hole")
                          : "pfn " + std::to_string(kernel::block_to_pfn(block))),
                 record.stored_in.text());
}

// The other direction: association and share count of a page.
void check_page(Judge& judge, std::uint64_t pfn) {
  if (judge.machine().protocol.share == kernel::Share::none) return;
  const kernel::folio& folio = *kernel::pfn_folio(pfn);
  const std::uint64_t word = folio.mapping.peek(), share = folio.share().peek();
  const int entries = judge.ledger().page(pfn).tracked;
  const char* function = judge.ledger().page(pfn).associated_in.text();
  const bool shared = kernel::dax_folio_is_shared(word, share);
  if (word != 0 && entries == 0)
    judge.report("association-without-entry", static_cast<std::int64_t>(pfn),
                 "mapping " + std::to_string(word) + ", no entry", function);
  // With null_mapping an untracked page may keep a stale index that reads as a
  // share count; that is harmless until the page is tracked again.
  const auto counted = static_cast<int>(share);
  if (entries != 0 && shared && counted != entries)
    judge.report("share-count-mismatch", static_cast<std::int64_t>(pfn),
                 "share " + std::to_string(counted) + ", entries " + std::to_string(entries),
                 function);
  if (!shared && entries > 1)
    judge.report("share-count-mismatch", static_cast<std::int64_t>(pfn),
                 "not shared, entries " + std::to_string(entries), function);
}

void check_pte(Judge& judge, const PteRecord& pte) {
  const EntryRecord& record = judge.ledger().entries[number(pte.where)];
  const std::uint64_t entry = record.entry;
  const auto pfn = static_cast<std::int64_t>(pte.pfn);
  const char* function = record.stored_in.text();
  if (entry == 0 || kernel::dax_is_empty_entry(entry))
    judge.report("pte-without-entry", pfn,
                 name(pte.where) + " maps pfn " + std::to_string(pfn) + ", no entry", function);
  else if (kernel::dax_to_pfn(entry) != pte.pfn)
    judge.report("pte-entry-mismatch", pfn,
                 name(pte.where) + " maps pfn " + std::to_string(pfn) + ", its entry names pfn " +
                     std::to_string(kernel::dax_to_pfn(entry)),
                 function);
  const auto& mapping = judge.machine().inodes[pte.where.file].i_mapping;
  if (pte.write && (mapping.i_pages.slot(pte.where.page).marks & kernel::PAGECACHE_TAG_DIRTY) == 0)
    judge.report("writable-pte-of-clean-entry", pfn,
                 name(pte.where) + " may be written, its entry is not marked dirty", function);
}

}  // namespace

void check_anon(Judge& judge, std::uint64_t pfn) {
  if (!judge.machine().protocol.mapping_holds_ref) return;  // rmap never sees the page
  const std::uint64_t word = kernel::pfn_folio(pfn)->mapping.peek();
  if ((word & kernel::PAGE_MAPPING_ANON) != 0)
    judge.report("dax-folio-looks-anon", static_cast<std::int64_t>(pfn),
                 "mapping " + std::to_string(word));
}

void check_association_quiescent(Judge& judge) {
  std::array<std::uint64_t, trace::kFilesMax> entries{};
  for (std::size_t i = 0; i < kFilePageCount; i++) {
    const std::uint64_t entry = judge.ledger().entries[i].entry;
    if (entry == 0) continue;
    entries[file_page(i).file]++;
    if (kernel::dax_is_real_entry(entry)) check_entry(judge, file_page(i), entry);
  }
  for (std::uint64_t block = 0; block < judge.machine().geometry.blocks; block++)
    check_page(judge, kernel::block_to_pfn(block));
  for (const PteRecord& pte : judge.ledger().ptes)
    if (pte.present) check_pte(judge, pte);
  for (std::size_t file = 0; file < entries.size(); file++) {
    const std::uint64_t nrpages = judge.machine().inodes[file].i_mapping.nrpages;
    if (nrpages != entries[file])
      judge.report("nrpages-mismatch", -1,
                   "nrpages " + std::to_string(nrpages) + ", entries " +
                       std::to_string(entries[file]),
                   "quiescence");
  }
}

}  // namespace daxfuzz::oracle
