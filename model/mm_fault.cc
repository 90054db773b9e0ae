// SPDX-License-Identifier: GPL-2.0-only
// From a user access to the file system's fault handler and back. See mm.h; the
// handler is xfs_file.cc's, the fault proper dax_fault.cc's.
#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// A user access retries for ever on VM_FAULT_NOPAGE; a livelock among faults is for
// the step budget to find, so each retry after the first is a spin point.
constexpr sched::Label kRetry = "fault_retry";

vm_fault vmf_of(vm_area_struct& vma, std::uint64_t address, bool write) {
  return {.vma = &vma, .address = address, .pgoff = vma.pgoff_of(address), .write = write};
}

}  // namespace

// Port of handle_mm_fault(), mm/memory.c, Linux 6.12: do_fault() of a shared VMA.
// Differs: VMAs are all VM_SHARED; page tables always exist.
// Yields: on the page table lock; in the handlers.
vm_fault_t handle_mm_fault(vm_area_struct& vma, std::uint64_t address, bool write) {
  Function function("handle_mm_fault", vma.slot, static_cast<std::int64_t>(address), write);
  mm_struct& mm = *vma.vm_mm.peek();
  mm.page_table_lock.lock();
  const pte_t pte = mm.ptes[address].peek();
  mm.page_table_lock.unlock();
  vm_fault vmf = vmf_of(vma, address, write);
  if (pte_none(pte)) return function.ret(xfs_filemap_fault(vmf));
  if (write && !pte_write(pte)) return function.ret(do_wp_page(vma, address));
  return function.ret(VM_FAULT_NOPAGE);
}

// Port of do_wp_page(), mm/memory.c, Linux 6.12 and 6.16: wp_pfn_shared().
// Differs: the zero page's and fs-dax's PTEs go the same way, as is_fsdax_page()
// makes them from 6.15 on and pte_devmap made them before.
// Yields: on the page table lock; in the handler.
vm_fault_t do_wp_page(vm_area_struct& vma, std::uint64_t address) {
  Function function("do_wp_page", vma.slot, static_cast<std::int64_t>(address));
  mm_struct& mm = *vma.vm_mm.peek();
  mm.page_table_lock.lock();
  const pte_t pte = mm.ptes[address].peek();
  mm.page_table_lock.unlock();
  if (pte_none(pte) || pte_write(pte)) return function.ret(VM_FAULT_NOPAGE);
  vm_fault vmf = vmf_of(vma, address, true);
  return function.ret(xfs_filemap_pfn_mkwrite(vmf));
}

int user_access(vm_area_struct& vma, std::uint64_t page, bool write, std::uint8_t* value) {
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return -EINVAL;
  const std::uint64_t address = vma.vm_start() + page;
  Function function("user_access", vma.slot, static_cast<std::int64_t>(page), write);
  for (int tries = 0;; tries++) {
    const pte_t pte = mm->ptes[address].read_once("user_access");
    if (!pte_none(pte) && (pte_write(pte) || !write)) {
      const FilePage where = file_page(vma, address);
      if (write) {
        world().pmem.store(pte_pfn(pte), *value);
        world().observer.wrote(where, pte_pfn(pte), *value);
      } else {
        *value = world().pmem.load(pte_pfn(pte));
        world().observer.was_read(where, pte_pfn(pte), *value, world().observer.read_begin());
      }
      return function.ret(0);
    }
    mm->mmap_lock.down_read();
    if (!vma_covers(*mm, vma, page)) {
      mm->mmap_lock.up_read();
      return function.ret(-EFAULT);  // SIGSEGV
    }
    const vm_fault_t ret = handle_mm_fault(vma, address, write);
    mm->mmap_lock.up_read();
    if ((ret & VM_FAULT_OOM) != 0) return function.ret(-ENOMEM);
    if ((ret & VM_FAULT_ERROR) != 0) return function.ret(-EFAULT);  // SIGBUS
    if (tries > 0) sched::spin_point(kRetry);
  }
}

int user_mkwrite(vm_area_struct& vma, std::uint64_t page, std::uint8_t value) {
  mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return -EINVAL;
  const std::uint64_t address = vma.vm_start() + page;
  const pte_t pte = mm->ptes[address].read_once("user_access");
  if (pte_none(pte) || pte_write(pte)) return -EINVAL;
  return user_access(vma, page, true, &value);
}

}  // namespace daxfuzz::kernel
