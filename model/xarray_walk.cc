// SPDX-License-Identifier: GPL-2.0-only
// The XArray subset: what moves a cursor, and the marks at it. See xarray.h; line
// numbers are those of lib/xarray.c in Linux 6.12.
#include "model/world.h"
#include "model/xarray.h"

namespace daxfuzz::kernel {
namespace {

using At = xa_state::At;

entry_t out_of_bounds(xa_state& xas) {
  xas.at = At::bounds;
  return 0;
}

// Puts the cursor at the slot that starts at `pos`.
void stand_at(xa_state& xas, std::uint64_t pos) {
  xas.at = At::slot;
  xas.pos = pos;
}

// xas_start() and xas_descend() of a cursor that has not walked.
entry_t walk(xa_state& xas) {
  const xarray& xa = *xas.xa;
  if (xas.xa_index >= xa.capacity()) return out_of_bounds(xas);
  const xarray::Slot& there = xa.slot(xas.xa_index);
  std::uint64_t pos = xa.first(xas.xa_index);
  if (there.entry == 0 && !xa.leaf(pos)) pos &= ~(xa.leaf_pages() - 1);
  stand_at(xas, pos);
  if (xa.head()) xas.at = At::head;
  return there.entry;
}

// The first index from `from` to `max` at which an entry starts that has `marks`, or one
// past max or the array. `from` is not inside an entry.
std::uint64_t next_present(const xarray& xa, std::uint64_t from, std::uint64_t max,
                           std::uint8_t marks) {
  while (from <= max && from < xa.slots.size()) {
    const xarray::Slot& there = xa.slots[from];
    if (there.entry != 0 && (there.marks & marks) == marks) break;
    const std::uint64_t width = xa.width(from);
    from = (from & ~(width - 1)) + width;
  }
  return from;
}

}  // namespace

void xas_reset(xa_state& xas) {
  xas.err = 0;
  xas.at = At::restart;
}

void xas_set(xa_state& xas, std::uint64_t index) {
  xas.xa_index = index;
  xas_reset(xas);
}

void xas_set_err(xa_state& xas, int err) {
  CHECK(err < 0);
  xas.err = err;
  xas.at = At::restart;
}

// Port of xas_load(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes; a cursor of higher order gets the entry at its
// first index where the real one may get a node.
// Yields: nowhere; xa_lock is held.
entry_t xas_load(xa_state& xas) {
  CHECK(xas.xa->xa_lock.held());
  if (xas.err != 0) return 0;
  if (xas.walked()) return xas.xa->slot(xas.xa_index).entry;  // xas_reload()
  return walk(xas);
}

// Port of xas_find(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes.
// Yields: nowhere; xa_lock is held.
entry_t xas_find(xa_state& xas, std::uint64_t max) {
  const xarray& xa = *xas.xa;
  CHECK(xa.xa_lock.held());
  if (xas.err != 0 || xas.at == At::bounds) return 0;
  if (xas.xa_index > max) return out_of_bounds(xas);
  if (xas.at == At::restart) {
    const entry_t entry = walk(xas);
    if (entry != 0 || xas.at != At::slot) return entry;
  } else if (xas.at == At::head) {
    xas.xa_index = 1;
    return out_of_bounds(xas);
  }
  CHECK(xas.pos <= xas.xa_index);  // not where a conflict was found
  // Of an entry that was removed since, the cursor may stand at the first of many slots.
  std::uint64_t from = xas.pos + xa.width(xas.pos);
  if (from <= xas.xa_index) from = xas.xa_index + 1;
  from = next_present(xa, from, max, 0);
  if (from <= max && from < xa.slots.size()) {
    xas.xa_index = from;
    stand_at(xas, from);
    return xa.slots[from].entry;
  }
  if (max >= xa.capacity()) {
    xas.xa_index = xa.capacity();
    return out_of_bounds(xas);
  }
  // At the first slot after max: a later xas_find() goes on from the one after that.
  xas.xa_index = xa.leaf(max) ? max + 1 : (max | (xa.leaf_pages() - 1)) + 1;
  stand_at(xas, xas.xa_index);
  return 0;
}

// The inline function of include/linux/xarray.h is a faster xas_find().
entry_t xas_next_entry(xa_state& xas, std::uint64_t max) { return xas_find(xas, max); }

// Port of xas_find_marked(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes; having found nothing up to max, the cursor is
// at max + 1, not at the next mark or node.
// Yields: nowhere; xa_lock is held.
entry_t xas_find_marked(xa_state& xas, std::uint64_t max, xa_mark_t mark) {
  const xarray& xa = *xas.xa;
  CHECK(xa.xa_lock.held());
  if (xas.err != 0) return 0;
  if (xas.xa_index > max) {
    xas.at = At::restart;
    return 0;
  }
  std::uint64_t from = 1;  // from the head there is no way on
  std::uint64_t at = xas.xa_index;
  if (xas.at == At::slot)
    from = xas.pos + xa.width(xas.pos);
  else if (xas.at != At::head)
    from = xa.first(xas.xa_index);
  const bool inside = from < xa.capacity();
  from = next_present(xa, from, max, mark);
  if (inside && from <= max && from < xa.slots.size()) {
    // xa_to_sibling(): the index goes back from a sibling, but not inside the first slot.
    const std::uint64_t first_slot = xa.lives_in_leaf(xa.slots[from].order) ? 1 : xa.leaf_pages();
    if (from > at || at - from >= first_slot) at = from;
    xas.xa_index = at;
    stand_at(xas, from);
    if (xa.head()) xas.at = At::head;
    return xa.slots[from].entry;
  }
  if (max < xa.capacity()) {
    xas.xa_index = max + 1;
    xas.at = At::restart;
    return 0;
  }
  if (xas.xa_index < xa.capacity()) xas.xa_index = xa.capacity();
  return out_of_bounds(xas);
}

// Port of xas_find_conflict(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes. A cursor of order 0 that has walked leaves the loop
// at once, with xa_sibs 0 (line 1440), and never enters it from a slot of a higher
// level (line 1435), be that empty or an entry of higher order.
// Yields: nowhere; xa_lock is held.
entry_t xas_find_conflict(xa_state& xas) {
  const xarray& xa = *xas.xa;
  CHECK(xa.xa_lock.held());
  if (xas.err != 0 || xas.at == At::head) return 0;
  const bool on = xas.walked();
  if (!on) {
    const entry_t entry = walk(xas);
    if (entry != 0 || xas.at != At::slot) return entry;
  }
  const xarray::Slot& there = xa.slot(xas.pos);
  if (xas.order == 0 || (there.entry != 0 && there.order >= xas.order)) return 0;
  const std::uint64_t start = xas.pos >> xas.order << xas.order;
  const std::uint64_t last = start + (std::uint64_t{1} << xas.order) - 1;
  // One that has walked to a hole is at a slot of the higher level: it skips the leaf there.
  const bool skip = on && there.entry == 0;
  const std::uint64_t from = xas.pos + (skip ? xa.leaf_pages() : xa.width(xas.pos));
  const std::uint64_t found = next_present(xa, from, last, 0);
  if (found <= last && found < xa.slots.size()) {
    stand_at(xas, found);
    return xa.slots[found].entry;
  }
  stand_at(xas, start);
  if (last >= xa.capacity()) xas.at = At::head;  // line 1446: past the root
  return 0;
}

// Port of xas_pause(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes; an index does not wrap.
// Yields: nowhere.
void xas_pause(xa_state& xas) {
  if (!xas.walked()) return;
  CHECK(xas.pos <= xas.xa_index);
  xas.xa_index += xas.at == At::head ? 1 : xas.xa->width(xas.pos);
  xas.at = At::restart;
}

// The kernel has these lines at the end of each of its long walks. No walk pauses at its first
// entry, nor at the first after a pause, where a cursor could stand in the middle.
void xas_check_sched(xa_state& xas, unsigned& scanned) {
  CHECK(world().geometry.check_sched > 1);
  if (++scanned % world().geometry.check_sched != 0) return;
  xas_pause(xas);
  xas_unlock_irq(xas);
  sched::yield_point("cond_resched");
  xas_lock_irq(xas);
}

bool xas_get_mark(const xa_state& xas, xa_mark_t mark) {
  CHECK(xas.xa->xa_lock.held());
  return xas.walked() && (xas.xa->slot(xas.pos).marks & mark) != 0;
}

void xas_set_mark(const xa_state& xas, xa_mark_t mark) {
  CHECK(xas.xa->xa_lock.held());
  if (!xas.walked()) return;
  CHECK(xas.xa->slots[xas.pos].entry != 0);  // the real one would mark an empty slot
  xas.xa->slots[xas.pos].marks |= mark;
}

void xas_clear_mark(const xa_state& xas, xa_mark_t mark) {
  CHECK(xas.xa->xa_lock.held());
  if (xas.walked() && xas.pos < xas.xa->slots.size())
    xas.xa->slots[xas.pos].marks &= static_cast<std::uint8_t>(~mark);
}

}  // namespace daxfuzz::kernel
