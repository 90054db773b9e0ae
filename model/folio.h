// SPDX-License-Identifier: GPL-2.0-only
// struct page / struct folio as fs-dax uses them: the counts, the mapping word with its
// flag bits, the word that `index` and `share` both live in, and what makes pages of a
// PMD one compound folio. Each pfn has one; a folio is its head page's. Storage that the
// kernel overlays is overlaid here.
// Read next: compound.cc (heads and tails), memremap.h (the last put), dax_association.cc.
#pragma once

#include <cstdint>

#include "sched/primitives.h"

namespace daxfuzz::kernel {

struct address_space;

// include/linux/page-flags.h: the low bits of folio->mapping.
inline constexpr std::uint64_t PAGE_MAPPING_ANON = 0x1;
inline constexpr std::uint64_t PAGE_MAPPING_MOVABLE = 0x2;
// The value that 6.2..6.14 store whole, and the bit that the review proposes.
inline constexpr std::uint64_t PAGE_MAPPING_DAX_SHARED_6_2 = 0x1;
inline constexpr std::uint64_t PAGE_MAPPING_DAX_SHARED_REVIEW = 0x4;
// include/linux/poison.h: what a tail page has for a mapping.
inline constexpr std::uint64_t TAIL_MAPPING = 0x400;

struct folio {
  std::uint64_t pfn = 0;
  sched::Atomic<int> _refcount;
  sched::Atomic<int> _mapcount;           // PTEs and PMDs that map it (the kernel keeps it minus one)
  sched::Plain<std::uint64_t> mapping;    // mapping_word(), or flag bits; 0 is NULL
  sched::Plain<std::uint64_t> index;      // union with share: one word, two names
  sched::Plain<bool> anon_exclusive;      // PG_anon_exclusive: one process maps it, or none
  // Of a head page. In the kernel they live in the first tail page: its `mapping` is
  // _nr_pages_mapped and _pincount, its `index` is _nr_pages (compound.cc); in 7.3 they are
  // _entire_mapcount and _pincount, and _mm_id_mapcount (folio_remove_rmap_pmd()).
  sched::Plain<bool> head;                // PG_head
  sched::Plain<std::uint8_t> _order;      // low byte of _flags_1
  sched::Atomic<int> _pincount;
  // Of a tail page: the head's pfn (compound_head, without its bit 0); 0 of any other.
  sched::Plain<std::uint64_t> compound_head;
  sched::SpinLock lock{"folio_lock"};     // PG_locked: fs-dax takes it nowhere, fixes/ does

  // The other name of the union's word.
  [[nodiscard]] sched::Plain<std::uint64_t>& share() { return index; }
  [[nodiscard]] const sched::Plain<std::uint64_t>& share() const { return index; }
};

// The address of an address_space as the mapping word holds it: 8-aligned, as
// kmalloc aligns, and the same in every run.
std::uint64_t mapping_word(const address_space* mapping);

folio* pfn_page(std::uint64_t pfn);  // the struct page of a pfn, of the zero pages too

// --- compound.cc: a step each where pages of a PMD are compound at all --------------
folio* page_folio(folio* page);               // its head
bool folio_test_large(const folio* folio);
unsigned folio_order(const folio* folio);
void prep_compound_page(folio* head, unsigned order);
// Back to order 0: clears one page's share of the compound state. The caller walks.
void folio_reset_order(folio* head);
void clear_compound_page(folio* page);
// For oracles and reports: no step.
folio* page_folio_peek(folio* page);
unsigned folio_order_peek(const folio* folio);

// --- folio.cc -----------------------------------------------------------------------
int folio_ref_count(const folio* folio);    // a step
int folio_mapcount(const folio* folio);     // a step
bool folio_test_anon(const folio* folio);   // a step
void folio_ref_inc(folio* folio);
void folio_ref_add(folio* folio, int refs);
bool folio_ref_add_unless_zero(folio* folio, int refs);
void folio_get(folio* folio);
void folio_put(folio* folio);
void folio_put_refs(folio* folio, int refs);
// folio->mapping = word / folio->index = word, told to the observer.
void folio_set_mapping(folio* folio, std::uint64_t word);
void folio_set_index(folio* folio, std::uint64_t value);

// mm/rmap.c: a PTE or PMD more maps the folio, or some fewer.
void folio_add_file_rmap(folio* folio);
void folio_remove_rmap(folio* folio, int mappings);
void folio_remove_rmap_pmd(folio* folio);

}  // namespace daxfuzz::kernel
