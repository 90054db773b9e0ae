// SPDX-License-Identifier: GPL-2.0-only
// The XArray subset: the array, the shape of the tree it stands for, stores and their
// memory. Everything but the lock and the looks without it runs under xa_lock,
// asserted, so nothing here is a yield point of its own.
#include "model/xarray.h"

#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

void tell(const xarray& xa, std::uint64_t index, entry_t before, entry_t after, unsigned order) {
  world().observer.entry_stored({xa.id, static_cast<std::uint16_t>(index)}, before, after,
                                std::uint64_t{1} << order);
}

// Takes out every entry of the range and returns the marks that any of them had.
std::uint8_t clear_range(xarray& xa, std::uint64_t index, std::uint64_t pages) {
  std::uint8_t marks = 0;
  for (std::uint64_t i = index; i < index + pages; i++) {
    if (xa.slots[i].entry == 0) continue;
    const xarray::Slot gone = xa.take(i);
    marks |= gone.marks;
    tell(xa, i, gone.entry, 0, gone.order);
  }
  return marks;
}

// The real one stores where the cursor stands. That is elsewhere after a conflict, and
// after an erase from the middle of an entry: such a cursor has to be reset first.
bool stands_at_its_index(const xa_state& xas) {
  if (!xas.walked()) return true;
  const xarray& xa = *xas.xa;
  const xarray::Slot& there = xa.slot(xas.xa_index);
  if (there.entry != 0) return xa.first(xas.xa_index) == xas.pos && there.order >= xas.order;
  return xas.pos == xas.xa_index || xas.pos == (xas.xa_index & ~(xa.leaf_pages() - 1));
}

// xas_store() of NULL. The tree may lose nodes, or its height: then the cursor is out.
entry_t erase(xa_state& xas) {
  xarray& xa = *xas.xa;
  const entry_t before = xas_load(xas);
  if (!xas.walked()) return 0;
  const std::uint64_t capacity = xa.capacity();
  const xarray::Slot& there = xa.slot(xas.xa_index);
  const unsigned order = there.entry != 0 && there.order > xas.order ? there.order : xas.order;
  const std::uint64_t start = xas.xa_index >> order << order;
  CHECK(start + (std::uint64_t{1} << order) <= xa.slots.size() || before == 0);
  if (start + (std::uint64_t{1} << order) <= xa.slots.size())
    (void)clear_range(xa, start, std::uint64_t{1} << order);
  if (xas.at == xa_state::At::head) return before;
  if (xa.empty() || xa.capacity() < capacity)
    xas.at = xa_state::At::bounds;
  else if (!xa.leaf(xas.pos))
    xas.pos &= ~(xa.leaf_pages() - 1);
  return before;
}

// Without xa_lock, as under RCU (xa_entry(), lib/xarray.c: rcu_dereference_check()).
template <class T>
T looked_at(const T& field) {
  return __atomic_load_n(&field, __ATOMIC_RELAXED);
}

}  // namespace

void xarray::init(std::uint8_t number, std::size_t pages) {
  CHECK(pages > 0 && (pages & (pages - 1)) == 0);
  CHECK(pages <= kChunk * kChunk);
  id = number;
  leaf_shift_ = pages > kChunk ? kChunkShift : 0;
  slots.assign(pages, {});
  leaves_.assign(pages >> leaf_shift_, 0);
  order_max_ = 0;
  present_ = above_ = 0;
}

std::uint64_t xarray::first(std::uint64_t index) const {
  if (index >= slots.size()) return index;
  for (unsigned order = 0; order <= __atomic_load_n(&order_max_, __ATOMIC_RELAXED); order++) {
    const std::uint64_t start = index >> order << order;
    if (looked_at(slots[start].entry) != 0 && looked_at(slots[start].order) >= order) return start;
  }
  return index;
}

const xarray::Slot& xarray::slot(std::uint64_t index) const {
  static const Slot none;
  return index < slots.size() ? slots[first(index)] : none;
}

bool xarray::head() const {
  return present_ == 0 || (present_ == 1 && above_ == 0 && slots[0].entry != 0);
}

std::uint64_t xarray::capacity() const {
  if (head()) return 1;
  return above_ == 0 || leaf_shift_ == 0 ? kChunk : kChunk * kChunk;
}

bool xarray::leaf(std::uint64_t index) const {
  if (leaf_shift_ != 0 && above_ == 0 && !head()) return index < kChunk;  // the root is a leaf
  return index < slots.size() && leaves_[index >> leaf_shift_] != 0;
}

std::uint64_t xarray::width(std::uint64_t index) const {
  const Slot& there = slot(index);
  if (there.entry != 0) return std::uint64_t{1} << there.order;
  return leaf(index) ? 1 : leaf_pages();
}

bool xarray::needs_node(std::uint64_t index, unsigned order) const {
  CHECK(index < slots.size());
  if (lives_in_leaf(order)) return leaves_[index >> leaf_shift_] == 0;
  return leaf_shift_ == 0 ? head() : above_ == 0;
}

void xarray::count(std::uint64_t index, unsigned order, int by) {
  __atomic_store_n(&present_, present_ + static_cast<std::uint64_t>(by), __ATOMIC_RELAXED);
  if (index >= leaf_pages() || !lives_in_leaf(order)) above_ += static_cast<std::uint64_t>(by);
  if (lives_in_leaf(order)) {
    std::uint16_t& entries = leaves_[index >> leaf_shift_];
    entries = static_cast<std::uint16_t>(entries + by);
  }
}

void xarray::put(std::uint64_t index, const Slot& slot) {
  CHECK(xa_lock.held());
  CHECK(slots[index].entry == 0 && slot.entry != 0);
  if (slot.order > order_max_) __atomic_store_n(&order_max_, slot.order, __ATOMIC_RELAXED);
  slots[index].marks = slot.marks;
  __atomic_store_n(&slots[index].order, slot.order, __ATOMIC_RELAXED);
  replace(index, slot.entry);
  count(index, slot.order, 1);
}

xarray::Slot xarray::take(std::uint64_t index) {
  CHECK(xa_lock.held());
  CHECK(slots[index].entry != 0);
  const Slot gone = slots[index];
  replace(index, 0);
  slots[index].marks = 0;
  __atomic_store_n(&slots[index].order, 0, __ATOMIC_RELAXED);
  count(index, gone.order, -1);
  return gone;
}

void xarray::replace(std::uint64_t index, entry_t entry) {
  __atomic_store_n(&slots[index].entry, entry, __ATOMIC_RELAXED);  // looks without the lock
}

void xas_lock_irq(xa_state& xas) { xas.xa->xa_lock.lock(); }
void xas_unlock_irq(xa_state& xas) { xas.xa->xa_lock.unlock(); }

// Port of xas_store(), lib/xarray.c, Linux 6.12.
// Differs: an array instead of nodes; a store that lacks nodes asks for memory once and
// keeps nothing of it on failure; a lone entry at index 0, which needs no node, asks too:
// page 0 of a small world stands for any; of several entries it returns the first's.
// Yields: nowhere; xa_lock is held.
entry_t xas_store(xa_state& xas, entry_t entry) {
  xarray& xa = *xas.xa;
  CHECK(xa.xa_lock.held());
  if (xas.err != 0) return 0;
  CHECK(stands_at_its_index(xas));
  if (entry == 0) return erase(xas);
  const std::uint64_t pages = std::uint64_t{1} << xas.order;
  std::uint64_t index = xa.first(xas.xa_index);
  CHECK(index < xa.slots.size());
  const xarray::Slot before = xa.slots[index];
  if (before.entry != 0 && before.order >= xas.order) {
    if (before.entry != entry) {
      xa.replace(index, entry);
      tell(xa, index, before.entry, entry, before.order);
    }
  } else {
    index = xas.xa_index;
    CHECK((index & (pages - 1)) == 0 && index + pages <= xa.slots.size());
    if (xa.needs_node(index, xas.order)) {
      if (!xas.spare && should_fail()) {
        xas_set_err(xas, -ENOMEM);
        return 0;
      }
      xas.spare = false;
    }
    const std::uint8_t marks = clear_range(xa, index, pages);
    xa.put(index, {entry, marks, xas.order});
    tell(xa, index, 0, entry, xas.order);
  }
  xas.at = xa.head() ? xa_state::At::head : xa_state::At::slot;
  xas.pos = index;
  return before.entry;
}

// Port of xas_nomem(), lib/xarray.c, Linux 6.12.
// Differs: the GFP_KERNEL allocation is one more that can fail.
// Yields: nowhere.
bool xas_nomem(xa_state& xas) {
  if (xas.err != -ENOMEM) {
    xas.spare = false;
    return false;
  }
  if (should_fail()) return false;
  xas.spare = true;
  xas_reset(xas);
  return true;
}

bool xa_empty(const xarray& xa) {
  sched::yield_point("mapping_empty");
  return xa.empty();
}

std::size_t xa_present(const xarray& xa, std::uint64_t& start, std::uint64_t last,
                       std::span<std::uint64_t> indices) {
  std::size_t nr = 0;
  std::uint64_t next = start;
  for (std::uint64_t at = start; nr < indices.size() && at <= last && at < xa.slots.size();) {
    const xarray::Slot& there = xa.slot(at);
    const unsigned order = looked_at(there.order);
    const std::uint64_t end = (at >> order << order) + (std::uint64_t{1} << order);
    if (looked_at(there.entry) != 0) {
      indices[nr++] = at;
      next = end;
    }
    at = end;
  }
  start = next;
  return nr;
}

}  // namespace daxfuzz::kernel
