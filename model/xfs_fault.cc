// SPDX-License-Identifier: GPL-2.0-only
// The fault handlers of the file system: MMAPLOCK around the DAX fault. See fs.h.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of xfs_dax_fault_locked(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: in the fault and, with MAP_SYNC, in the fsync.
vm_fault_t xfs_dax_fault_locked(vm_fault& vmf, unsigned order) {
  std::uint64_t pfn = 0;
  const vm_fault_t ret = dax_iomap_fault(vmf, order, &pfn);
  return (ret & VM_FAULT_NEEDDSYNC) != 0 ? dax_finish_sync_fault(vmf, order, pfn) : ret;
}

// Port of xfs_dax_read_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: on MMAPLOCK; in the fault.
vm_fault_t xfs_dax_read_fault(vm_fault& vmf, unsigned order) {
  sched::RwSem& mmaplock = vmf.vma->vm_file.peek()->i_mapping.invalidate_lock;
  mmaplock.down_read();
  const vm_fault_t ret = xfs_dax_fault_locked(vmf, order);
  mmaplock.up_read();
  return ret;
}

// Port of xfs_write_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: freeze protection and time stamps are absent.
// Yields: on MMAPLOCK; before the flag is read; in the fault.
vm_fault_t xfs_write_fault(vm_fault& vmf, unsigned order) {
  inode& ip = *vmf.vma->vm_file.peek();
  sched::RwSem& mmaplock = ip.i_mapping.invalidate_lock;
  mmaplock.down_read();
  bool exclusive = false;
  if (ip.remapping.read_once("iremapping_test")) {
    mmaplock.up_read();
    mmaplock.down_write();
    exclusive = true;
  }
  const vm_fault_t ret = xfs_dax_fault_locked(vmf, order);
  if (exclusive)
    mmaplock.up_write();
  else
    mmaplock.up_read();
  return ret;
}

// Port of xfs_is_write_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: nowhere.
bool xfs_is_write_fault(const vm_fault& vmf) { return vmf.write && vmf.vma->has(VM_SHARED); }

}  // namespace

// Port of xfs_filemap_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: in the handlers.
vm_fault_t xfs_filemap_fault(vm_fault& vmf) {
  return xfs_is_write_fault(vmf) ? xfs_write_fault(vmf, 0) : xfs_dax_read_fault(vmf, 0);
}

// Port of xfs_filemap_huge_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: of a PMD.
// Yields: in the handlers.
vm_fault_t xfs_filemap_huge_fault(vm_fault& vmf) {
  return xfs_is_write_fault(vmf) ? xfs_write_fault(vmf, pmd_order())
                                 : xfs_dax_read_fault(vmf, pmd_order());
}

// Port of xfs_filemap_pfn_mkwrite(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: in the handler.
vm_fault_t xfs_filemap_pfn_mkwrite(vm_fault& vmf) { return xfs_write_fault(vmf, 0); }

}  // namespace daxfuzz::kernel
