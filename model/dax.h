// SPDX-License-Identifier: GPL-2.0-only
// fs/dax.c: entries, their lock, association, faults, layouts, I/O. The heart of
// the port; each function says what it ports and how it differs.
//   dax_entry.cc        encoding, waiting, locking, grab_mapping_entry
//   dax_association.cc  associate, share, disassociate; dax_zap.cc
//   dax_layout.cc       busy scan, invalidate, delete, break layout
//   dax_insert.cc       insert_entry and what goes into the page tables
//   dax_fault.cc        faults of a PTE and of a PMD; dax_sync.cc: MAP_SYNC; dax_cow.cc: private copies
//   dax_io.cc           read(2), write(2), the copy around a CoW
//   dax_writeback.cc, dax_zero.cc, dax_unshare.cc, dax_remap.cc
//   dax_lock.cc         an entry's lock for memory_failure.cc
//   dax_device.cc       the device below: bad memory
#pragma once

#include <cstdint>

#include "model/fs.h"
#include "model/wait.h"
#include "model/xarray.h"

namespace daxfuzz::kernel {

// An entry is a value entry: flags | pfn << DAX_SHIFT, which is 4 in the kernel: DAX_ZAP, that
// the entry's reference is gone, is of the 2022 series only.
inline constexpr unsigned DAX_SHIFT = 5;
inline constexpr std::uint64_t DAX_LOCKED = 1u << 0, DAX_PMD = 1u << 1, DAX_ZERO_PAGE = 1u << 2,
                               DAX_EMPTY = 1u << 3, DAX_ZAP = 1u << 4;

constexpr std::uint64_t dax_to_pfn(entry_t entry) { return xa_to_value(entry) >> DAX_SHIFT; }
constexpr entry_t dax_make_entry(std::uint64_t pfn, std::uint64_t flags) {
  return xa_mk_value(flags | (pfn << DAX_SHIFT));
}
constexpr bool dax_is_locked(entry_t entry) { return (xa_to_value(entry) & DAX_LOCKED) != 0; }
constexpr bool dax_is_pmd_entry(entry_t entry) { return (xa_to_value(entry) & DAX_PMD) != 0; }
constexpr bool dax_is_pte_entry(entry_t entry) { return !dax_is_pmd_entry(entry); }
constexpr bool dax_is_zero_entry(entry_t entry) {
  return (xa_to_value(entry) & DAX_ZERO_PAGE) != 0;
}
constexpr bool dax_is_empty_entry(entry_t entry) { return (xa_to_value(entry) & DAX_EMPTY) != 0; }
constexpr bool dax_is_zapped(entry_t entry) { return (xa_to_value(entry) & DAX_ZAP) != 0; }
constexpr bool dax_is_conflict(entry_t entry) { return entry == XA_RETRY_ENTRY; }
// An entry that names a block: neither a hole's zero page nor a mere lock carrier.
constexpr bool dax_is_real_entry(entry_t entry) {
  return xa_is_value(entry) && !dax_is_zero_entry(entry) && !dax_is_empty_entry(entry);
}

// PMD_ORDER, PG_PMD_NR and PG_PMD_COLOUR of this machine.
unsigned pmd_order();
std::uint64_t pg_pmd_nr();
std::uint64_t pg_pmd_colour();
unsigned dax_entry_order(entry_t entry);
// Pages that the entry maps: dax_entry_size() >> PAGE_SHIFT, none of a hole or a carrier.
std::uint64_t dax_entry_pages(entry_t entry);
folio* dax_to_folio(entry_t entry);  // a step: looks for the head
bool dax_entries_are_folios();       // Protocol::pmd_folio

// --- dax_entry.cc -------------------------------------------------------------
// get_unlocked_entry() / get_next_unlocked_entry(): xa_lock held. XA_RETRY_ENTRY if the
// entry that is there is smaller than `order`.
entry_t get_unlocked_entry(xa_state& xas, unsigned order);
// wait_entry_unlocked_exclusive(), 6.15 and later: xa_lock held.
entry_t wait_entry_unlocked_exclusive(xa_state& xas, entry_t entry);
void put_unlocked_entry(const xa_state& xas, entry_t entry, dax_wake_mode mode);
entry_t dax_lock_entry(xa_state& xas, entry_t entry);
void dax_unlock_entry(xa_state& xas, entry_t entry);
// A locked entry, or a vm_fault_t as an internal entry.
entry_t grab_mapping_entry(xa_state& xas, address_space& mapping, unsigned order);

// --- dax_association.cc; xa_lock of this mapping held ---------------------------
// index: linear_page_index() of the entry's first address.
void dax_associate_entry(entry_t entry, address_space& mapping, std::uint64_t index, bool shared);
void dax_disassociate_entry(entry_t entry, address_space& mapping, bool trunc);
// What has an association and a count of its own: every page of a real entry, or its folio.
template <class Do>
void for_each_associated(entry_t entry, Do&& act);
// --- dax_zap.cc: drops an entry's reference where a scan does that (EntryPut::zap).
folio* dax_zap_pages(xa_state& xas, entry_t entry);
// The folios of an entry that a scan has zapped become referenced and associated again.
entry_t dax_revive_entry(entry_t entry, address_space& mapping, std::uint64_t index);
// How a mapping word says "shared" under the protocol.
bool dax_folio_is_shared(std::uint64_t mapping, std::uint64_t share);

// --- dax_layout.cc; pages [start, last] of a file, last UINT64_MAX: to the end ------
folio* dax_layout_busy_page_range(address_space& mapping, std::uint64_t start, std::uint64_t last);
int dax_delete_mapping_entry(address_space& mapping, std::uint64_t index);
int dax_invalidate_mapping_entry_sync(address_space& mapping, std::uint64_t index);
void dax_clear_dirty_range(address_space& mapping, std::uint64_t start, std::uint64_t last);
using BreakCallback = void (*)(void* arg, const sched::WaitReason& reason);
// dax_break_layout(): unmaps the range and waits for its pages. cb gives up the locks
// while it sleeps.
int dax_break_layout(inode& ip, std::uint64_t start, std::uint64_t last, BreakCallback cb, void* arg);
// Before 6.15: one round of it. True if there was a page to wait for, so that the
// caller, whose locks may have been given up meanwhile, starts again.
bool dax_break_layout_once(inode& ip, BreakCallback cb, void* arg);
// The same without waiting: -ERESTARTSYS when a page is busy.
int dax_break_layout_nowait(inode& ip);
inline constexpr int ERESTARTSYS = 512;
// Of an inode that goes: sleeps uninterruptibly, without locks.
void dax_break_layout_final(inode& ip);

// --- dax_insert.cc, dax_fault.cc, dax_sync.cc -------------------------------------
// The fault's view of its entry: unlocked value, and whether this fault put it there.
struct FaultEntry {
  entry_t value = 0;  // 0: deleted again, nothing to unlock
  bool inserted = false;
};
bool dax_fault_is_synchronous(const iomap_iter& iter, const vm_area_struct& vma);
void dax_insert_entry(xa_state& xas, vm_fault& vmf, const iomap_iter& iter, FaultEntry& entry,
                      std::uint64_t pfn, std::uint64_t flags);
// What the review asks for when the insert fails: the pfn never became a page.
void dax_delete_failed_entry(xa_state& xas, address_space& mapping, FaultEntry& entry);
vm_fault_t dax_insert_mapping(vm_fault& vmf, entry_t entry, std::uint64_t pfn, bool pmd, bool write);
vm_fault_t dax_load_hole(xa_state& xas, vm_fault& vmf, const iomap_iter& iter, FaultEntry& entry);
vm_fault_t dax_fault_cow_page(vm_fault& vmf, const iomap_iter& iter);  // dax_cow.cc
vm_fault_t dax_pmd_load_hole(xa_state& xas, vm_fault& vmf, const iomap_iter& iter,
                             FaultEntry& entry);
// order: 0 or pmd_order(). With VM_FAULT_NEEDDSYNC, *pfn is what to insert after an fsync.
vm_fault_t dax_iomap_fault(vm_fault& vmf, unsigned order, std::uint64_t* pfn);
vm_fault_t dax_finish_sync_fault(vm_fault& vmf, unsigned order, std::uint64_t pfn);

// --- dax_io.cc, dax_writeback.cc ----------------------------------------------------
// The caller holds IOLOCK. Bytes read or written, or -errno; *last: the last value read.
int dax_iomap_read(inode& ip, loff_t pos, loff_t len, std::uint8_t* last);
int dax_iomap_write(inode& ip, loff_t pos, loff_t len, std::uint8_t value);
// What surrounds [pos, pos + length) up to `align` is copied from srcmap, or zeroed; all of
// it if nothing surrounds it.
// 0, or -EIO if the source cannot be read.
int dax_iomap_copy_around(const iomap_iter& iter, loff_t pos, loff_t length, loff_t align);
int dax_writeback_mapping_range(address_space& mapping, std::uint64_t start, std::uint64_t last);

// --- dax_zero.cc; IOLOCK and MMAPLOCK held exclusively. *did_zero becomes true if a byte
// was zeroed; it may be null.
int dax_zero_range(inode& ip, loff_t pos, loff_t len, bool* did_zero);
int dax_truncate_page(inode& ip, loff_t pos, bool* did_zero);

// --- dax_device.cc (drivers/dax/super.c, drivers/nvdimm/pmem.c) ---------------------
enum dax_access_mode { DAX_ACCESS, DAX_RECOVERY_WRITE };
// How many pages from pfn on can be accessed, or -EHWPOISON.
std::int64_t dax_direct_access(std::uint64_t pfn, std::uint64_t pages, dax_access_mode mode);
int dax_mem2blk_err(int err);
// Zeroes a page as pmem's block write does: poison goes.
void pmem_write_zeroes(std::uint64_t pfn);
void pmem_clear_poison(std::uint64_t pfn, std::uint64_t pages);

// --- dax_lock.cc, memory_failure.cc ---------------------------------------------------
using dax_entry_t = entry_t;  // a cookie: the entry as it was; 0: not locked
inline constexpr dax_entry_t DAX_NOTHING_TO_LOCK = ~dax_entry_t{0};
dax_entry_t dax_lock_folio(folio* folio);
void dax_unlock_folio(folio* folio, dax_entry_t cookie);
// *page: what the entry names, of a PMD entry its first page.
dax_entry_t dax_lock_mapping_entry(address_space& mapping, std::uint64_t index, folio** page);
void dax_unlock_mapping_entry(address_space& mapping, std::uint64_t index, dax_entry_t cookie);
// folio->mapping as a pointer that is followed. Null, and a BUG, if it is none.
address_space* deref_mapping(std::uint64_t word);
// rmapbt: the file system can say whose the block is.
int memory_failure(std::uint64_t block, bool rmapbt);
int mf_dax_kill_procs(address_space& mapping, std::uint64_t index, std::uint64_t count);
// --- dax_unshare.cc, dax_remap.cc; IOLOCKs and MMAPLOCKs held exclusively ---------------
int dax_file_unshare(inode& ip, loff_t pos, loff_t len);
// dedupe: -EBADE unless both ranges hold the same.
int dax_remap_file_range_prep(inode& src, loff_t from, inode& dest, loff_t to, loff_t len,
                              bool dedupe);

template <class Do>
void for_each_associated(entry_t entry, Do&& act) {
  if (dax_entries_are_folios()) {
    act(dax_to_folio(entry), std::uint64_t{0});
    return;
  }
  for (std::uint64_t i = 0; i < dax_entry_pages(entry); i++) act(pfn_page(dax_to_pfn(entry) + i), i);
}

}  // namespace daxfuzz::kernel
