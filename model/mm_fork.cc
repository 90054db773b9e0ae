// SPDX-License-Identifier: GPL-2.0-only
// fork(2): what a child has of a mapping. It shares the private copies, which nobody may write in
// place from then on; but what is pinned is the parent's alone, and the child gets a copy of it at
// once. See mm.h.
#include <cerrno>
#include <utility>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of __folio_try_dup_anon_rmap(), include/linux/rmap.h, Linux 6.12, with
// folio_needs_cow_for_dma(): one PTE more maps the page; false: it may be pinned.
// Differs: MMF_HAS_PINNED is taken to be set: an exclusive page is pinned through its process only.
// Yields: in the look at the count, and before each change.
bool folio_try_dup_anon_rmap_pte(folio* folio) {
  CHECK(pfn_is_anon(folio->pfn));
  const bool maybe_pinned = folio_ref_count(folio) >= world().geometry.bias;
  if (folio->anon_exclusive.peek()) {
    if (maybe_pinned) return false;
    folio->anon_exclusive.store_mb(false, "anon_exclusive_clear");  // clear_bit()
  }
  (void)folio->_mapcount.add_return(1, "mapcount_inc");
  return true;
}

// Port of copy_present_page(), mm/memory.c, Linux 6.12: the child has a copy of its own. False: the
// page for that has to be had first.
// Differs: nothing.
// Yields: before the copy and the change of the PTE.
bool copy_present_page(vm_area_struct& dst, std::uint64_t to, pte_t pte, folio** prealloc) {
  if (*prealloc == nullptr) return false;
  vm_fault vmf{.vma = &dst, .address = to, .pgoff = dst.pgoff_of(to), .cow_page = *prealloc};
  fill_cow_page(vmf, pte_pfn(pte));
  *prealloc = nullptr;
  set_anon_pte(vmf, vmf.cow_page, true);
  return true;
}

// Port of copy_present_ptes(), mm/memory.c, Linux 6.12: one PTE of a private mapping, which
// both processes may only read from then on. False: as copy_present_page().
// Differs: nothing.
// Yields: in the looks at the page, and before each change.
bool copy_present_pte(vm_area_struct& dst, vm_area_struct& src, std::uint64_t offset, pte_t pte,
                      folio** prealloc) {
  const std::uint64_t from = src.start() + offset, to = dst.start() + offset;
  if (!pte_special(pte)) {
    folio* folio = page_folio(pfn_page(pte_pfn(pte)));
    folio_get(folio);
    if (!folio_test_anon(folio)) {
      folio_add_file_rmap(folio);
    } else if (!folio_try_dup_anon_rmap_pte(folio)) {
      folio_put(folio);
      return copy_present_page(dst, to, pte, prealloc);
    }
  }
  if (pte_write(pte)) {
    // cmpxchg, arch/x86: ptep_set_wrprotect()
    src.vm_mm.peek()->ptes[from].store_mb(pte & ~PTE_WRITE, "pte_wrprotect");
    world().observer.pte_set(pte_at(src, from), pte_pfn(pte), false, 1);
  }
  dst.vm_mm.peek()->ptes[to].store(pte & ~PTE_WRITE, "pte_set");
  world().observer.pte_set(pte_at(dst, to), pte_pfn(pte), false, 1);
  return true;
}

// Port of copy_pte_range(), mm/memory.c, Linux 6.12: what one page table maps. The child has a page
// table, too, though none of it may be in use.
// Differs: a page table of the new process can always be had; the locks are not dropped between two
// PTEs to reschedule.
// Yields: on both page table locks, at every PTE, and in the puts.
int copy_pte_range(vm_area_struct& dst, vm_area_struct& src, std::uint64_t offset,
                   std::uint64_t end) {
  mm_struct &to = *dst.vm_mm.peek(), &from = *src.vm_mm.peek();
  folio* prealloc = nullptr;
  for (;;) {
    to.page_table_lock.lock();
    sched::Plain<pmd_t>& table = to.pmd(dst.start() + offset);
    if (pmd_none(table.peek())) table.store(mk_pmd_table(), "pmd_populate");
    from.page_table_lock.lock();
    for (; offset < end; offset++) {
      const pte_t pte = from.ptes[src.start() + offset].peek();
      if (pte_none(pte)) continue;
      if (!copy_present_pte(dst, src, offset, pte, &prealloc)) break;
      // It was had for another address, by whose policy.
      if (prealloc != nullptr) folio_put(std::exchange(prealloc, nullptr));
    }
    from.page_table_lock.unlock();
    to.page_table_lock.unlock();
    if (offset == end) break;
    prealloc = folio_prealloc();
    if (prealloc == nullptr) return -ENOMEM;
  }
  if (prealloc != nullptr) folio_put(prealloc);
  return 0;
}

// Port of copy_page_range(), mm/memory.c, Linux 6.12, with copy_pmd_range(). A PMD of a file is
// not copied (copy_huge_pmd()), it comes back by a fault.
// Differs: the levels above always exist.
// Yields: before each PMD is read; in the copies.
int copy_page_range(vm_area_struct& dst, vm_area_struct& src) {
  mm_struct& from = *src.vm_mm.peek();
  CHECK(dst.vm_mm.peek() != &from && from.write_protect_seq.peek() % 2 == 0);
  // raw_write_seqcount_begin(): a plain store and smp_wmb(). The page table lock is the full barrier
  // between it and the look at pins, as GUP-fast's reference is between its two looks at it.
  from.write_protect_seq.put(from.write_protect_seq.peek() + 1);
  int ret = 0;
  for (std::uint64_t a = src.start(); a < src.end() && ret == 0; a = pmd_addr_end(a, src.end())) {
    const pmd_t pmd = from.pmd(a).read_once("pmd_read");
    if (pmd_none(pmd) || pmd_leaf(pmd)) continue;
    ret = copy_pte_range(dst, src, a - src.start(), pmd_addr_end(a, src.end()) - src.start());
  }
  from.write_protect_seq.put(from.write_protect_seq.peek() + 1);
  return ret;
}

}  // namespace

// Port of dup_mmap(), kernel/fork.c, Linux 6.12: of one mapping, with vma_needs_copy().
// Differs: the new process is there already; it takes the mapping at another address, and keeps
// what it has if there is no memory.
// Yields: on both mmap_locks and i_mmap_rwsem; in the copy.
int dup_mmap(mm_struct& mm, vm_area_struct& vma, vm_area_struct& source) {
  mm_struct* old = source.vm_mm.peek();
  if (old == nullptr || &vma == &source || vma.claimed.peek()) return -EINVAL;
  if (&mm == old) return -EINVAL;  // a process is not its own child
  Function function("dup_mmap", source.slot, vma.slot);
  vma.claimed.init(true);
  // Parents and children do not lock each other's otherwise; in the order of their numbers.
  mm_struct &first = old->id < mm.id ? *old : mm, &second = old->id < mm.id ? mm : *old;
  first.mmap_lock.down_write();
  second.mmap_lock.down_write();
  const bool there = vma_covers(*old, source, source.start());
  int ret = there ? 0 : -EINVAL;
  if (there) {
    address_space& mapping = source.vm_file.peek()->i_mapping;
    mapping.i_mmap_rwsem.down_write();
    vma.vm_file.init(source.vm_file.peek());
    vma.vm_start.init(vma.slot_start + (source.start() - source.slot_start));
    vma.vm_pgoff.init(source.vm_pgoff.peek());
    vma.vm_pages.init(source.vm_pages.peek());
    vma.vm_flags.init(source.vm_flags.peek());
    vma.anon_vma.init(source.anon_vma.peek());
    vma.vm_mm.init(&mm);
    vma.detached.init(false);
    world().observer.vmas_changed(mm.id);
    mapping.add_vma(vma);
    world().observer.i_mmap_changed(mapping.host->i_ino);
    mapping.i_mmap_rwsem.up_write();
    if (source.anon_vma.peek()) ret = copy_page_range(vma, source);
  } else {
    vma.claimed.init(false);
  }
  second.mmap_lock.up_write();
  first.mmap_lock.up_write();
  if (there && ret != 0) (void)do_munmap(vma);  // mmput() of a process that is never to be
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
