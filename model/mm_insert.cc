// SPDX-License-Identifier: GPL-2.0-only
// Putting a pfn into a page table at the end of a fault, in the two generations
// that DAX used: special PTEs without references, and counted page PTEs.
// See mm.h.
#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

void set_pte(vm_area_struct& vma, std::uint64_t address, pte_t pte, sched::Label at) {
  vma.vm_mm.peek()->ptes[address].store(pte, at);
  world().observer.pte_set(pte_at(vma, address), pte_pfn(pte), pte_write(pte), 1);
}

}  // namespace

// Port of __get_locked_pte(), mm/memory.c, Linux 6.12, with __pte_alloc(): false if there
// is no memory for a page table.
// Differs: one lock for PMDs and PTEs.
// Yields: before the PMD is read; on the page table lock; before the PMD changes.
bool get_locked_pte(vm_fault& vmf) {
  if (pmd_none(vmf.pmd().read_once("pmd_read")) && should_fail()) return false;
  vmf.mm().page_table_lock.lock();
  BUG_ON(pmd_leaf(vmf.pmd().peek()), "bug-pte-under-huge-pmd");  // walk_to_pmd()
  if (pmd_none(vmf.pmd().peek())) vmf.pmd().store(mk_pmd_table(), "pmd_populate");
  return true;
}

namespace {

// Port of insert_pfn(), mm/memory.c, Linux 6.12: vmf_insert_mixed[_mkwrite]().
// Differs: nothing that a count or a PTE shows.
// Yields: in get_locked_pte() and before the PTE changes.
vm_fault_t insert_pfn(vm_fault& vmf, std::uint64_t pfn, bool mkwrite) {
  Function function("insert_pfn", static_cast<std::int64_t>(vmf.address),
                    static_cast<std::int64_t>(pfn), mkwrite);
  if (!get_locked_pte(vmf)) return function.ret(VM_FAULT_OOM);
  mm_struct& mm = vmf.mm();
  const pte_t before = mm.ptes[vmf.address].peek();
  if (pte_none(before)) {
    set_pte(*vmf.vma, vmf.address, mk_pte(pfn, PTE_SPECIAL | (mkwrite ? PTE_WRITE : 0)),
            "pte_set");
  } else if (mkwrite) {
    if (pte_pfn(before) == pfn)
      set_pte(*vmf.vma, vmf.address, before | PTE_WRITE, "pte_mkwrite");
    else
      WARN_ON_ONCE(!is_zero_pfn(pte_pfn(before)), "warn-insert-over-other-pfn", pte_pfn(before));
  }
  mm.page_table_lock.unlock();
  return function.ret(VM_FAULT_NOPAGE);
}

// Port of validate_page_before_insert(), mm/memory.c, Linux 6.16.
// Differs: DAX pages are never slab or typed.
// Yields: before each of its two loads.
int validate_page_before_insert(const folio* folio) {
  if (folio_ref_count(folio) == 0) return -EINVAL;
  if (is_zero_pfn(folio->pfn)) return 0;
  if (folio_test_anon(folio)) return -EINVAL;
  return 0;
}

// Port of insert_page_into_pte_locked(), mm/memory.c, Linux 6.16.
// Differs: v1 counts the zero page like any other (zero_page_counted), later code
// makes it a special PTE.
// Yields: in the look for the head, and before each change.
int insert_page_into_pte_locked(vm_fault& vmf, folio* page, bool mkwrite) {
  const pte_t before = vmf.mm().ptes[vmf.address].peek();
  if (!pte_none(before)) {
    if (!mkwrite) return -EBUSY;
    if (pte_pfn(before) != page->pfn) {
      WARN_ON_ONCE(!is_zero_pfn(pte_pfn(before)), "warn-insert-over-other-pfn", pte_pfn(before));
      return -EFAULT;
    }
    set_pte(*vmf.vma, vmf.address, before | PTE_WRITE, "pte_mkwrite");
    return 0;
  }
  const bool special = is_zero_pfn(page->pfn) && !protocol().zero_page_counted;
  if (!special) {
    folio* folio = page_folio(page);
    folio_get(folio);
    folio_add_file_rmap(folio);
  }
  set_pte(*vmf.vma, vmf.address,
          mk_pte(page->pfn, (special ? PTE_SPECIAL : 0) | (mkwrite ? PTE_WRITE : 0)), "pte_set");
  return 0;
}

// Port of vmf_insert_page_mkwrite(), mm/memory.c, Linux 6.16 (v1: dax_insert_pfn()).
// Differs: nothing that a count or a PTE shows.
// Yields: in what it calls.
vm_fault_t vmf_insert_page_mkwrite(vm_fault& vmf, std::uint64_t pfn, bool mkwrite) {
  Function function("vmf_insert_page_mkwrite", static_cast<std::int64_t>(vmf.address),
                    static_cast<std::int64_t>(pfn), mkwrite);
  folio* page = pfn_page(pfn);
  if (validate_page_before_insert(page_folio(page)) != 0) return function.ret(VM_FAULT_SIGBUS);
  if (!get_locked_pte(vmf)) return function.ret(VM_FAULT_OOM);
  const int err = insert_page_into_pte_locked(vmf, page, mkwrite);
  vmf.mm().page_table_lock.unlock();
  if (err < 0 && err != -EBUSY) return function.ret(VM_FAULT_SIGBUS);
  return function.ret(VM_FAULT_NOPAGE);
}

}  // namespace

vm_fault_t vmf_insert_pfn_or_page(vm_fault& vmf, std::uint64_t pfn, bool mkwrite) {
  return protocol().mapping_holds_ref ? vmf_insert_page_mkwrite(vmf, pfn, mkwrite)
                                      : insert_pfn(vmf, pfn, mkwrite);
}

}  // namespace daxfuzz::kernel
