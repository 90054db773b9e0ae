// SPDX-License-Identifier: GPL-2.0-only
// MAP_SYNC: a write fault whose file system metadata is not on the medium yet waits for
// an fsync before the page may be written. Read next: dax_fault.cc.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of dax_insert_pfn_mkwrite(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: nothing. What it finds is not compared with the pfn that it inserts.
// Yields: on xa_lock, while the entry is locked, in the insert and the unlock.
vm_fault_t dax_insert_pfn_mkwrite(vm_fault& vmf, std::uint64_t pfn, unsigned order) {
  address_space& mapping = vmf.vma->vm_file.peek()->i_mapping;
  Function function("dax_insert_pfn_mkwrite", mapping.host->i_ino,
                    static_cast<std::int64_t>(vmf.pgoff), static_cast<std::int64_t>(pfn));
  xa_state xas(mapping.i_pages, vmf.pgoff, order);
  xas_lock_irq(xas);
  const entry_t entry = get_unlocked_entry(xas, order);
  // Somebody deleted it, or made it smaller or larger meanwhile.
  if (entry == 0 || dax_is_conflict(entry) || (order == 0 && !dax_is_pte_entry(entry))) {
    put_unlocked_entry(xas, entry, WAKE_NEXT);
    xas_unlock_irq(xas);
    return function.ret(VM_FAULT_NOPAGE);
  }
  xas_set_mark(xas, PAGECACHE_TAG_DIRTY);
  (void)dax_lock_entry(xas, entry);
  xas_unlock_irq(xas);
  const vm_fault_t ret = dax_insert_mapping(vmf, entry, pfn, order != 0, true);
  dax_unlock_entry(xas, entry);
  return function.ret(ret);
}

}  // namespace

// Port of dax_finish_sync_fault(), fs/dax.c, Linux 6.12.
// Differs: an fsync never fails but for a broken mapping.
// Yields: in the fsync and the insert.
vm_fault_t dax_finish_sync_fault(vm_fault& vmf, unsigned order, std::uint64_t pfn) {
  Function function("dax_finish_sync_fault", static_cast<std::int64_t>(vmf.pgoff));
  const std::uint64_t last = vmf.pgoff + (std::uint64_t{1} << order) - 1;
  const int err = xfs_file_fsync(*vmf.vma->vm_file.peek(), vmf.pgoff, last);
  if (err != 0) return function.ret(VM_FAULT_SIGBUS);
  return function.ret(dax_insert_pfn_mkwrite(vmf, pfn, order));
}

}  // namespace daxfuzz::kernel
