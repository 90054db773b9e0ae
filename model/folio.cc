// SPDX-License-Identifier: GPL-2.0-only
// Counts of a page: every change is a step, and is told to the observer.
#include "model/folio.h"

#include "model/memremap.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

void counted(const folio* folio) { world().observer.count_changed(folio->pfn); }

}  // namespace

std::uint64_t mapping_word(const address_space* mapping) {
  return 0x1000u + 8u * mapping->host->i_ino;
}

folio* pfn_page(std::uint64_t pfn) {
  if (is_zero_pfn(pfn)) return &world().zero_page;
  if (is_huge_zero_pfn(pfn)) return &world().huge_zero_folio;
  if (pfn >= kAnonPfn) return &world().anon_pages[pfn - kAnonPfn];
  const std::uint64_t block = pfn_to_block(pfn);
  CHECK(block < world().pages.size());
  return &world().pages[block];
}

int folio_ref_count(const folio* folio) { return folio->_refcount.read("ref_read"); }
int folio_mapcount(const folio* folio) { return folio->_mapcount.read("mapcount_read"); }

// Port of folio_test_anon(), include/linux/page-flags.h, Linux 6.12.
// Differs: nothing.
// Yields: before the plain load of folio->mapping.
bool folio_test_anon(const folio* folio) {
  return (folio->mapping.load("mapping_load") & PAGE_MAPPING_ANON) != 0;
}

void folio_ref_inc(folio* folio) {
  (void)folio->_refcount.add_return(1, "ref_inc");
  counted(folio);
}

void folio_ref_add(folio* folio, int refs) {
  (void)folio->_refcount.add_return(refs, "ref_add");
  counted(folio);
}

bool folio_ref_add_unless_zero(folio* folio, int refs) {
  const bool added = folio->_refcount.add_unless(refs, 0, "ref_try_add");
  counted(folio);
  return added;
}

// Port of folio_get(), include/linux/mm.h, Linux 6.12.
// Differs: nothing.
// Yields: before the increment.
void folio_get(folio* folio) {
  folio_ref_inc(folio);
}

void folio_put(folio* folio) { folio_put_refs(folio, 1); }

// Port of folios_put_refs(), mm/swap.c, Linux 6.12: its zone-device branch, one folio.
// Differs: one folio a call; which decrement frees or wakes is the protocol's.
// Yields: before the decrement; in the free path and the wake-up.
void folio_put_refs(folio* folio, int refs) {
  const int left = folio->_refcount.sub_return(refs, "ref_put");
  counted(folio);
  // The zero pages are never freed; ordinary memory with a count of zero is free.
  if (!pfn_is_pmem(folio->pfn)) return;
  if (put_devmap_managed_folio_refs(folio, left)) return;
  if (left == 0) free_zone_device_folio(folio);
}

void folio_set_mapping(folio* folio, std::uint64_t word) {
  folio->mapping.store(word, "mapping_store");
  world().observer.association_changed(folio->pfn);
}

void folio_set_index(folio* folio, std::uint64_t value) {
  folio->index.store(value, "index_store");
  world().observer.association_changed(folio->pfn);
}

// Port of folio_add_file_rmap_ptes(), mm/rmap.c, Linux 6.16, and folio_add_file_rmap_pmd():
// a large folio's _large_mapcount.
// Differs: one count for both; statistics are not kept.
// Yields: before the increment.
void folio_add_file_rmap(folio* folio) {
  (void)folio->_mapcount.add_return(1, "mapcount_inc");
}

// Port of folio_remove_rmap_ptes(), mm/rmap.c, Linux 6.16.
// Differs: as folio_add_file_rmap_ptes().
// Yields: before the decrement.
void folio_remove_rmap(folio* folio, int mappings) {
  const int left = folio->_mapcount.sub_return(mappings, "mapcount_dec");
  WARN_ON_ONCE(left < 0, "warn-mapcount-underflow", folio->pfn);
}

// Port of folio_remove_rmap_pmd(), mm/rmap.c, Linux 7.3, with __folio_remove_rmap(). It does not ask
// whether the folio is large still: where it was reset under the mapping, the counts that go down
// lie in its second page, _entire_mapcount in mapping and _mm_id_mapcount[0] in index.
// Differs: as folio_add_file_rmap_ptes(); of the counts of two processes it is the first one's.
// Yields: before the decrement and each store.
void folio_remove_rmap_pmd(folio* folio) {
  folio_remove_rmap(folio, 1);
  if (!protocol().pmd_folio || folio->head.peek()) return;
  CHECK(folio->compound_head.peek() == 0);
  struct folio* second = pfn_page(folio->pfn + 1);
  constexpr std::uint64_t kInt = 0xffffffff;
  const auto with = [](std::uint64_t word, std::uint64_t low) { return (word & ~kInt) | (low & kInt); };
  const std::uint64_t mapping = second->mapping.peek(), index = second->index.peek();
  folio_set_mapping(second, with(mapping, mapping - 1));
  const bool underflows = static_cast<std::int32_t>(index & kInt) <= 0;
  folio_set_index(second, with(index, underflows ? kInt : index - 1));
}

}  // namespace daxfuzz::kernel
