// SPDX-License-Identifier: GPL-2.0-only
// The subset of the XArray that fs/dax.c uses: value and internal entries of any
// order, marks, the cursor. A flat array of slots stands for the tree; the shape that
// the tree would have follows from what is stored (leaf(), capacity()), since where
// a cursor comes to rest and which store allocates depend on it.
// Sources: lib/xarray.c, include/linux/xarray.h, Linux 6.12.
// Read next: xarray.cc (the array, stores, memory), xarray_walk.cc (what moves cursors).
#pragma once

#include <cstdint>
#include <span>

#include "sched/primitives.h"
#include "sched/run_memory.h"

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
  static constexpr unsigned kChunkShift = 6;  // XA_CHUNK_SHIFT
  static constexpr std::uint64_t kChunk = 1u << kChunkShift;

  // An entry of order n is in the slot of its first index; the 2^n - 1 slots after that,
  // its siblings, are empty.
  struct Slot {
    entry_t entry = 0;
    std::uint8_t marks = 0;
    std::uint8_t order = 0;
  };

  std::uint8_t id = 0;  // of the inode: stands for the array's address
  sched::SpinLock xa_lock{"xa_lock"};
  sched::RunVector<Slot> slots;

  void init(std::uint8_t number, std::size_t pages);

  // The first index of the entry that covers `index`; `index` if none does.
  [[nodiscard]] std::uint64_t first(std::uint64_t index) const;
  // The slot of the entry that covers `index`, an empty one if none does.
  [[nodiscard]] const Slot& slot(std::uint64_t index) const;

  // The shape of the tree. A file of at most kChunk pages is that of a small world, whose
  // PMD of 2, 4 or 8 pages stands for one of 512: each of its pages is one of a leaf of
  // its own, and its PMD entries live a level higher, as they do at order 9.
  [[nodiscard]] bool leaf(std::uint64_t index) const;  // a node of shift 0 covers it
  [[nodiscard]] bool head() const;                // no nodes: empty, or a lone entry at 0
  [[nodiscard]] std::uint64_t capacity() const;   // indices that the tree's height covers
  [[nodiscard]] std::uint64_t width(std::uint64_t index) const;  // of the slot that covers it
  [[nodiscard]] std::uint64_t leaf_pages() const { return std::uint64_t{1} << leaf_shift_; }
  [[nodiscard]] bool lives_in_leaf(unsigned order) const {
    return order == 0 || order < leaf_shift_;
  }
  // A store of an entry of this order, not over one that covers it, allocates.
  [[nodiscard]] bool needs_node(std::uint64_t index, unsigned order) const;

  void put(std::uint64_t index, const Slot& slot);  // into an empty range
  Slot take(std::uint64_t index);                   // out of its first index
  void replace(std::uint64_t index, entry_t entry);  // at its first index
  [[nodiscard]] bool empty() const { return __atomic_load_n(&present_, __ATOMIC_RELAXED) == 0; }

 private:
  void count(std::uint64_t index, unsigned order, int by);

  unsigned leaf_shift_ = 0;
  unsigned order_max_ = 0;            // of all that was ever stored
  std::uint64_t present_ = 0;         // entries; read without the lock
  std::uint64_t above_ = 0;           // entries that one leaf at the root cannot hold
  sched::RunVector<std::uint16_t> leaves_;  // entries in each leaf
};

struct xa_state {
  // xa_node, as far as one can tell: XAS_RESTART, XAS_BOUNDS, NULL, a node.
  enum class At : std::uint8_t { restart, bounds, head, slot };

  xarray* xa;
  std::uint64_t xa_index;
  std::uint64_t pos = 0;  // xa_offset, as the first index of its slot; if at head or slot
  int err = 0;            // xas_error()
  std::uint8_t order;     // xa_shift and xa_sibs
  At at = At::restart;
  bool spare = false;  // xa_alloc

  xa_state(xarray& array, std::uint64_t index, unsigned cursor_order = 0)
      : xa(&array),
        xa_index(index >> cursor_order << cursor_order),
        order(static_cast<std::uint8_t>(cursor_order)) {}
  [[nodiscard]] bool walked() const { return err == 0 && (at == At::head || at == At::slot); }
};

void xas_lock_irq(xa_state& xas);
void xas_unlock_irq(xa_state& xas);
void xas_reset(xa_state& xas);
void xas_set(xa_state& xas, std::uint64_t index);
void xas_set_err(xa_state& xas, int err);

// The entry that covers xa_index, which does not change; the cursor is at its first
// slot from then on.
entry_t xas_load(xa_state& xas);
// Returns the entry before; sets err to -ENOMEM and stores nothing if it needed a
// node and got none. Over an entry that covers more indices it replaces that one, whole.
// Storing 0 removes that one, whole, and its marks; other stores keep them. After a
// removal from the middle the cursor is not at its index: reset it before a store.
entry_t xas_store(xa_state& xas, entry_t entry);
// A cursor that has not walked: the entry that covers xa_index, which does not change,
// or the first one after it. One that has: the first after its own. Up to max; 0 if none.
entry_t xas_find(xa_state& xas, std::uint64_t max);
entry_t xas_next_entry(xa_state& xas, std::uint64_t max);
// Likewise of those marked, but xa_index becomes the entry's first index, even if that is
// before where it was; at order 9 it stays in the first leaf_pages() of the entry.
entry_t xas_find_marked(xa_state& xas, std::uint64_t max, xa_mark_t mark);
// A cursor that has not walked: the first entry in its range of 2^order indices. One
// that has: the next in it, so a cursor of order 0 that has walked finds nothing. Does
// not change xa_index; only the loads, marks and conflicts may follow one that found
// an entry elsewhere.
entry_t xas_find_conflict(xa_state& xas);
// To drop the lock amid a walk: the cursor restarts xa_index + the width of its slot. If
// it had come by an entry in the middle, that is past the end of the entry.
void xas_pause(xa_state& xas);
// After each entry of a walk under the lock, which counts them: every XA_CHECK_SCHED of them
// the cursor pauses and others get in.
void xas_check_sched(xa_state& xas, unsigned& scanned);

bool xas_get_mark(const xa_state& xas, xa_mark_t mark);  // of a cursor that has walked
void xas_set_mark(const xa_state& xas, xa_mark_t mark);
void xas_clear_mark(const xa_state& xas, xa_mark_t mark);

// Allocates what a store lacked. True: retry everything.
bool xas_nomem(xa_state& xas);
bool xa_empty(const xarray& xa);  // mapping_empty(): without the lock
// find_get_entries(), without the lock: the indices of the entries in [start, last], as
// many as fit; if there is one, start becomes where to go on. An entry that began before start is at start.
std::size_t xa_present(const xarray& xa, std::uint64_t& start, std::uint64_t last,
                       std::span<std::uint64_t> indices);

}  // namespace daxfuzz::kernel
