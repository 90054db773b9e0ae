// SPDX-License-Identifier: GPL-2.0-only
// Taking PTEs away: under the page table lock the PTE and its mapcount go, the
// reference goes later, after the TLB flush. In between a page has one reference
// more than mappings although nobody pins it. A dirty PTE forces that flush before
// the lock is dropped, and its references go right after. See mm.h.
#include <algorithm>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of vm_normal_page(), mm/memory.c, Linux 6.12.
// Differs: special PTEs are those of uncounted pages: all of DAX where PTEs hold no
// reference (pte_devmap), else the zero page's.
// Yields: nowhere.
folio* vm_normal_page(pte_t pte) { return pte_special(pte) ? nullptr : pfn_folio(pte_pfn(pte)); }

// Port of should_zap_folio(), mm/memory.c, Linux 6.12.
// Differs: nothing.
// Yields: in folio_test_anon().
bool should_zap_folio(bool even_cows, const folio* folio) {
  if (even_cows) return true;
  return !folio_test_anon(folio);
}

// Port of zap_present_ptes(), mm/memory.c, Linux 6.12, with zap_present_folio_ptes():
// true if the PTE was dirty, which forces a flush.
// Differs: one PTE; rss and accessed bits are absent; a dirty PTE is a writable one.
// Yields: before the PTE is cleared and before the mapcount goes.
bool zap_present_pte(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address, pte_t pte,
                     bool even_cows) {
  folio* folio = vm_normal_page(pte);
  if (folio != nullptr && !should_zap_folio(even_cows, folio)) return false;
  vma.vm_mm.peek()->ptes[address].store(0, "pte_clear");
  world().observer.pte_cleared(pte_at(vma, address));
  if (folio == nullptr) return false;
  const bool dirty = pte_write(pte);
  if (!dirty) folio_remove_rmap_pte(folio);
  CHECK(tlb.nr < tlb.pages.size());
  tlb.pages[tlb.nr++] = {folio, dirty};
  return dirty;
}

// Port of tlb_flush_rmaps(), mm/mmu_gather.c, Linux 6.12.
// Differs: nothing.
// Yields: before each mapcount goes.
void tlb_flush_rmaps(mmu_gather& tlb) {
  for (std::size_t i = 0; i < tlb.nr; i++)
    if (tlb.pages[i].delay_rmap) folio_remove_rmap_pte(tlb.pages[i].folio);
}

// Port of tlb_batch_pages_flush(), mm/mmu_gather.c, Linux 6.12.
// Differs: nothing: order 0 pages are put one by one there too (folios_put_refs()).
// Yields: in every put.
void tlb_batch_pages_flush(mmu_gather& tlb) {
  for (std::size_t i = 0; i < tlb.nr; i++) folio_put(tlb.pages[i].folio);
  tlb.nr = 0;
}

}  // namespace

FilePage file_page(const vm_area_struct& vma, std::uint64_t address) {
  return {vma.vm_file.peek()->i_ino, static_cast<std::uint16_t>(vma.pgoff_of(address))};
}

PteAt pte_at(const vm_area_struct& vma, std::uint64_t address) {
  return {vma.vm_mm.peek()->id, static_cast<std::uint16_t>(address), file_page(vma, address)};
}

// Port of unmap_vmas(), mm/memory.c, Linux 6.12: zap_pte_range() of one VMA.
// Differs: one page table lock an address space, taken once a range (there it may be
// dropped between two PTEs to reschedule).
// Yields: on the lock, at every PTE, and in the flush that a dirty PTE forces.
void unmap_vmas(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address, std::uint64_t pages,
                bool even_cows) {
  mm_struct& mm = *vma.vm_mm.peek();
  bool force_flush = false;
  mm.page_table_lock.lock();
  for (std::uint64_t a = address; a < address + pages; a++) {
    const pte_t pte = mm.ptes[a].peek();  // stable: under the lock
    if (!pte_none(pte)) force_flush |= zap_present_pte(tlb, vma, a, pte, even_cows);
  }
  if (force_flush) {
    sched::yield_point("tlb_flush");
    tlb_flush_rmaps(tlb);
  }
  mm.page_table_lock.unlock();
  if (force_flush) tlb_batch_pages_flush(tlb);
}

// Port of tlb_finish_mmu(), mm/mmu_gather.c, Linux 6.12.
// Differs: the flush itself has no effect: user accesses look at PTEs, not at a TLB.
// Yields: at the flush, and in every put.
void tlb_finish_mmu(mmu_gather& tlb) {
  if (tlb.nr == 0) return;
  Function function("tlb_finish_mmu", static_cast<std::int64_t>(tlb.nr));
  sched::yield_point("tlb_flush");
  tlb_batch_pages_flush(tlb);
}

// Port of unmap_mapping_pages(), mm/memory.c, Linux 6.12.
// Differs: the VMAs of a file are a list, in the order of their slots.
// Yields: on i_mmap_rwsem, and in the zap of each VMA, which puts its own references.
void unmap_mapping_pages(address_space& mapping, std::uint64_t start, std::uint64_t nr,
                         bool even_cows) {
  Function function("unmap_mapping_pages", mapping.host->i_ino, static_cast<std::int64_t>(start),
                    static_cast<std::int64_t>(nr));
  std::uint64_t last = start + nr - 1;
  if (last < start) last = UINT64_MAX;
  mapping.i_mmap_rwsem.down_read();
  for (vm_area_struct& vma : world().vmas) {
    if (!mapping.has_vma(vma)) continue;
    const std::uint64_t vba = vma.vm_pgoff.peek(), vea = vba + vma.vm_pages.peek() - 1;
    const std::uint64_t zba = std::max(start, vba), zea = std::min(last, vea);
    if (zba > zea) continue;
    mmu_gather tlb;
    unmap_vmas(tlb, vma, vma.vm_start() + (zba - vba), zea - zba + 1, even_cows);
    tlb_finish_mmu(tlb);
  }
  mapping.i_mmap_rwsem.up_read();
}

// Port of pfn_mkclean_range(), mm/rmap.c, Linux 6.12.
// Differs: one page; the dirty bit is the write bit.
// Yields: on the page table lock and before the PTE changes.
void pfn_mkclean_range(std::uint64_t pfn, std::uint64_t pgoff, vm_area_struct& vma) {
  mm_struct& mm = *vma.vm_mm.peek();
  const std::uint64_t address = vma.vm_start() + (pgoff - vma.vm_pgoff.peek());
  mm.page_table_lock.lock();
  const pte_t pte = mm.ptes[address].peek();
  if (!pte_none(pte) && pte_pfn(pte) == pfn && pte_write(pte)) {
    mm.ptes[address].store(pte & ~PTE_WRITE, "pte_wrprotect");
    world().observer.pte_set(pte_at(vma, address), pfn, false);
  }
  mm.page_table_lock.unlock();
}

}  // namespace daxfuzz::kernel
