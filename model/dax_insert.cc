// SPDX-License-Identifier: GPL-2.0-only
// Putting a block's page into the mapping under the entry's lock, and into the page
// table, with the references around it. Read next: dax_fault.cc (who asks).
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {

// Port of dax_fault_is_synchronous(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: nowhere.
bool dax_fault_is_synchronous(const iomap_iter& iter, const vm_area_struct& vma) {
  return iter.write() && vma.has(VM_SYNC) && iter.map.dirty;
}

// Port of dax_insert_entry(), fs/dax.c, Linux 6.1, 6.12 and 6.16.
// Differs: v1 does not disassociate the old entry (dax_disassociate_entry()).
// Yields: in the unmap; on xa_lock; in the association.
void dax_insert_entry(xa_state& xas, vm_fault& vmf, const iomap_iter& iter, FaultEntry& entry,
                      std::uint64_t pfn, std::uint64_t flags) {
  Function function("dax_insert_entry", iter.file->i_ino, static_cast<std::int64_t>(xas.xa_index),
                    static_cast<std::int64_t>(pfn));
  address_space& mapping = vmf.vma->vm_file.peek()->i_mapping;
  const entry_t new_entry = dax_make_entry(pfn, flags);
  const bool sync = dax_fault_is_synchronous(iter, *vmf.vma);
  const bool dirty = (iter.write() || protocol().read_dirties) && !sync;
  const bool shared = iter.map.shared;

  if (shared || (dax_is_zero_entry(entry.value) && (flags & DAX_ZERO_PAGE) == 0)) {
    if (dax_is_pmd_entry(entry.value))
      unmap_mapping_pages(mapping, xas.xa_index & ~pg_pmd_colour(), pg_pmd_nr(), false);
    else
      unmap_mapping_pages(mapping, xas.xa_index, 1, false);
  }

  xas_reset(xas);
  xas_lock_irq(xas);
  if (shared || dax_is_zero_entry(entry.value) || dax_is_empty_entry(entry.value)) {
    dax_disassociate_entry(entry.value, mapping, false);
    // linear_page_index() of the address, rounded down to the size of the new entry, which
    // is no size at all for a hole.
    const std::uint64_t pages = dax_entry_pages(new_entry);
    const std::uint64_t address = pages == 0 ? vmf.address : vmf.address & ~(pages - 1);
    dax_associate_entry(new_entry, mapping, vmf.vma->pgoff_of(address), shared);
    const entry_t old = dax_lock_entry(xas, new_entry);
    WARN_ON_ONCE(old != xa_mk_value(xa_to_value(entry.value) | DAX_LOCKED),
                 "warn-insert-over-changed-entry");
    entry = {.value = new_entry, .inserted = true};
  } else {
    (void)xas_load(xas);  // walks the cursor
    if (dax_is_zapped(entry.value) && protocol().zapped_fault == ZappedFault::revives) {
      const std::uint64_t offset = dax_is_pmd_entry(entry.value) ? vmf.pgoff & pg_pmd_colour() : 0;
      entry.value = dax_revive_entry(entry.value, mapping, vmf.pgoff - offset);
      (void)dax_lock_entry(xas, entry.value);
    }
  }
  if (dirty) {
    mapping.host->i_dirty_pages = true;  // __mark_inode_dirty()
    xas_set_mark(xas, PAGECACHE_TAG_DIRTY);
  }
  if (iter.write() && shared) xas_set_mark(xas, PAGECACHE_TAG_TOWRITE);
  xas_unlock_irq(xas);
}

void dax_delete_failed_entry(xa_state& xas, address_space& mapping, FaultEntry& entry) {
  Function function("dax_delete_failed_entry", mapping.host->i_ino,
                    static_cast<std::int64_t>(xas.xa_index));
  xas_reset(xas);
  xas_lock_irq(xas);
  dax_disassociate_entry(entry.value, mapping, false);
  (void)xas_store(xas, 0);
  mapping.nrpages -= std::uint64_t{1} << dax_entry_order(entry.value);
  dax_wake_entry(xas, entry.value, WAKE_ALL);
  xas_unlock_irq(xas);
  entry.value = 0;
}

vm_fault_t dax_insert_mapping(vm_fault& vmf, entry_t entry, std::uint64_t pfn, bool pmd, bool write) {
  const auto insert = [&] {
    return pmd ? vmf_insert_pmd(vmf, pfn, write) : vmf_insert_pfn_or_page(vmf, pfn, write);
  };
  const bool transient = protocol().mapping_holds_ref && !protocol().entry_holds_ref;
  if (!transient || !dax_is_real_entry(entry)) return insert();
  folio* folio = dax_to_folio(entry);  // of the entry; the pfn is the iomap's
  folio_ref_inc(folio);
  const vm_fault_t ret = insert();
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

// Port of dax_pmd_load_hole(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: no page table is deposited (x86-64 needs none for a file).
// Yields: in what it calls.
vm_fault_t dax_pmd_load_hole(xa_state& xas, vm_fault& vmf, const iomap_iter& iter,
                             FaultEntry& entry) {
  Function function("dax_pmd_load_hole", iter.file->i_ino, static_cast<std::int64_t>(xas.xa_index));
  if (should_fail()) return function.ret(VM_FAULT_FALLBACK);  // mm_get_huge_zero_folio()
  dax_insert_entry(xas, vmf, iter, entry, kHugeZeroPfn, DAX_PMD | DAX_ZERO_PAGE);
  return function.ret(insert_huge_zero_pmd(vmf) ? VM_FAULT_NOPAGE : VM_FAULT_FALLBACK);
}

}  // namespace daxfuzz::kernel
