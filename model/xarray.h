// SPDX-License-Identifier: GPL-2.0-only
// The subset of the XArray that fs/dax.c uses, over an array of slots: value and
// internal entries, marks, the cursor. Order 0; nodes are not modelled, but the
// allocation that a store into an empty slot may need is, with its retry.
// Sources: lib/xarray.c, include/linux/xarray.h, Linux 6.12.
#pragma once

#include <array>
#include <cstdint>

#include "sched/primitives.h"
#include "trace/limits.h"

namespace daxfuzz::kernel {

using entry_t = std::uint64_t;  // void *entry

constexpr entry_t xa_mk_value(std::uint64_t v) { return (v << 1) | 1; }
constexpr std::uint64_t xa_to_value(entry_t entry) { return entry >> 1; }
constexpr bool xa_is_value(entry_t entry) { return (entry & 1) != 0; }
constexpr entry_t xa_mk_internal(std::uint64_t v) { return (v << 2) | 2; }
constexpr std::uint64_t xa_to_internal(entry_t entry) { return entry >> 2; }
constexpr bool xa_is_internal(entry_t entry) { return (entry & 3) == 2; }
inline constexpr entry_t XA_RETRY_ENTRY = xa_mk_internal(256);

enum xa_mark_t : std::uint8_t { PAGECACHE_TAG_DIRTY = 1, PAGECACHE_TAG_TOWRITE = 4 };  // bits

struct xarray {
  struct Slot {
    entry_t entry = 0;
    std::uint8_t marks = 0;
  };
  std::uint8_t id = 0;  // of the inode: stands for the array's address
  sched::SpinLock xa_lock{"xa_lock"};
  std::array<Slot, trace::kFilePagesMax> slots;
};

struct xa_state {
  xarray* xa;
  std::uint64_t xa_index;
  int err = 0;          // xas_error()
  bool walked = false;  // the cursor stands at a slot (xa_node), not at XAS_RESTART

  xa_state(xarray& array, std::uint64_t index) : xa(&array), xa_index(index) {}
};

void xas_lock_irq(xa_state& xas);
void xas_unlock_irq(xa_state& xas);
void xas_reset(xa_state& xas);
void xas_set(xa_state& xas, std::uint64_t index);
entry_t xas_load(xa_state& xas);
// Returns the entry before; sets err to -ENOMEM and stores nothing if it needed a
// node and got none. Storing 0 clears the marks.
entry_t xas_store(xa_state& xas, entry_t entry);
// The next present entry at or after the cursor, up to max; moves the cursor. 0 if none.
entry_t xas_find(xa_state& xas, std::uint64_t max);
// The entry after the cursor's, likewise.
entry_t xas_next_entry(xa_state& xas, std::uint64_t max);
entry_t xas_find_marked(xa_state& xas, std::uint64_t max, xa_mark_t mark);
// The entry at the cursor's index if the cursor is fresh or reset. From a cursor that
// has walked there it looks for the *next* entry in the cursor's range, and an order-0
// cursor has no other: 0.
entry_t xas_find_conflict(xa_state& xas);
bool xas_get_mark(const xa_state& xas, xa_mark_t mark);
void xas_set_mark(xa_state& xas, xa_mark_t mark);
void xas_clear_mark(xa_state& xas, xa_mark_t mark);
// Allocates what a store lacked. True: retry everything.
bool xas_nomem(xa_state& xas);
bool xa_empty(const xarray& xa);  // mapping_empty(): without the lock

}  // namespace daxfuzz::kernel
