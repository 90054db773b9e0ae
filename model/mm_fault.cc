// SPDX-License-Identifier: GPL-2.0-only
// From a user access to the file system's fault handler and back: the PMD first, then
// the PTE. See mm.h; the handlers are xfs_fault.cc's, the fault proper dax_fault.cc's.
#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// A user access retries for ever on VM_FAULT_NOPAGE; a livelock among faults is for
// the step budget to find, so each retry after the first is a spin point.
constexpr sched::Label kRetry = "fault_retry";

// Port of do_wp_page(), mm/memory.c, Linux 6.12 and 6.16: wp_pfn_shared().
// Differs: the zero page's and fs-dax's PTEs go the same way, as is_fsdax_page()
// makes them from 6.15 on and pte_devmap made them before.
// Yields: in the handler.
vm_fault_t do_wp_page(vm_fault& vmf) {
  Function function("do_wp_page", vmf.vma->slot, static_cast<std::int64_t>(vmf.address));
  return function.ret(xfs_filemap_pfn_mkwrite(vmf));
}

// Port of handle_pte_fault(), mm/memory.c, Linux 6.12, with do_fault().
// Differs: nothing.
// Yields: before the PMD and the PTE are read; on the page table lock; in the handlers.
vm_fault_t handle_pte_fault(vm_fault& vmf) {
  const pmd_t pmd = vmf.pmd().read_once("pmd_read");
  if (pmd_leaf(pmd)) return 0;  // pte_offset_map_nolock() fails: retry
  sched::Plain<pte_t>& slot = vmf.mm().ptes[vmf.address];
  const pte_t orig = pmd_none(pmd) ? 0 : slot.read_once("pte_read");
  const bool shared = vmf.vma->has(VM_SHARED);
  if (pte_none(orig)) return vmf.write && !shared ? do_cow_fault(vmf) : xfs_filemap_fault(vmf);
  sched::SpinLock& ptl = vmf.mm().page_table_lock;
  ptl.lock();
  const bool copies = slot.peek() == orig && (vmf.write || vmf.unshare) && !pte_write(orig);
  if (copies && !shared) return do_wp_private(vmf, orig);
  ptl.unlock();
  return copies ? do_wp_page(vmf) : 0;
}

// Port of wp_huge_pmd(), mm/memory.c, Linux 6.1 and 6.12.
// Differs: nothing. 6.1 asks the handler of a private mapping, too, which can only fall back.
// Yields: in the handler and the split.
vm_fault_t wp_huge_pmd(vm_fault& vmf) {
  if (vmf.vma->has(VM_SHARED) || protocol().linux61) {
    const vm_fault_t ret = xfs_filemap_huge_fault(vmf);
    if ((ret & VM_FAULT_FALLBACK) == 0) return ret;
  }
  split_huge_pmd(*vmf.vma, vmf.address);
  return VM_FAULT_FALLBACK;
}

}  // namespace

// Port of __handle_mm_fault(), mm/memory.c, Linux 6.12: from the PMD down.
// Differs: PUDs and above always exist; a DAX VMA may always have PMDs, as
// thp_vma_allowable_order() says of it within a fault.
// Yields: before the PMD is read; in the handlers.
vm_fault_t handle_mm_fault(vm_area_struct& vma, std::uint64_t address, FaultKind kind) {
  const bool write = kind == FaultKind::write;
  Function function("handle_mm_fault", vma.slot, static_cast<std::int64_t>(address), write);
  CHECK(address >= vma.start() && address < vma.end());
  // FAULT_FLAG_UNSHARE is for private mappings; of another one it is a fault for reading
  // (sanitize_fault_flags()).
  vm_fault vmf{.vma = &vma, .address = address, .pgoff = vma.pgoff_of(address), .write = write,
               .unshare = kind == FaultKind::unshare && !vma.has(VM_SHARED), .cow_page = nullptr};
  world().observer.fault_begin(file_page(vma, address), (write && !vma.has(VM_SHARED)) || vmf.unshare);
  const pmd_t pmd = vmf.pmd().read_once("pmd_read");
  vm_fault_t ret = VM_FAULT_FALLBACK;
  if (pmd_none(pmd)) {
    ret = xfs_filemap_huge_fault(vmf);  // create_huge_pmd()
  } else if (pmd_leaf(pmd)) {
    ret = (write || vmf.unshare) && !pte_write(pmd) ? wp_huge_pmd(vmf) : 0;
  }
  if ((ret & VM_FAULT_FALLBACK) != 0) ret = handle_pte_fault(vmf);
  world().observer.fault_end((ret & VM_FAULT_ERROR) != 0);
  return function.ret(ret);
}

namespace {

// What the page tables say of an address: a PTE's bits, also for a page of a leaf PMD.
pte_t walk(mm_struct& mm, std::uint64_t address) {
  const pmd_t pmd = mm.pmd(address).read_once("user_access");
  if (!pmd_leaf(pmd)) return pmd_none(pmd) ? 0 : mm.ptes[address].peek();
  const std::uint64_t offset = address & (pmd_pages(world().geometry) - 1);
  const std::uint64_t pfn = pte_pfn(pmd) + (is_huge_zero_pfn(pte_pfn(pmd)) ? 0 : offset);
  return mk_pte(pfn, pmd & (PTE_WRITE | PTE_SPECIAL));
}

}  // namespace

int user_access(vm_area_struct& vma, std::uint64_t page, bool write, std::uint8_t* value) {
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return -EINVAL;
  const std::uint64_t address = vma.start() + page;
  Function function("user_access", vma.slot, static_cast<std::int64_t>(page), write);
  for (int tries = 0;; tries++) {
    const pte_t pte = walk(*mm, address);
    if (!pte_none(pte) && (pte_write(pte) || !write)) {
      const FilePage where = file_page(vma, address);
      if (write) {
        world().pmem.store(pte_pfn(pte), *value);
        world().observer.wrote(where, pte_pfn(pte), *value);
      } else {
        const std::uint64_t since = world().observer.read_begin();
        for (unsigned line = 0; line < kPageLines; line++) {
          *value = world().pmem.load(pte_pfn(pte), line);
          const auto pos = static_cast<std::uint32_t>(pos_of(where.page) + line);
          world().observer.was_read({where.file, pos}, pte_pfn(pte), *value, since);
        }
      }
      return function.ret(0);
    }
    mm->mmap_lock.down_read();
    if (!vma_covers(*mm, vma, address)) {
      mm->mmap_lock.up_read();
      return function.ret(-EFAULT);  // SIGSEGV
    }
    const vm_fault_t ret = handle_mm_fault(vma, address, write ? FaultKind::write : FaultKind::read);
    mm->mmap_lock.up_read();
    if ((ret & VM_FAULT_OOM) != 0) return function.ret(-ENOMEM);
    if ((ret & VM_FAULT_ERROR) != 0) return function.ret(-EFAULT);  // SIGBUS
    if (tries > 0) sched::spin_point(kRetry);
  }
}

int user_mkwrite(vm_area_struct& vma, std::uint64_t page, std::uint8_t value) {
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return -EINVAL;
  const pte_t pte = walk(*mm, vma.start() + page);
  if (pte_none(pte) || pte_write(pte)) return -EINVAL;
  return user_access(vma, page, true, &value);
}

}  // namespace daxfuzz::kernel
