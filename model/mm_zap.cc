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
folio* vm_normal_page(pte_t pte) { return pte_special(pte) ? nullptr : pfn_page(pte_pfn(pte)); }

// Port of should_zap_folio(), mm/memory.c, Linux 6.12.
// Differs: nothing.
// Yields: in folio_test_anon().
bool should_zap_folio(bool even_cows, const folio* folio) {
  if (even_cows) return true;
  return !folio_test_anon(folio);
}

// Port of folio_pte_batch(), mm/internal.h, Linux 6.12: how many PTEs from `address` on map
// the next pages of the same large folio.
// Differs: access bits are absent, and whether a PTE is writable does not matter, as there.
// Yields: nowhere.
std::uint64_t folio_pte_batch(const folio* folio, const mm_struct& mm, std::uint64_t address,
                              std::uint64_t end) {
  const std::uint64_t pfn = pte_pfn(mm.ptes[address].peek());
  const std::uint64_t folio_end = folio->pfn + (1ull << folio_order_peek(folio));
  const std::uint64_t most = std::min(end - address, folio_end - pfn);
  std::uint64_t nr = 1;
  while (nr < most && !pte_none(mm.ptes[address + nr].peek()) &&
         pte_pfn(mm.ptes[address + nr].peek()) == pfn + nr)
    nr++;
  return nr;
}

// Port of zap_present_ptes(), mm/memory.c, Linux 6.12, with zap_present_folio_ptes(): how
// many PTEs it took; *dirty: one was dirty, which forces a flush.
// Differs: rss and accessed bits are absent; a dirty PTE is a writable one.
// Yields: in the looks at the page, before each PTE is cleared and before the mapcount goes.
std::uint64_t zap_present_ptes(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address,
                               std::uint64_t end, bool even_cows, bool* dirty) {
  mm_struct& mm = *vma.vm_mm.peek();
  folio* page = vm_normal_page(mm.ptes[address].peek());
  folio* folio = page == nullptr ? nullptr : page_folio(page);
  if (folio != nullptr && !should_zap_folio(even_cows, folio)) return 1;
  const bool large = folio != nullptr && folio_test_large(folio);
  const std::uint64_t nr = large ? folio_pte_batch(folio, mm, address, end) : 1;
  bool delay_rmap = false;
  for (std::uint64_t i = 0; i < nr; i++) {
    delay_rmap |= folio != nullptr && pte_write(mm.ptes[address + i].peek());
    mm.ptes[address + i].store_mb(0, "pte_clear");  // xchg, arch/x86: native_ptep_get_and_clear()
    world().observer.pte_cleared(pte_at(vma, address + i));
  }
  if (folio == nullptr) return nr;
  if (!delay_rmap) folio_remove_rmap(folio, static_cast<int>(nr));
  tlb_remove_folio(tlb, folio, static_cast<int>(nr), delay_rmap);
  *dirty |= delay_rmap;
  return nr;
}

// Port of tlb_flush_rmaps(), mm/mmu_gather.c, Linux 6.12.
// Differs: nothing.
// Yields: before each mapcount goes.
void tlb_flush_rmaps(mmu_gather& tlb) {
  for (mmu_gather::Batch& batch : tlb.batches) {
    if (batch.delay_rmap) folio_remove_rmap(batch.folio, batch.refs);
    batch.delay_rmap = false;
  }
}

// Port of tlb_batch_pages_flush(), mm/mmu_gather.c, Linux 6.12, with
// free_pages_and_swap_cache(): what was batched of one folio is put with one decrement.
// Differs: nothing.
// Yields: in every put.
void tlb_batch_pages_flush(mmu_gather& tlb) {
  for (const mmu_gather::Batch& batch : tlb.batches) folio_put_refs(batch.folio, batch.refs);
  const sched::HarnessScope scope;  // the batch is this task's own
  tlb.batches.clear();
}

// Port of zap_pte_range(), mm/memory.c, Linux 6.12 and 7.3: the part of a range that one page
// table maps. From 6.14 on a page table that is empty now may go, before the flush.
// Differs: the page table lock is not dropped between two PTEs to reschedule, and it is the PMD's, too.
// Yields: on the lock, at every PTE, and in the flush that a dirty PTE forces.
void zap_pte_range(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address, std::uint64_t end,
                   zap_details details) {
  mm_struct& mm = *vma.vm_mm.peek();
  sched::Plain<pmd_t>& pmd = mm.pmd(address);
  bool force_flush = false;
  mm.page_table_lock.lock();
  if (pmd_none(pmd.peek()) || pmd_leaf(pmd.peek())) {  // pte_offset_map_lock() fails
    mm.page_table_lock.unlock();
    return;
  }
  for (std::uint64_t a = address; a < end;)  // PTEs are stable under the lock
    a += pte_none(mm.ptes[a].peek()) ? 1
                                     : zap_present_ptes(tlb, vma, a, end, details.even_cows, &force_flush);
  if (details.reclaim_pt && end - address == pmd_pages(world().geometry)) pmd.store(0, "pmd_clear");
  if (force_flush) {
    sched::yield_point("tlb_flush");
    sched::smp_mb();  // arch/x86: inc_mm_tlb_gen()
    tlb_flush_rmaps(tlb);
  }
  mm.page_table_lock.unlock();
  if (force_flush) tlb_batch_pages_flush(tlb);
}

// Port of zap_pmd_range(), mm/memory.c, Linux 6.12: one PMD.
// Differs: nothing.
// Yields: before the PMD is read, in the split and the zaps.
void zap_pmd(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address, std::uint64_t end,
             zap_details details) {
  sched::Plain<pmd_t>& slot = vma.vm_mm.peek()->pmd(address);
  pmd_t pmd = slot.read_once("pmd_read");
  if (pmd_leaf(pmd)) {
    if (end - address != pmd_pages(world().geometry))
      split_huge_pmd(vma, address);
    else if (zap_huge_pmd(tlb, vma, address))
      return;
    pmd = slot.read_once("pmd_read");
  }
  if (pmd_none(pmd) || pmd_leaf(pmd)) return;
  zap_pte_range(tlb, vma, address, end, details);
}

}  // namespace

std::uint64_t pmd_addr_end(std::uint64_t address, std::uint64_t end) {
  const std::uint64_t pages = pmd_pages(world().geometry);
  return std::min((address & ~(pages - 1)) + pages, end);
}

mmu_gather::mmu_gather()
    : batches(world().tlb_batches[std::min<std::size_t>(sched::Scheduler::current_task(),
                                                        sched::kTasksMax)]) {
  CHECK(batches.empty());
}

void tlb_remove_folio(mmu_gather& tlb, folio* folio, int refs, bool delay_rmap) {
  CHECK(refs > 0);
  const sched::HarnessScope scope;  // the batch is this task's own
  tlb.batches.push_back({folio, refs, delay_rmap});
}

FilePage file_page(const vm_area_struct& vma, std::uint64_t address) {
  return {vma.vm_file.peek()->i_ino, static_cast<std::uint16_t>(vma.pgoff_of(address))};
}

PteAt pte_at(const vm_area_struct& vma, std::uint64_t address) {
  return {vma.vm_mm.peek()->id, static_cast<std::uint16_t>(address), file_page(vma, address)};
}

// Port of unmap_vmas(), mm/memory.c, Linux 6.12, of one VMA: unmap_page_range().
// Differs: nothing.
// Yields: in zap_pmd_range().
void unmap_vmas(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address, std::uint64_t pages,
                zap_details details) {
  const std::uint64_t end = address + pages;
  CHECK(address >= vma.start() && end <= vma.end());
  for (std::uint64_t a = address, next = a; a < end; a = next) {
    next = pmd_addr_end(a, end);
    zap_pmd(tlb, vma, a, next, details);
  }
}

// Port of tlb_finish_mmu(), mm/mmu_gather.c, Linux 6.12.
// Differs: the flush itself has no effect: user accesses look at PTEs, not at a TLB.
// Yields: at the flush, and in every put.
void tlb_finish_mmu(mmu_gather& tlb) {
  if (tlb.batches.empty()) return;
  Function function("tlb_finish_mmu", static_cast<std::int64_t>(tlb.batches.size()));
  sched::yield_point("tlb_flush");
  sched::smp_mb();  // arch/x86: inc_mm_tlb_gen()
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
    unmap_vmas(tlb, vma, vma.start() + (zba - vba), zea - zba + 1, {.even_cows = even_cows, .reclaim_pt = false});
    tlb_finish_mmu(tlb);
  }
  mapping.i_mmap_rwsem.up_read();
}

// Port of pfn_mkclean_range(), mm/rmap.c, Linux 6.12, with page_vma_mkclean_one().
// Differs: the dirty bit is the write bit; the TLB flush is a PMD's or PTE's own.
// Yields: before each PMD is read, on the page table lock and before an entry changes.
void pfn_mkclean_range(std::uint64_t pfn, std::uint64_t nr, std::uint64_t pgoff,
                       vm_area_struct& vma) {
  mm_struct& mm = *vma.vm_mm.peek();
  const std::uint64_t vba = vma.vm_pgoff.peek(), vea = vba + vma.vm_pages.peek();
  const std::uint64_t first = std::max(pgoff, vba), last = std::min(pgoff + nr, vea);
  std::uint64_t next = 0;
  for (std::uint64_t a = vma.start() + first - vba; a < vma.start() + last - vba; a = next) {
    next = pmd_addr_end(a, vma.start() + last - vba);
    const pmd_t pmd = mm.pmd(a).read_once("pmd_read");
    if (pmd_none(pmd)) continue;
    mm.page_table_lock.lock();
    if (pmd_leaf(mm.pmd(a).peek())) {
      const pmd_t leaf = mm.pmd(a).peek();
      if (pte_pfn(leaf) == pfn && pte_write(leaf)) {
        mm.pmd(a).store_mb(leaf & ~PTE_WRITE, "pmd_wrprotect");  // xchg: pmdp_invalidate()
        world().observer.pte_set(pte_at(vma, a & ~(pmd_pages(world().geometry) - 1)), pfn, false,
                                 pmd_pages(world().geometry));
      }
    } else {
      for (std::uint64_t b = a; b < next; b++) {
        const pte_t pte = mm.ptes[b].peek();
        const std::uint64_t wanted = pfn + (vma.pgoff_of(b) - pgoff);
        if (pte_none(pte) || pte_pfn(pte) != wanted || !pte_write(pte)) continue;
        mm.ptes[b].store_mb(pte & ~PTE_WRITE, "pte_wrprotect");  // xchg: ptep_clear_flush()
        world().observer.pte_set(pte_at(vma, b), wanted, false, 1);
      }
    }
    mm.page_table_lock.unlock();
  }
}

}  // namespace daxfuzz::kernel
