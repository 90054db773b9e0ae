// SPDX-License-Identifier: GPL-2.0-only
// mmap(2) and munmap(2): what they do to the VMA list of the file and to the
// page tables. Read next: mm_zap.cc.
#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {

std::uint64_t pmd_pages(const trace::Geometry& geometry) { return 1ull << geometry.pmd_order; }

std::uint64_t slot_pages(const trace::Geometry& geometry) {
  return trace::file_pages(geometry.pmd_order) + pmd_pages(geometry);
}

void mm_struct::init(std::uint8_t number, const trace::Geometry& geometry) {
  id = number;
  pmd_order = geometry.pmd_order;
  const std::uint64_t addresses = trace::kMapsMax * slot_pages(geometry);
  ptes = decltype(ptes)(addresses);
  pmds = decltype(pmds)(addresses >> pmd_order);
}

// Port of do_mmap(), mm/mmap.c, Linux 6.12: a new file VMA.
// Differs: the address is the slot's; a slot in use is -EINVAL; VM_WRITE always.
// Yields: on mmap_lock and i_mmap_rwsem.
int do_mmap(mm_struct& mm, vm_area_struct& vma, inode& file, std::uint64_t pgoff,
            std::uint64_t pages, std::uint8_t flags, std::uint64_t at) {
  Function function("do_mmap", file.i_ino, static_cast<std::int64_t>(pgoff));
  CHECK(at < pmd_pages(world().geometry));
  if (vma.claimed.peek()) return function.ret(-EINVAL);
  vma.claimed.init(true);
  mm.mmap_lock.down_write();
  file.i_mapping.i_mmap_rwsem.down_write();
  vma.vm_file.init(&file);
  vma.vm_start.init(vma.slot_start + at);
  vma.vm_pgoff.init(pgoff);
  vma.vm_flags.init(flags);
  vma.anon_vma.init(false);
  vma.vm_pages.init(pages);
  vma.vm_mm.init(&mm);
  vma.detached.init(false);
  world().observer.vmas_changed(mm.id);
  file.i_mapping.add_vma(vma);
  world().observer.i_mmap_changed(file.i_ino);
  file.i_mapping.i_mmap_rwsem.up_write();
  mm.mmap_lock.up_write();
  return function.ret(0);
}

// Port of vma_lookup(), include/linux/mm.h, Linux 6.12.
// Differs: an address names its VMA; what is asked is whether that is still there.
// Yields: nowhere.
bool vma_covers(const mm_struct& mm, const vm_area_struct& vma, std::uint64_t address) {
  CHECK(mm.mmap_lock.held());
  // detached first: the rest may be changed under a shared mmap_lock once it is set.
  return !vma.detached.peek() && vma.vm_mm.peek() == &mm && address >= vma.start() &&
         address < vma.end();
}

// Port of do_munmap(), mm/mmap.c, Linux 6.12: vms_complete_munmap_vmas() of one whole VMA,
// mm/vma.c, as munmap(2) asks for it.
// Differs: the VMA is freed at once.
// Yields: on every lock, in the zap and before each PMD goes. The order is the kernel's:
// nobody finds the VMA, mmap_lock is downgraded, PTEs go (unmap_vmas), the VMA leaves the
// file and its page tables go (free_pgtables), the references that are left are put.
int do_munmap(vm_area_struct& vma) {
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return -EINVAL;
  Function function("do_munmap", vma.slot);
  mm->mmap_lock.down_write();
  if (!vma_covers(*mm, vma, vma.start())) {  // another thread unmapped it
    mm->mmap_lock.up_write();
    return function.ret(-EINVAL);
  }
  vma.detached.init(true);
  world().observer.vmas_changed(mm->id);
  mm->mmap_lock.downgrade_write();
  mmu_gather tlb;
  unmap_vmas(tlb, vma, vma.start(), vma.vm_pages.peek());
  address_space& mapping = vma.vm_file.peek()->i_mapping;
  mapping.i_mmap_rwsem.down_write();
  mapping.remove_vma(vma);
  world().observer.i_mmap_changed(mapping.host->i_ino);
  mapping.i_mmap_rwsem.up_write();
  for (std::uint64_t a = vma.start(); a < vma.end(); a = pmd_addr_end(a, vma.end())) {
    mm->page_table_lock.lock();
    if (!pmd_none(mm->pmd(a).peek())) mm->pmd(a).store(0, "pmd_free");
    mm->page_table_lock.unlock();
  }
  tlb_finish_mmu(tlb);
  vma.vm_mm.init(nullptr);
  vma.vm_file.init(nullptr);
  vma.claimed.init(false);
  mm->mmap_lock.up_read();
  return function.ret(0);
}

}  // namespace daxfuzz::kernel
