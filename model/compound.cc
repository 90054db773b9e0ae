// SPDX-License-Identifier: GPL-2.0-only
// Heads and tails: how the pages of a PMD become one folio, and single pages again.
// Only protocols whose PMD entries are folios (pmd_folio) ever do; with the others each
// page stays its own and nothing here is a step.
// Source: mm/page_alloc.c, mm/internal.h, Linux 6.12. See folio.h.
#include "model/world.h"

namespace daxfuzz::kernel {

folio* page_folio_peek(folio* page) {
  const std::uint64_t head = page->compound_head.peek();
  return head == 0 ? page : pfn_page(head);
}

unsigned folio_order_peek(const folio* folio) {
  return folio->head.peek() ? folio->_order.peek() : 0;
}

folio* page_folio(folio* page) {
  if (!protocol().pmd_folio) return page;
  const std::uint64_t head = page->compound_head.read_once("compound_head_read");
  return head == 0 ? page : pfn_page(head);
}

bool folio_test_large(const folio* folio) {
  if (is_huge_zero_pfn(folio->pfn)) return true;  // with every protocol, and for good
  return protocol().pmd_folio && folio->head.read_once("head_flag_read");
}

unsigned folio_order(const folio* folio) {
  return folio_test_large(folio) ? folio->_order.load("order_load") : 0;
}

// Port of prep_compound_page(), mm/page_alloc.c, Linux 6.12.
// Differs: the words of the first tail page that the head's counts overlay are the head's
// own here; that page's mapping and index are set as they would read.
// Yields: before each store.
void prep_compound_page(folio* head, unsigned order) {
  CHECK(protocol().pmd_folio && order > 0);
  head->head.store(true, "head_flag_store");
  for (std::uint64_t i = 1; i < std::uint64_t{1} << order; i++) {
    folio* tail = pfn_page(head->pfn + i);
    tail->mapping.store(TAIL_MAPPING, "mapping_store");
    tail->compound_head.store(head->pfn, "compound_head_store");
  }
  head->_order.store(static_cast<std::uint8_t>(order), "order_store");
  folio* first_tail = pfn_page(head->pfn + 1);
  first_tail->index.store(std::uint64_t{1} << order, "nr_pages_store");
  first_tail->mapping.store(0, "nr_pages_mapped_store");
  head->_mapcount.set(0, "mapcount_set");
  head->_pincount.set(0, "pincount_set");
}

void folio_reset_order(folio* head) {
  CHECK(head->compound_head.peek() == 0);
  head->_order.store(0, "order_store");
  pfn_page(head->pfn + 1)->index.store(0, "nr_pages_store");
}

void clear_compound_page(folio* page) {
  CHECK(pfn_is_pmem(page->pfn));
  page->head.store_mb(false, "head_flag_store");  // clear_bit()
  page->compound_head.store(0, "compound_head_store");
}

}  // namespace daxfuzz::kernel
