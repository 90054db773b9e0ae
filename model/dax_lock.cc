// SPDX-License-Identifier: GPL-2.0-only
// The lock of an entry for those who are in no fault: memory failure has a page and
// wants the file to stay with it, or has a file and an index. They wait without being
// exclusive, since they may never come to own the entry that they wait for.
// Read next: memory_failure.cc.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of wait_entry_unlocked(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: nothing. xa_lock is held before and not after; the mapping may be gone then.
// Yields: on the queue's lock, and while it waits.
void wait_entry_unlocked(xa_state& xas, entry_t entry) {
  Function function("wait_entry_unlocked", xas.xa->id, static_cast<std::int64_t>(xas.xa_index));
  CHECK(xas.xa->xa_lock.held());
  wait_exceptional_entry_queue ewait;
  ewait.wait.task = sched::Scheduler::current_task();
  ewait.wait.func = wake_exceptional_entry_func;
  sched::WaitQueueHead& wq = dax_entry_waitqueue(xas, entry, ewait.key);
  wq.prepare_to_wait(ewait.wait, sched::TaskState::uninterruptible);
  xas_unlock_irq(xas);
  sleep_on_entry(ewait);
  wq.finish_wait(ewait.wait);
}

}  // namespace

address_space* deref_mapping(std::uint64_t word) {
  for (inode& file : world().inodes)
    if (mapping_word(&file.i_mapping) == word) return &file.i_mapping;
  BUG_ON(word == 0, "bug-null-mapping-dereferenced");
  BUG_ON(word != 0, "bug-magic-mapping-dereferenced");
  return nullptr;
}

// Port of dax_lock_folio(), fs/dax.c, Linux 6.12 and 6.16; dax_lock_page(), Linux 6.1.
// Differs: RCU is absent, since no inode is freed; no file is a device-dax one. As there, a
// slot that is empty is locked like an entry, and the caller is told that nothing was.
// Yields: before the mapping is read, before it is read again and the index is; on xa_lock;
// while it waits.
dax_entry_t dax_lock_folio(folio* folio) {
  Function function("dax_lock_folio", static_cast<std::int64_t>(folio->pfn));
  for (;;) {
    const std::uint64_t word = folio->mapping.read_once("mapping_load");
    if (word == 0) return function.ret(dax_entry_t{0});
    address_space* mapping = deref_mapping(word);  // dax_mapping()
    if (mapping == nullptr) return function.ret(dax_entry_t{0});
    xa_state xas(mapping->i_pages, 0);
    xas_lock_irq(xas);
    if (folio->mapping.load("mapping_load") != word) {
      xas_unlock_irq(xas);
      continue;
    }
    xas_set(xas, folio->index.load("index_load"));
    const entry_t entry = xas_load(xas);
    if (dax_is_locked(entry)) {
      wait_entry_unlocked(xas, entry);
      continue;
    }
    (void)dax_lock_entry(xas, entry);
    xas_unlock_irq(xas);
    return function.ret(entry);
  }
}

// Port of dax_unlock_folio(), fs/dax.c, Linux 6.12 and 6.16; dax_unlock_page(), Linux 6.1.
// Differs: nothing. It asks the folio again where the entry is.
// Yields: before the mapping and the index are read; in dax_unlock_entry().
void dax_unlock_folio(folio* folio, dax_entry_t cookie) {
  Function function("dax_unlock_folio", static_cast<std::int64_t>(folio->pfn));
  CHECK(cookie != 0 && cookie != DAX_NOTHING_TO_LOCK);
  const std::uint64_t word = folio->mapping.load("mapping_load");
  const std::uint64_t index = folio->index.load("index_load");
  address_space* mapping = deref_mapping(word);
  if (mapping == nullptr) return;
  xa_state xas(mapping->i_pages, index);
  dax_unlock_entry(xas, cookie);
}

// Port of dax_lock_mapping_entry(), fs/dax.c, Linux 6.1, 6.12 and 6.16.
// Differs: as dax_lock_folio(); every mapping is a DAX one, so it never returns 0.
// Yields: on xa_lock; while it waits.
dax_entry_t dax_lock_mapping_entry(address_space& mapping, std::uint64_t index, folio** page) {
  Function function("dax_lock_mapping_entry", mapping.host->i_ino,
                    static_cast<std::int64_t>(index));
  for (;;) {
    xa_state xas(mapping.i_pages, index);
    xas_lock_irq(xas);
    entry_t entry = xas_load(xas);
    if (dax_is_locked(entry)) {
      wait_entry_unlocked(xas, entry);
      continue;
    }
    if (dax_is_real_entry(entry)) {
      *page = pfn_page(dax_to_pfn(entry));
      (void)dax_lock_entry(xas, entry);
    } else {
      entry = DAX_NOTHING_TO_LOCK;
    }
    xas_unlock_irq(xas);
    return function.ret(entry);
  }
}

// Port of dax_unlock_mapping_entry(), fs/dax.c, Linux 6.1, 6.12 and 6.16.
// Differs: nothing.
// Yields: in dax_unlock_entry().
void dax_unlock_mapping_entry(address_space& mapping, std::uint64_t index, dax_entry_t cookie) {
  CHECK(cookie != 0);
  if (cookie == DAX_NOTHING_TO_LOCK) return;
  xa_state xas(mapping.i_pages, index);
  dax_unlock_entry(xas, cookie);
}

}  // namespace daxfuzz::kernel
