// SPDX-License-Identifier: GPL-2.0-only
// Page faults: lock the entry, ask the file system, put the block's page into the
// mapping and into the page table, unlock. Read next: dax_insert.cc, dax_sync.cc.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of dax_fault_return(), fs/dax.c, Linux 6.12, with vmf_error().
// Differs: asked only when there is an error.
// Yields: nowhere.
vm_fault_t dax_fault_return(int error) {
  CHECK(error < 0);
  if (error == -EHWPOISON) return VM_FAULT_HWPOISON;
  return error == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

// Port of dax_iomap_direct_access(), fs/dax.c, Linux 6.12: what a fault asks of it.
// Differs: the device is one piece, so only bad memory and the alignment of a PMD matter.
// Yields: nowhere.
int dax_iomap_direct_access(const iomap& map, loff_t pos, std::uint64_t pages, std::uint64_t* pfn) {
  *pfn = dax_iomap_pfn(map, pos);
  const std::int64_t length = dax_direct_access(*pfn, pages, DAX_ACCESS);
  if (length < 0) return static_cast<int>(length);
  return (*pfn & (pages - 1)) != 0 ? -EINVAL : 0;
}

// Port of dax_fault_iter(), fs/dax.c, Linux 6.12, 6.16 and v1.
// Differs: that a write fault is given a hole is a CHECK, no WARN_ON_ONCE: it is the file
// system's mistake.
// Yields: in what it calls.
vm_fault_t dax_fault_iter(vm_fault& vmf, const iomap_iter& iter, xa_state& xas, FaultEntry& entry,
                          bool pmd, std::uint64_t* sync_pfn) {
  const bool write = iter.write();
  const std::uint64_t pages = pmd ? pg_pmd_nr() : 1;
  const loff_t pos = pos_of(xas.xa_index);
  if (!pmd && vmf.cow_page != nullptr) return dax_fault_cow_page(vmf, iter);
  if (!write && iter.map.type != IomapType::mapped)
    return pmd ? dax_pmd_load_hole(xas, vmf, iter, entry) : dax_load_hole(xas, vmf, iter, entry);
  CHECK(iter.map.type == IomapType::mapped);

  std::uint64_t pfn = 0;
  int err = dax_iomap_direct_access(iter.map, pos, pages, &pfn);
  if (err != 0) return pmd ? VM_FAULT_FALLBACK : dax_fault_return(err);

  dax_insert_entry(xas, vmf, iter, entry, pfn, pmd ? DAX_PMD : 0);
  if (write && iter.map.shared)
    err = dax_iomap_copy_around(iter, pos, pos_of(pages), pos_of(pages));
  if (err != 0) return dax_fault_return(err);
  if (dax_fault_is_synchronous(iter, *vmf.vma)) {  // dax_fault_synchronous_pfnp()
    *sync_pfn = pfn;
    return VM_FAULT_NEEDDSYNC;
  }
  return dax_insert_mapping(vmf, entry.value, pfn, pmd, write);
}

// What the review adds to the end of a fault; then the unlock of all protocols.
void finish_entry(vm_fault& vmf, xa_state& xas, FaultEntry& entry, vm_fault_t ret) {
  address_space& mapping = vmf.vma->vm_file.peek()->i_mapping;
  const bool failed = (ret & VM_FAULT_ERROR) != 0;
  if (failed && entry.inserted && protocol().insert_failure == InsertFailure::delete_entry)
    dax_delete_failed_entry(xas, mapping, entry);
  if (entry.value != 0) dax_unlock_entry(xas, entry.value);
}

// Port of dax_iomap_pte_fault(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: statistics are absent; where the protocol deletes the entry of a failed insert
// there is nothing left to unlock.
// Yields: before i_size and the PMD are read, and in what it calls.
vm_fault_t dax_iomap_pte_fault(vm_fault& vmf, std::uint64_t* pfn) {
  inode& ip = *vmf.vma->vm_file.peek();
  Function function("dax_iomap_pte_fault", ip.i_ino, static_cast<std::int64_t>(vmf.pgoff),
                    vmf.write);
  iomap_iter iter{.file = &ip, .pos = pos_of(vmf.pgoff), .len = PAGE_SIZE};
  if (iter.pos >= ip.i_size.read_once("i_size_read")) return function.ret(VM_FAULT_SIGBUS);
  if (vmf.write && vmf.cow_page == nullptr) iter.flags = IOMAP_WRITE;

  xa_state xas(ip.i_mapping.i_pages, vmf.pgoff);
  FaultEntry entry{.value = grab_mapping_entry(xas, ip.i_mapping, 0), .inserted = false};
  if (xa_is_internal(entry.value))
    return function.ret(static_cast<vm_fault_t>(xa_to_internal(entry.value)));

  vm_fault_t ret = 0;
  if (pmd_leaf(vmf.pmd().read_once("pmd_read"))) {  // a PMD fault came first: retry
    ret = VM_FAULT_NOPAGE;
  } else {
    int error = 0;
    while ((error = iomap_next(iter)) > 0) {
      ret = dax_fault_iter(vmf, iter, xas, entry, false, pfn);
      if ((ret & VM_FAULT_ERROR) == 0) iter.processed = PAGE_SIZE;
    }
    if (ret == 0 && error != 0) ret = dax_fault_return(error);
  }
  finish_entry(vmf, xas, entry, ret);
  return function.ret(ret);
}

// Port of dax_fault_check_fallback(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: nowhere.
bool dax_fault_check_fallback(const vm_fault& vmf, std::uint64_t max_pgoff) {
  const std::uint64_t pmd_addr = vmf.address & ~pg_pmd_colour();
  if ((vmf.pgoff & pg_pmd_colour()) != (vmf.address & pg_pmd_colour())) return true;
  if (vmf.write && !vmf.vma->has(VM_SHARED)) return true;
  if (pmd_addr < vmf.vma->start() || pmd_addr + pg_pmd_nr() > vmf.vma->end()) return true;
  return (vmf.pgoff | pg_pmd_colour()) >= max_pgoff;
}

// Port of dax_iomap_pmd_fault(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: as dax_iomap_pte_fault(). That an extent smaller than a PMD was processed not at
// all is told to the file system, as there, which cancels a CoW.
// Yields: before i_size and the PMD are read, and in what it calls.
vm_fault_t dax_iomap_pmd_fault(vm_fault& vmf, std::uint64_t* pfn) {
  inode& ip = *vmf.vma->vm_file.peek();
  Function function("dax_iomap_pmd_fault", ip.i_ino, static_cast<std::int64_t>(vmf.pgoff),
                    vmf.write);
  const std::uint64_t index = vmf.pgoff & ~pg_pmd_colour();
  iomap_iter iter{.file = &ip, .pos = pos_of(index), .len = pos_of(pg_pmd_nr())};
  if (vmf.write) iter.flags = IOMAP_WRITE;
  const std::uint64_t max_pgoff = page_of(ip.i_size.read_once("i_size_read") + PAGE_SIZE - 1);
  if (index >= max_pgoff) return function.ret(VM_FAULT_SIGBUS);

  vm_fault_t ret = VM_FAULT_FALLBACK;
  if (!dax_fault_check_fallback(vmf, max_pgoff)) {
    xa_state xas(ip.i_mapping.i_pages, vmf.pgoff, pmd_order());
    CHECK(xas.xa_index == index);
    FaultEntry entry{.value = grab_mapping_entry(xas, ip.i_mapping, pmd_order()), .inserted = false};
    if (xa_is_internal(entry.value)) {
      ret = static_cast<vm_fault_t>(xa_to_internal(entry.value));
    } else {
      const pmd_t pmd = vmf.pmd().read_once("pmd_read");
      if (!pmd_none(pmd) && !pmd_leaf(pmd)) {  // a PTE fault came first: retry
        ret = 0;
      } else {
        while (iomap_next(iter) > 0) {
          if (iter.length() < pos_of(pg_pmd_nr())) continue;  // ends the loop
          ret = dax_fault_iter(vmf, iter, xas, entry, true, pfn);
          if (ret != VM_FAULT_FALLBACK) iter.processed = pos_of(pg_pmd_nr());
        }
      }
      finish_entry(vmf, xas, entry, ret);
    }
  }
  if (ret == VM_FAULT_FALLBACK) split_huge_pmd(*vmf.vma, vmf.address);
  return function.ret(ret);
}

}  // namespace

// Port of dax_iomap_fault(), fs/dax.c, Linux 6.12.
// Differs: there are no orders but these two.
// Yields: in the faults.
vm_fault_t dax_iomap_fault(vm_fault& vmf, unsigned order, std::uint64_t* pfn) {
  CHECK(order == 0 || order == pmd_order());
  return order == 0 ? dax_iomap_pte_fault(vmf, pfn) : dax_iomap_pmd_fault(vmf, pfn);
}

}  // namespace daxfuzz::kernel
