// SPDX-License-Identifier: GPL-2.0-only
// What a process does to its mappings without the file system's locks: MADV_DONTNEED,
// msync(2), fork(2). See mm.h.
#include <algorithm>
#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// The pages of the VMA that [page, page + pages) has. vma_covers() has looked at the first.
std::uint64_t clipped(const vm_area_struct& vma, std::uint64_t page, std::uint64_t pages) {
  CHECK(page < vma.vm_pages.peek());
  return std::min(pages, vma.vm_pages.peek() - page);
}

// Port of copy_present_ptes(), mm/memory.c, Linux 6.12: one PTE of a private mapping, which
// both processes may only read from then on.
// Differs: pinned pages are not copied at once, as exclusiveness is not kept.
// Yields: in the look for the folio, and before each change.
void copy_present_pte(vm_area_struct& dst, vm_area_struct& src, std::uint64_t offset, pte_t pte) {
  if (!pte_special(pte)) {
    folio* folio = page_folio(pfn_page(pte_pfn(pte)));
    folio_get(folio);
    folio_add_file_rmap(folio);
  }
  const std::uint64_t from = src.start() + offset, to = dst.start() + offset;
  if (pte_write(pte)) {
    src.vm_mm.peek()->ptes[from].store(pte & ~PTE_WRITE, "pte_wrprotect");
    world().observer.pte_set(pte_at(src, from), pte_pfn(pte), false, 1);
  }
  dst.vm_mm.peek()->ptes[to].store(pte & ~PTE_WRITE, "pte_set");
  world().observer.pte_set(pte_at(dst, to), pte_pfn(pte), false, 1);
}

// Port of copy_page_range(), mm/memory.c, Linux 6.12: down to the PTEs. A PMD of a file is
// not copied (copy_huge_pmd()), it comes back by a fault.
// Differs: page tables of the new process can always be had; both locks are held throughout.
// Yields: before each PMD is read, on both page table locks and at every PTE.
void copy_page_range(vm_area_struct& dst, vm_area_struct& src) {
  mm_struct &to = *dst.vm_mm.peek(), &from = *src.vm_mm.peek();
  CHECK(&to != &from);
  for (std::uint64_t i = 0; i < src.vm_pages.peek(); i++) {
    const pmd_t pmd = from.pmd(src.start() + i).read_once("pmd_read");
    if (pmd_none(pmd) || pmd_leaf(pmd)) continue;
    to.page_table_lock.lock();
    from.page_table_lock.lock();
    const pte_t pte = from.ptes[src.start() + i].peek();
    if (!pte_none(pte)) {
      if (pmd_none(to.pmd(dst.start() + i).peek()))
        to.pmd(dst.start() + i).store(mk_pmd_table(), "pmd_populate");
      copy_present_pte(dst, src, i, pte);
    }
    from.page_table_lock.unlock();
    to.page_table_lock.unlock();
  }
}

}  // namespace

// Port of madvise_dontneed_single_vma(), mm/madvise.c, Linux 6.12 and 7.3, with
// zap_page_range_single(). From 6.14 on (CONFIG_PT_RECLAIM) empty page tables go, too.
// Differs: nothing.
// Yields: on mmap_lock and in the zap.
int madvise_dontneed(vm_area_struct& vma, std::uint64_t page, std::uint64_t pages) {
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return -EINVAL;
  Function function("madvise_dontneed", vma.slot, static_cast<std::int64_t>(page));
  const std::uint64_t address = vma.start() + page;
  mm->mmap_lock.down_read();
  if (!vma_covers(*mm, vma, address)) {
    mm->mmap_lock.up_read();
    return function.ret(-ENOMEM);
  }
  // The slot may have been mapped elsewhere while this task waited.
  const std::uint64_t offset = address - vma.start();
  mmu_gather tlb;
  unmap_vmas(tlb, vma, address, clipped(vma, offset, pages),
             {.even_cows = true, .reclaim_pt = protocol().reclaim_pt});
  tlb_finish_mmu(tlb);
  mm->mmap_lock.up_read();
  return function.ret(0);
}

// Port of msync(), mm/msync.c, Linux 6.12: MS_SYNC.
// Differs: one VMA; the file cannot go, for nobody unlinks what is mapped.
// Yields: on mmap_lock and in the fsync.
int msync(vm_area_struct& vma, std::uint64_t page, std::uint64_t pages) {
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return -EINVAL;
  Function function("msync", vma.slot, static_cast<std::int64_t>(page));
  const std::uint64_t address = vma.start() + page;
  mm->mmap_lock.down_read();
  const bool there = vma_covers(*mm, vma, address);
  const std::uint64_t offset = there ? address - vma.start() : 0;
  const std::uint64_t first = there ? vma.vm_pgoff.peek() + offset : 0;
  const std::uint64_t nr = there ? clipped(vma, offset, pages) : 0;
  inode* file = there && vma.has(VM_SHARED) ? vma.vm_file.peek() : nullptr;
  mm->mmap_lock.up_read();
  if (!there) return function.ret(-ENOMEM);
  return function.ret(file == nullptr ? 0 : xfs_file_fsync(*file, first, first + nr - 1));
}

// Port of dup_mmap(), kernel/fork.c, Linux 6.12: of one mapping, with vma_needs_copy().
// Differs: the new process is there already; it takes the mapping at another address.
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
    mapping.add_vma(vma);
    mapping.i_mmap_rwsem.up_write();
    if (source.anon_vma.peek()) copy_page_range(vma, source);
  } else {
    vma.claimed.init(false);
  }
  second.mmap_lock.up_write();
  first.mmap_lock.up_write();
  return function.ret(there ? 0 : -EINVAL);
}

}  // namespace daxfuzz::kernel
