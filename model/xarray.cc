// SPDX-License-Identifier: GPL-2.0-only
// The XArray subset. Everything but the lock and xa_empty() runs under xa_lock,
// asserted, so nothing here is a yield point of its own.
#include "model/xarray.h"

#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

xarray::Slot& slot(const xa_state& xas) {
  CHECK(xas.xa->xa_lock.held());
  CHECK(xas.xa_index < xas.xa->slots.size());
  return xas.xa->slots[xas.xa_index];
}

}  // namespace

void xas_lock_irq(xa_state& xas) { xas.xa->xa_lock.lock(); }
void xas_unlock_irq(xa_state& xas) { xas.xa->xa_lock.unlock(); }
void xas_reset(xa_state& xas) {
  xas.err = 0;
  xas.walked = false;
}

void xas_set(xa_state& xas, std::uint64_t index) {
  xas.xa_index = index;
  xas_reset(xas);
}

// Port of xas_load(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes.
// Yields: nowhere; xa_lock is held.
entry_t xas_load(xa_state& xas) {
  xas.walked = true;
  return slot(xas).entry;
}

// Port of xas_store(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes; a store into an empty slot stands for the
// store that needs a node.
// Yields: nowhere; xa_lock is held.
entry_t xas_store(xa_state& xas, entry_t entry) {
  xarray::Slot& s = slot(xas);
  const entry_t before = s.entry;
  if (xas.err != 0) return before;
  xas.walked = true;
  if (before == 0 && entry != 0 && should_fail()) {
    xas.err = -ENOMEM;
    return before;
  }
  __atomic_store_n(&s.entry, entry, __ATOMIC_RELAXED);  // xa_empty() looks without the lock
  if (entry == 0) s.marks = 0;
  world().observer.entry_stored({xas.xa->id, static_cast<std::uint8_t>(xas.xa_index)}, before,
                                entry);
  return before;
}

// Port of xas_find(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes; starts at the cursor, as a fresh one does.
// Yields: nowhere; xa_lock is held.
entry_t xas_find(xa_state& xas, std::uint64_t max) {
  CHECK(xas.xa->xa_lock.held());
  xas.walked = true;
  for (; xas.xa_index <= max && xas.xa_index < xas.xa->slots.size(); xas.xa_index++)
    if (xas.xa->slots[xas.xa_index].entry != 0) return xas.xa->slots[xas.xa_index].entry;
  return 0;
}

entry_t xas_next_entry(xa_state& xas, std::uint64_t max) {
  xas.xa_index++;
  return xas_find(xas, max);
}

// Port of xas_find_marked(), lib/xarray.c, Linux 6.12.
// Differs: as xas_find().
// Yields: nowhere; xa_lock is held.
entry_t xas_find_marked(xa_state& xas, std::uint64_t max, xa_mark_t mark) {
  CHECK(xas.xa->xa_lock.held());
  xas.walked = true;
  for (; xas.xa_index <= max && xas.xa_index < xas.xa->slots.size(); xas.xa_index++)
    if ((xas.xa->slots[xas.xa_index].marks & mark) != 0) return xas.xa->slots[xas.xa_index].entry;
  return 0;
}

// Port of xas_find_conflict(), lib/xarray.c, Linux 6.12.
// Differs: order-0 cursors only: xa_sibs is 0, so a cursor that stands at a slot leaves
// the loop at once (line 1440) and finds nothing; a lone entry at index 0, whose xa_node
// is NULL (line 1420), comes to the same.
// Yields: nowhere; xa_lock is held.
entry_t xas_find_conflict(xa_state& xas) { return xas.walked ? 0 : xas_load(xas); }

bool xas_get_mark(const xa_state& xas, xa_mark_t mark) { return (slot(xas).marks & mark) != 0; }

void xas_set_mark(xa_state& xas, xa_mark_t mark) {
  if (slot(xas).entry != 0) slot(xas).marks |= mark;
}

void xas_clear_mark(xa_state& xas, xa_mark_t mark) {
  slot(xas).marks &= static_cast<std::uint8_t>(~mark);
}

// Port of xas_nomem(), lib/xarray.c, Linux 6.12.
// Differs: the GFP_KERNEL allocation is one more that can fail.
// Yields: nowhere.
bool xas_nomem(xa_state& xas) {
  if (xas.err != -ENOMEM) return false;
  if (should_fail()) return false;
  xas_reset(xas);
  return true;
}

bool xa_empty(const xarray& xa) {
  sched::yield_point("mapping_empty");
  for (const xarray::Slot& s : xa.slots)
    if (__atomic_load_n(&s.entry, __ATOMIC_RELAXED) != 0) return false;
  return true;
}

}  // namespace daxfuzz::kernel
