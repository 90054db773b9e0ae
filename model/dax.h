// SPDX-License-Identifier: GPL-2.0-only
// fs/dax.c: entries, their lock, association, faults, layouts, I/O. The heart of
// the port; each function says what it ports and how it differs.
//   dax_entry.cc        encoding, waiting, locking, grab_mapping_entry
//   dax_association.cc  associate, share, disassociate
//   dax_layout.cc       busy scan, invalidate, delete, break layout
//   dax_fault.cc        insert_entry, faults
//   dax_io.cc           read(2), write(2), writeback
#pragma once

#include <cstdint>

#include "model/fs.h"
#include "model/wait.h"
#include "model/xarray.h"

namespace daxfuzz::kernel {

// An entry is a value entry: flags | pfn << DAX_SHIFT.
inline constexpr unsigned DAX_SHIFT = 4;
inline constexpr std::uint64_t DAX_LOCKED = 1u << 0, DAX_PMD = 1u << 1, DAX_ZERO_PAGE = 1u << 2,
                               DAX_EMPTY = 1u << 3;

constexpr std::uint64_t dax_to_pfn(entry_t entry) { return xa_to_value(entry) >> DAX_SHIFT; }
constexpr entry_t dax_make_entry(std::uint64_t pfn, std::uint64_t flags) {
  return xa_mk_value(flags | (pfn << DAX_SHIFT));
}
constexpr bool dax_is_locked(entry_t entry) { return (xa_to_value(entry) & DAX_LOCKED) != 0; }
constexpr bool dax_is_zero_entry(entry_t entry) {
  return (xa_to_value(entry) & DAX_ZERO_PAGE) != 0;
}
constexpr bool dax_is_empty_entry(entry_t entry) { return (xa_to_value(entry) & DAX_EMPTY) != 0; }
constexpr bool dax_is_conflict(entry_t entry) { return entry == XA_RETRY_ENTRY; }
// An entry that names a block: neither a hole's zero page nor a mere lock carrier.
constexpr bool dax_is_real_entry(entry_t entry) {
  return xa_is_value(entry) && !dax_is_zero_entry(entry) && !dax_is_empty_entry(entry);
}

// --- dax_entry.cc -------------------------------------------------------------
// get_unlocked_entry() / get_next_unlocked_entry(): xa_lock held.
entry_t get_unlocked_entry(xa_state& xas);
// wait_entry_unlocked_exclusive(), 6.15 and later: xa_lock held.
entry_t wait_entry_unlocked_exclusive(xa_state& xas, entry_t entry);
void put_unlocked_entry(const xa_state& xas, entry_t entry, dax_wake_mode mode);
entry_t dax_lock_entry(xa_state& xas, entry_t entry);
void dax_unlock_entry(xa_state& xas, entry_t entry);
// A locked entry, or a vm_fault_t as an internal entry.
entry_t grab_mapping_entry(xa_state& xas, address_space& mapping);

// --- dax_association.cc; xa_lock of this mapping held ---------------------------
void dax_associate_entry(entry_t entry, address_space& mapping, std::uint64_t index, bool shared);
void dax_disassociate_entry(entry_t entry, address_space& mapping, bool trunc);
// How a mapping word says "shared" under the protocol.
bool dax_folio_is_shared(std::uint64_t mapping, std::uint64_t share);

// --- dax_layout.cc --------------------------------------------------------------
folio* dax_layout_busy_page(address_space& mapping);
int dax_delete_mapping_entry(address_space& mapping, std::uint64_t index);
int dax_invalidate_mapping_entry_sync(address_space& mapping, std::uint64_t index);
void dax_clear_dirty_range(address_space& mapping, std::uint64_t start, std::uint64_t last);
// dax_break_layout(): unmaps the file and waits for its pages, whole file. cb gives
// up the locks while it sleeps.
int dax_break_layout(inode& ip, void (*cb)(void* arg, const sched::WaitReason& reason), void* arg);
// Before 6.15: one round of it. True if there was a page to wait for, so that the
// caller, whose locks may have been given up meanwhile, starts again.
bool dax_break_layout_once(inode& ip, void (*cb)(void* arg, const sched::WaitReason& reason),
                           void* arg);
// The same without waiting: -ERESTARTSYS when a page is busy.
int dax_break_layout_nowait(inode& ip);
inline constexpr int ERESTARTSYS = 512;

// --- dax_fault.cc ---------------------------------------------------------------
vm_fault_t dax_iomap_fault(vm_fault& vmf);

// --- dax_io.cc ------------------------------------------------------------------
// One page each; the caller holds IOLOCK.
int dax_iomap_read(inode& ip, std::uint64_t page);
int dax_iomap_write(inode& ip, std::uint64_t page, std::uint8_t value);
int dax_writeback_mapping_range(address_space& mapping);

}  // namespace daxfuzz::kernel
