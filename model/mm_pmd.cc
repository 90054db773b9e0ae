// SPDX-License-Identifier: GPL-2.0-only
// Leaf PMDs: inserting, zapping, splitting. A file's PMD is never split into PTEs, it is
// zapped, and the PTEs come back by faults. See mm.h.
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

void set_pmd(vm_fault& vmf, pmd_t pmd, sched::Label at) {
  const std::uint64_t pages = pmd_pages(world().geometry);
  vmf.pmd().store(pmd, at);
  world().observer.pte_set(pte_at(*vmf.vma, vmf.address & ~(pages - 1)), pte_pfn(pmd),
                           pte_write(pmd), pages);
}

pmd_t clear_pmd(vm_area_struct& vma, std::uint64_t address) {
  sched::Plain<pmd_t>& slot = vma.vm_mm.peek()->pmd(address);
  const pmd_t before = slot.peek();  // stable: under the lock
  CHECK(pmd_leaf(before));
  slot.store_mb(0, "pmd_clear");  // xchg, arch/x86: native_pmdp_get_and_clear()
  world().observer.pte_cleared(pte_at(vma, address & ~(pmd_pages(world().geometry) - 1)));
  return before;
}

// Where a write fault finds another PMD: it may be a page table, which maps no page.
void warn_unless_huge_zero(pmd_t before) {
  WARN_ON_ONCE(!is_huge_zero_pfn(pte_pfn(before)), "warn-insert-over-other-pfn",
               pmd_leaf(before) ? pte_pfn(before) : Observer::kNoPage);
}

// Port of insert_pfn_pmd(), mm/huge_memory.c, Linux 6.12: vmf_insert_pfn_pmd().
// Differs: no page table is deposited (x86-64 needs none for a file).
// Yields: on the page table lock and before the PMD changes.
void insert_pfn_pmd(vm_fault& vmf, std::uint64_t pfn, bool write) {
  sched::SpinLock& ptl = vmf.mm().page_table_lock;
  ptl.lock();
  const pmd_t before = vmf.pmd().peek();
  if (pmd_none(before)) {
    set_pmd(vmf, mk_pmd_leaf(pfn, PTE_SPECIAL | (write ? PTE_WRITE : 0)), "pmd_set");
  } else if (write) {
    if (pte_pfn(before) == pfn)
      set_pmd(vmf, before | PTE_WRITE, "pmd_mkwrite");
    else
      warn_unless_huge_zero(before);
  }
  ptl.unlock();
}

// Port of vmf_insert_folio_pmd(), mm/huge_memory.c, Linux 6.16 (v1: dax_insert_pfn_pmd()).
// Differs: as insert_pfn_pmd().
// Yields: in the look at the order, on the page table lock and before each change.
vm_fault_t vmf_insert_folio_pmd(vm_fault& vmf, folio* folio, bool write) {
  Function function("vmf_insert_folio_pmd", static_cast<std::int64_t>(vmf.address),
                    static_cast<std::int64_t>(folio->pfn), write);
  if (WARN_ON_ONCE(folio_order(folio) != world().geometry.pmd_order, "warn-pmd-of-small-folio",
                   folio->pfn))
    return function.ret(VM_FAULT_SIGBUS);
  sched::SpinLock& ptl = vmf.mm().page_table_lock;
  ptl.lock();
  const pmd_t before = vmf.pmd().peek();
  if (pmd_none(before)) {
    folio_get(folio);
    folio_add_file_rmap(folio);
    set_pmd(vmf, mk_pmd_leaf(folio->pfn, write ? PTE_WRITE : 0), "pmd_set");
  } else if (write) {
    if (pte_pfn(before) == folio->pfn)
      set_pmd(vmf, before | PTE_WRITE, "pmd_mkwrite");
    else
      warn_unless_huge_zero(before);
  }
  ptl.unlock();
  return function.ret(VM_FAULT_NOPAGE);
}

}  // namespace

// Port of vmf_insert_pfn_pmd(), mm/huge_memory.c, Linux 6.12.
// Differs: the caller has seen that the PMD lies within the VMA.
// Yields: in insert_pfn_pmd() or vmf_insert_folio_pmd().
vm_fault_t vmf_insert_pmd(vm_fault& vmf, std::uint64_t pfn, bool write) {
  if (protocol().mapping_holds_ref)
    return vmf_insert_folio_pmd(vmf, page_folio(pfn_page(pfn)), write);
  Function function("vmf_insert_pfn_pmd", static_cast<std::int64_t>(vmf.address),
                    static_cast<std::int64_t>(pfn), write);
  insert_pfn_pmd(vmf, pfn, write);
  return function.ret(VM_FAULT_NOPAGE);
}

bool insert_huge_zero_pmd(vm_fault& vmf) {
  sched::SpinLock& ptl = vmf.mm().page_table_lock;
  ptl.lock();
  const bool none = pmd_none(vmf.pmd().peek());
  if (none) set_pmd(vmf, mk_pmd_leaf(kHugeZeroPfn, 0), "pmd_set");
  ptl.unlock();
  return none;
}

folio* vm_normal_folio_pmd(pmd_t pmd) {
  const bool counted = !pte_special(pmd) && !is_huge_zero_pfn(pte_pfn(pmd));
  return counted ? pfn_page(pte_pfn(pmd)) : nullptr;
}

// Port of zap_huge_pmd(), mm/huge_memory.c, Linux 6.12 and 6.16.
// Differs: the mapcount of a huge page goes at once whether dirty or not, as there.
// Yields: on the page table lock, before the PMD is cleared and before the mapcount goes.
bool zap_huge_pmd(mmu_gather& tlb, vm_area_struct& vma, std::uint64_t address) {
  mm_struct& mm = *vma.vm_mm.peek();
  mm.page_table_lock.lock();
  if (!pmd_leaf(mm.pmd(address).peek())) {  // __pmd_trans_huge_lock()
    mm.page_table_lock.unlock();
    return false;
  }
  folio* folio = vm_normal_folio_pmd(clear_pmd(vma, address));
  if (folio != nullptr) folio_remove_rmap_pmd(folio);
  mm.page_table_lock.unlock();
  if (folio != nullptr) tlb_remove_folio(tlb, folio, 1, false);
  return true;
}

// Port of __split_huge_pmd_locked(), mm/huge_memory.c, Linux 6.12 and 6.16: the part for
// files.
// Differs: nothing.
// Yields: before the look; on the page table lock; before the PMD is cleared and each
// count goes.
void split_huge_pmd(vm_area_struct& vma, std::uint64_t address) {
  mm_struct& mm = *vma.vm_mm.peek();
  if (!pmd_leaf(mm.pmd(address).read_once("pmd_read"))) return;
  Function function("__split_huge_pmd", vma.slot, static_cast<std::int64_t>(address));
  mm.page_table_lock.lock();
  if (pmd_leaf(mm.pmd(address).peek())) {
    folio* folio = vm_normal_folio_pmd(clear_pmd(vma, address));  // and flushes the TLB
    if (folio != nullptr) {
      folio_remove_rmap_pmd(folio);
      folio_put(folio);
    }
  }
  mm.page_table_lock.unlock();
}

}  // namespace daxfuzz::kernel
