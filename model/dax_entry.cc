// SPDX-License-Identifier: GPL-2.0-only
// Entries and their lock: one bit of the value, waited for on hashed queues.
// Whoever got an unlocked entry either locks it or passes the wake-up on.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

void init_entry_wait(wait_exceptional_entry_queue& ewait) {
  ewait.wait.task = sched::Scheduler::current_task();
  ewait.wait.func = wake_exceptional_entry_func;
}

// Sleeps exclusively until the entry at the cursor is unlocked or gone; xa_lock is
// dropped meanwhile and held again after.
void wait_exclusive(xa_state& xas, entry_t entry, wait_exceptional_entry_queue& ewait) {
  sched::WaitQueueHead& wq = dax_entry_waitqueue(xas, entry, ewait.key);
  wq.prepare_to_wait_exclusive(ewait.wait, sched::TaskState::uninterruptible);
  xas_unlock_irq(xas);
  xas_reset(xas);
  sleep_on_entry(ewait);
  wq.finish_wait(ewait.wait);
  xas_lock_irq(xas);
}

}  // namespace

unsigned pmd_order() { return world().geometry.pmd_order; }
std::uint64_t pg_pmd_nr() { return std::uint64_t{1} << pmd_order(); }
std::uint64_t pg_pmd_colour() { return pg_pmd_nr() - 1; }

// Port of dax_entry_order(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: nowhere.
unsigned dax_entry_order(entry_t entry) { return dax_is_pmd_entry(entry) ? pmd_order() : 0; }

// Port of dax_entry_size(), fs/dax.c, Linux 6.12.
// Differs: in pages.
// Yields: nowhere.
std::uint64_t dax_entry_pages(entry_t entry) {
  return dax_is_real_entry(entry) ? std::uint64_t{1} << dax_entry_order(entry) : 0;
}

bool dax_entries_are_folios() { return protocol().pmd_folio; }

// Port of dax_to_folio(), fs/dax.c, Linux 6.16.
// Differs: asked of real entries only.
// Yields: before the look for the head.
folio* dax_to_folio(entry_t entry) {
  CHECK(dax_is_real_entry(entry));
  return page_folio(pfn_page(dax_to_pfn(entry)));
}

// Port of get_unlocked_entry(), fs/dax.c, Linux 6.12; get_next_unlocked_entry() since 6.15.
// Differs: nothing.
// Yields: while it waits; on xa_lock.
entry_t get_unlocked_entry(xa_state& xas, unsigned order) {
  wait_exceptional_entry_queue ewait;
  init_entry_wait(ewait);
  for (;;) {
    const entry_t entry = xas_find_conflict(xas);
    if (entry == 0 || WARN_ON_ONCE(!xa_is_value(entry), "warn-entry-not-a-value")) return entry;
    if (dax_entry_order(entry) < order) return XA_RETRY_ENTRY;
    if (!dax_is_locked(entry)) return entry;
    wait_exclusive(xas, entry, ewait);
  }
}

// Port of wait_entry_unlocked_exclusive(), fs/dax.c, Linux 6.18.
// Differs: nothing (6.15 advanced the cursor by mistake, dd59137bfe70 mends it).
// Yields: while it waits; on xa_lock.
entry_t wait_entry_unlocked_exclusive(xa_state& xas, entry_t entry) {
  wait_exceptional_entry_queue ewait;
  init_entry_wait(ewait);
  while (dax_is_locked(entry)) {
    wait_exclusive(xas, entry, ewait);
    entry = xas_load(xas);
  }
  return xa_is_internal(entry) ? 0 : entry;
}

// Port of put_unlocked_entry(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: in dax_wake_entry().
void put_unlocked_entry(const xa_state& xas, entry_t entry, dax_wake_mode mode) {
  if (entry != 0 && !dax_is_conflict(entry)) dax_wake_entry(xas, entry, mode);
}

// Port of dax_lock_entry(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: nowhere; xa_lock is held.
entry_t dax_lock_entry(xa_state& xas, entry_t entry) {
  return xas_store(xas, xa_mk_value(xa_to_value(entry) | DAX_LOCKED));
}

// Port of dax_unlock_entry(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: on xa_lock; in dax_wake_entry(), after xa_lock is dropped.
void dax_unlock_entry(xa_state& xas, entry_t entry) {
  Function function("dax_unlock_entry", xas.xa->id, static_cast<std::int64_t>(xas.xa_index));
  BUG_ON(dax_is_locked(entry), "bug-unlock-to-locked");
  xas_reset(xas);
  xas_lock_irq(xas);
  const entry_t old = xas_store(xas, entry);
  xas_unlock_irq(xas);
  BUG_ON(!dax_is_locked(old), "bug-unlock-of-unlocked");
  dax_wake_entry(xas, entry, WAKE_NEXT);
}

namespace {

// Makes room for a PTE where a hole's or an empty PMD entry is: that one goes.
void downgrade_pmd_entry(xa_state& xas, address_space& mapping, entry_t entry) {
  const std::uint64_t index = xas.xa_index;
  (void)dax_lock_entry(xas, entry);  // it stays valid while the lock is dropped
  if (dax_is_zero_entry(entry)) {
    xas_unlock_irq(xas);
    unmap_mapping_pages(mapping, index & ~pg_pmd_colour(), pg_pmd_nr(), false);
    xas_reset(xas);
    xas_lock_irq(xas);
  }
  dax_disassociate_entry(entry, mapping, false);
  (void)xas_store(xas, 0);  // undoes the PMD's join
  dax_wake_entry(xas, entry, WAKE_ALL);
  mapping.nrpages -= pg_pmd_nr();
  xas_set(xas, index);
}

}  // namespace

// Port of grab_mapping_entry(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: nothing.
// Yields: on xa_lock; while it waits for the entry; in the unmap and the wake-up of a
// downgrade.
entry_t grab_mapping_entry(xa_state& xas, address_space& mapping, unsigned order) {
  Function function("grab_mapping_entry", mapping.host->i_ino,
                    static_cast<std::int64_t>(xas.xa_index), order);
  const std::uint64_t index = xas.xa_index;
  for (;;) {
    xas_lock_irq(xas);
    entry_t entry = get_unlocked_entry(xas, order);
    if (dax_is_conflict(entry)) {
      xas_unlock_irq(xas);
      return function.ret(xa_mk_internal(VM_FAULT_FALLBACK));
    }
    if (entry != 0 && order == 0 && dax_is_pmd_entry(entry) && !dax_is_real_entry(entry)) {
      CHECK(xas.xa_index == index);
      downgrade_pmd_entry(xas, mapping, entry);
      entry = 0;
    }
    if (entry != 0) {
      (void)dax_lock_entry(xas, entry);
    } else {
      entry = dax_make_entry(0, DAX_EMPTY | (order > 0 ? DAX_PMD : 0));
      (void)dax_lock_entry(xas, entry);
      if (xas.err == 0) mapping.nrpages += std::uint64_t{1} << order;
    }
    xas_unlock_irq(xas);
    if (xas_nomem(xas)) continue;
    if (xas.err == -ENOMEM) return function.ret(xa_mk_internal(VM_FAULT_OOM));
    return function.ret(entry);
  }
}

}  // namespace daxfuzz::kernel
