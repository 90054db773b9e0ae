// SPDX-License-Identifier: GPL-2.0-only
// What a process does to its mappings without the file system's locks: MADV_DONTNEED,
// msync(2). See mm.h.
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

}  // namespace daxfuzz::kernel
