// SPDX-License-Identifier: GPL-2.0-only
// Page faults: lock the entry, ask the file system, put the block's page into the
// mapping and into the page table, unlock.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// The fault's view of its entry: unlocked value, and whether this fault put it there.
struct FaultEntry {
  entry_t value = 0;  // 0: deleted again, nothing to unlock
  bool inserted = false;
};

// Port of dax_fault_return(), fs/dax.c, Linux 6.12, with vmf_error().
// Differs: nothing.
// Yields: nowhere.
vm_fault_t dax_fault_return(int error) {
  if (error == 0) return VM_FAULT_NOPAGE;
  return error == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

// Port of dax_insert_entry(), fs/dax.c, Linux 6.1, 6.12 and 6.16.
// Differs: order 0; MAP_SYNC is absent; v1 does not disassociate the old entry.
// Yields: in the unmap; on xa_lock; in the association.
void dax_insert_entry(xa_state& xas, vm_fault& vmf, const iomap_iter& iter, FaultEntry& entry,
                      std::uint64_t pfn, std::uint64_t flags) {
  Function function("dax_insert_entry", iter.file->i_ino, static_cast<std::int64_t>(xas.xa_index),
                    static_cast<std::int64_t>(pfn));
  address_space& mapping = vmf.vma->vm_file.peek()->i_mapping;
  const entry_t new_entry = dax_make_entry(pfn, flags);
  const bool dirty = iter.write || protocol().read_dirties;
  const bool shared = iter.map.shared;

  if (shared || (dax_is_zero_entry(entry.value) && (flags & DAX_ZERO_PAGE) == 0))
    unmap_mapping_pages(mapping, xas.xa_index, 1, false);

  xas_reset(xas);
  xas_lock_irq(xas);
  if (shared || dax_is_zero_entry(entry.value) || dax_is_empty_entry(entry.value)) {
    dax_disassociate_entry(entry.value, mapping, false);
    dax_associate_entry(new_entry, mapping, vmf.pgoff, shared);
    const entry_t old = dax_lock_entry(xas, new_entry);
    WARN_ON_ONCE(old != xa_mk_value(xa_to_value(entry.value) | DAX_LOCKED),
                 "warn-insert-over-changed-entry");
    entry = {.value = new_entry, .inserted = true};
  } else {
    (void)xas_load(xas);  // marks need a cursor that has walked
  }
  if (dirty) xas_set_mark(xas, PAGECACHE_TAG_DIRTY);
  if (iter.write && shared) xas_set_mark(xas, PAGECACHE_TAG_TOWRITE);
  xas_unlock_irq(xas);
}

// What the review asks for when the insert fails: the pfn never became a page.
void dax_delete_failed_entry(xa_state& xas, address_space& mapping, FaultEntry& entry) {
  Function function("dax_delete_failed_entry", mapping.host->i_ino,
                    static_cast<std::int64_t>(xas.xa_index));
  xas_reset(xas);
  xas_lock_irq(xas);
  dax_disassociate_entry(entry.value, mapping, false);
  (void)xas_store(xas, 0);
  mapping.nrpages -= 1;
  dax_wake_entry(xas, entry.value, WAKE_ALL);
  xas_unlock_irq(xas);
  entry.value = 0;
}

// The end of dax_fault_iter(): the page table insert with the references around it.
vm_fault_t insert_into_page_table(vm_fault& vmf, entry_t entry, std::uint64_t pfn, bool write) {
  const bool transient = protocol().mapping_holds_ref && !protocol().entry_holds_ref;
  if (!transient) return vmf_insert_pfn_or_page(vmf, pfn, write);
  folio* folio = pfn_folio(dax_to_pfn(entry));  // of the entry; the pfn is the iomap's
  folio_ref_inc(folio);
  const vm_fault_t ret = vmf_insert_pfn_or_page(vmf, pfn, write);
  if ((ret & VM_FAULT_ERROR) != 0 && protocol().insert_failure == InsertFailure::keep_entry)
    (void)folio->_refcount.sub_return(1, "ref_undo");
  else
    folio_put(folio);
  return ret;
}

// Port of dax_load_hole(), fs/dax.c, Linux 6.12, 6.16 and v1.
// Differs: nothing.
// Yields: in what it calls.
vm_fault_t dax_load_hole(xa_state& xas, vm_fault& vmf, const iomap_iter& iter, FaultEntry& entry) {
  Function function("dax_load_hole", iter.file->i_ino, static_cast<std::int64_t>(xas.xa_index));
  dax_insert_entry(xas, vmf, iter, entry, kZeroPfn, DAX_ZERO_PAGE);
  folio& zero = world().zero_page;
  if (protocol().zero_page_counted) folio_ref_inc(&zero);
  const vm_fault_t ret = vmf_insert_pfn_or_page(vmf, kZeroPfn, false);
  if (protocol().zero_page_counted) folio_put(&zero);
  return function.ret(ret);
}

// dax_iomap_copy_around() of a whole page: the CoW copy of a write fault.
void copy_page(const iomap& srcmap, std::uint64_t pfn) {
  sched::yield_point("copy_around");
  const bool zero = srcmap.type == IomapType::hole;
  world().pmem.store(pfn, zero ? 0 : world().pmem.load(block_to_pfn(srcmap.block)));
}

// Port of dax_fault_iter(), fs/dax.c, Linux 6.12, 6.16 and v1.
// Differs: order 0, shared mappings only, no MAP_SYNC, direct access cannot fail.
// Yields: in what it calls, and before the copy.
vm_fault_t dax_fault_iter(vm_fault& vmf, const iomap_iter& iter, xa_state& xas,
                          FaultEntry& entry) {
  if (!iter.write && iter.map.type == IomapType::hole)
    return dax_load_hole(xas, vmf, iter, entry);
  const std::uint64_t pfn = block_to_pfn(iter.map.block);
  dax_insert_entry(xas, vmf, iter, entry, pfn, 0);
  if (iter.write && iter.map.shared) copy_page(iter.srcmap, pfn);
  return insert_into_page_table(vmf, entry.value, pfn, iter.write);
}

}  // namespace

// Port of dax_iomap_pte_fault(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: order 0; statistics are absent; where the protocol deletes the entry of a
// failed insert there is nothing left to unlock.
// Yields: before i_size is read, and in what it calls.
vm_fault_t dax_iomap_fault(vm_fault& vmf) {
  inode& ip = *vmf.vma->vm_file.peek();
  Function function("dax_iomap_pte_fault", ip.i_ino, static_cast<std::int64_t>(vmf.pgoff),
                    vmf.write);
  if (vmf.pgoff >= ip.i_size.read_once("i_size_read")) return function.ret(VM_FAULT_SIGBUS);

  xa_state xas(ip.i_mapping.i_pages, vmf.pgoff);
  FaultEntry entry{.value = grab_mapping_entry(xas, ip.i_mapping), .inserted = false};
  if (xa_is_internal(entry.value))
    return function.ret(static_cast<vm_fault_t>(xa_to_internal(entry.value)));

  iomap_iter iter{.file = &ip, .page = vmf.pgoff, .write = vmf.write, .map = {}, .srcmap = {}};
  vm_fault_t ret = 0;
  const int error = iomap_begin(iter);
  if (error == 0) {
    ret = dax_fault_iter(vmf, iter, xas, entry);
    iomap_end(iter, (ret & VM_FAULT_ERROR) == 0);
    if ((ret & VM_FAULT_ERROR) != 0 && entry.inserted &&
        protocol().insert_failure == InsertFailure::delete_entry)
      dax_delete_failed_entry(xas, ip.i_mapping, entry);
  } else {
    ret = dax_fault_return(error);
  }
  if (entry.value != 0) dax_unlock_entry(xas, entry.value);
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
