// SPDX-License-Identifier: GPL-2.0-only
// Private mappings: the copies that their writes make in ordinary memory. The copy of a
// page that nobody has mapped goes through the file system's fault (dax_cow.cc), that of
// one that is mapped read-only does not. See mm.h.
#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

void copy_to(folio* page, std::uint64_t from) {
  for (unsigned line = 0; line < kPageLines; line++)
    world().pmem.store(page->pfn, world().pmem.load(from, line), 1u << line);
}

// Port of wp_can_reuse_anon_folio(), mm/memory.c, Linux 6.12: is the mapping's reference the only
// one? Then the page is this process's.
// Differs: no swap cache, no LRU that holds a reference; the page's lock is not taken, as the page
// table lock keeps others from the page.
// Yields: in the looks at the page.
bool wp_can_reuse_anon_folio(folio* folio) {
  if (folio_ref_count(folio) != 1) return false;
  folio->anon_exclusive.init(true);  // folio_move_anon_rmap()
  return true;
}

}  // namespace

folio* folio_prealloc() {
  if (should_fail()) return nullptr;
  for (folio& page : world().anon_pages) {
    if (page._refcount.peek() != 0) continue;
    page._refcount.init(1);
    page.mapping.init(PAGE_MAPPING_ANON);
    page.anon_exclusive.init(false);
    return &page;
  }
  return nullptr;
}

void set_anon_pte(vm_fault& vmf, folio* page, bool write) {
  CHECK(pfn_is_anon(page->pfn));
  page->anon_exclusive.init(true);  // RMAP_EXCLUSIVE: nobody else knows it yet
  (void)page->_mapcount.add_return(1, "mapcount_inc");
  vmf.mm().ptes[vmf.address].store(mk_pte(page->pfn, write ? PTE_WRITE : 0), "pte_set");
  world().observer.pte_set(pte_at(*vmf.vma, vmf.address), page->pfn, write, 1);
}

void fill_cow_page(vm_fault& vmf, std::uint64_t from) {
  sched::yield_point("copy_cow_page");
  (void)world().observer.read_begin();
  copy_to(vmf.cow_page, from);
  world().observer.copied_privately(file_page(*vmf.vma, vmf.address), from, vmf.cow_page->pfn);
}

// Port of do_cow_fault(), mm/memory.c, Linux 6.12.
// Differs: nothing.
// Yields: in the handler and the put.
vm_fault_t do_cow_fault(vm_fault& vmf) {
  Function function("do_cow_fault", vmf.vma->slot, static_cast<std::int64_t>(vmf.address));
  vmf.vma->anon_vma.init(true);  // vmf_anon_prepare()
  vmf.cow_page = folio_prealloc();
  if (vmf.cow_page == nullptr) return function.ret(VM_FAULT_OOM);
  const vm_fault_t ret = xfs_filemap_fault(vmf);
  if ((ret & VM_FAULT_DONE_COW) == 0) folio_put(vmf.cow_page);
  return function.ret(ret);
}

// Port of wp_page_copy(), mm/memory.c, Linux 6.12. The caller holds a reference of `old`.
// Differs: a page without struct page of its own (pte_devmap) is copied like the others,
// there through the user's address, with the same re-check.
// Yields: before the copy, on the page table lock, before each change, in the puts.
vm_fault_t wp_page_copy(vm_fault& vmf, pte_t orig, folio* old) {
  Function function("wp_page_copy", vmf.vma->slot, static_cast<std::int64_t>(vmf.address));
  vmf.vma->anon_vma.init(true);
  vmf.cow_page = folio_prealloc();
  if (vmf.cow_page == nullptr) {
    if (old != nullptr) folio_put(old);
    return function.ret(VM_FAULT_OOM);
  }
  // The read takes from the caller's look at the PTE to the second one, below.
  (void)world().observer.read_begin();
  sched::yield_point("copy_cow_page");
  copy_to(vmf.cow_page, pte_pfn(orig));
  mm_struct& mm = vmf.mm();
  mm.page_table_lock.lock();
  const bool same = !pmd_leaf(vmf.pmd().peek()) && mm.ptes[vmf.address].peek() == orig;
  if (same) {
    // Not before: a copy that is thrown away has read nothing, and its page may be another file's by now.
    world().observer.copied_privately(file_page(*vmf.vma, vmf.address), pte_pfn(orig), vmf.cow_page->pfn);
    mm.ptes[vmf.address].store_mb(0, "pte_clear");  // xchg: ptep_clear_flush()
    world().observer.pte_cleared(pte_at(*vmf.vma, vmf.address));
    set_anon_pte(vmf, vmf.cow_page, !vmf.unshare);
    if (old != nullptr) folio_remove_rmap(old, 1);
  }
  mm.page_table_lock.unlock();
  if (!same) folio_put(vmf.cow_page);
  if (same && old != nullptr) folio_put(old);  // the PTE's
  if (old != nullptr) folio_put(old);          // the caller's
  return function.ret(0);
}

// Port of do_wp_page(), mm/memory.c, Linux 6.1 and 6.12: of a private mapping, on a PTE that is
// still `orig`. The page table lock is held, and dropped. 6.1 unshares anonymous pages only.
// Differs: nothing.
// Yields: in the looks at the page, before the upgrade, in the copy.
vm_fault_t do_wp_private(vm_fault& vmf, pte_t orig) {
  Function function("do_wp_page", vmf.vma->slot, static_cast<std::int64_t>(vmf.address));
  mm_struct& mm = vmf.mm();
  CHECK(mm.page_table_lock.held());
  folio* old = pte_special(orig) ? nullptr : page_folio(pfn_page(pte_pfn(orig)));
  const bool anon = old != nullptr && folio_test_anon(old);
  const bool reuse = anon && (old->anon_exclusive.peek() || wp_can_reuse_anon_folio(old));
  if (reuse && !vmf.unshare) {
    mm.ptes[vmf.address].store(orig | PTE_WRITE, "pte_mkwrite");  // wp_page_reuse()
    world().observer.pte_set(pte_at(*vmf.vma, vmf.address), pte_pfn(orig), true, 1);
  }
  if (reuse || (vmf.unshare && !anon && protocol().linux61)) {
    mm.page_table_lock.unlock();
    return function.ret(0);
  }
  if (old != nullptr) folio_get(old);
  mm.page_table_lock.unlock();
  return function.ret(wp_page_copy(vmf, orig, old));
}

}  // namespace daxfuzz::kernel
