// SPDX-License-Identifier: GPL-2.0-only
// The part of fs/dax.c that private write faults use: the copy is made under the entry's
// lock, so that truncation cannot take the block meanwhile. Read next: mm_cow.cc.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of finish_fault(), mm/memory.c, Linux 6.12: of a copy.
// Differs: nothing.
// Yields: in get_locked_pte() and before the PTE changes.
vm_fault_t finish_fault(vm_fault& vmf) {
  if (!get_locked_pte(vmf)) return VM_FAULT_OOM;
  const bool none = pte_none(vmf.mm().ptes[vmf.address].peek());
  if (none) set_anon_pte(vmf, vmf.cow_page, true);
  vmf.mm().page_table_lock.unlock();
  return none ? 0 : VM_FAULT_NOPAGE;
}

// Port of copy_cow_page_dax(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: before the copy.
int copy_cow_page_dax(vm_fault& vmf, const iomap_iter& iter) {
  const std::uint64_t pfn = dax_iomap_pfn(iter.map, iter.pos);
  const std::int64_t rc = dax_direct_access(pfn, 1, DAX_ACCESS);
  if (rc < 0) return static_cast<int>(rc);
  fill_cow_page(vmf, pfn);
  return 0;
}

}  // namespace

// Port of dax_fault_cow_page(), fs/dax.c, Linux 6.12.
// Differs: bad memory is the only error, so dax_fault_return() has one answer.
// Yields: before the copy, and in finish_fault().
vm_fault_t dax_fault_cow_page(vm_fault& vmf, const iomap_iter& iter) {
  Function function("dax_fault_cow_page", static_cast<std::int64_t>(vmf.address));
  CHECK(vmf.cow_page != nullptr);
  if (iter.map.type != IomapType::mapped)
    fill_cow_page(vmf, kZeroPfn);  // clear_user_highpage()
  else if (copy_cow_page_dax(vmf, iter) != 0)
    return function.ret(VM_FAULT_HWPOISON);
  const vm_fault_t ret = finish_fault(vmf);
  return function.ret(ret == 0 ? VM_FAULT_DONE_COW : ret);
}

}  // namespace daxfuzz::kernel
