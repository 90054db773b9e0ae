// SPDX-License-Identifier: GPL-2.0-only
// struct page / struct folio as fs-dax uses them, order 0: the counts, and the
// mapping word with its flag bits and the word that `index` and `share` both
// live in. Storage that the kernel overlays is overlaid here.
// Read next: memremap.h (what the last put does), dax_association.cc.
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

struct folio {
  std::uint64_t pfn = 0;
  sched::Atomic<int> _refcount;
  sched::Atomic<int> _mapcount;           // number of PTEs (the kernel keeps it minus one)
  sched::Plain<std::uint64_t> mapping;    // mapping_word(), or flag bits; 0 is NULL
  sched::Plain<std::uint64_t> index;      // union with share: one word, two names
  sched::SpinLock lock{"folio_lock"};     // PG_locked: fs-dax takes it nowhere, fixes/ does

  // The other name of the union's word.
  [[nodiscard]] sched::Plain<std::uint64_t>& share() { return index; }
  [[nodiscard]] const sched::Plain<std::uint64_t>& share() const { return index; }
};

// The address of an address_space as the mapping word holds it: 8-aligned, as
// kmalloc aligns, and the same in every run.
std::uint64_t mapping_word(const address_space* mapping);

folio* pfn_folio(std::uint64_t pfn);  // of the zero page too

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

// mm/rmap.c: one PTE more or less maps the page.
void folio_add_file_rmap_pte(folio* folio);
void folio_remove_rmap_pte(folio* folio);

}  // namespace daxfuzz::kernel
