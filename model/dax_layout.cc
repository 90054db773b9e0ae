// SPDX-License-Identifier: GPL-2.0-only
// Before blocks are freed: unmap, find pages that somebody uses, wait until they
// are idle, take the entries away. The scan's test, the wait's test and the wake-up
// are three places that must agree; the protocol says what each is.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

bool page_is_busy(const folio* page) {
  switch (protocol().busy_test) {
    case BusyTest::ref_gt_one: return folio_ref_count(page) > 1;
    case BusyTest::ref_nonzero: return folio_ref_count(page) != 0;
    case BusyTest::ref_minus_mapcount: {
      const int ref = folio_ref_count(page);
      return ref - folio_mapcount(page) != 0;
    }
  }
  return false;
}

// Port of dax_busy_page(), fs/dax.c, Linux 6.12, 6.16 and v1.
// Differs: nothing. Up to 6.14 and in v1 it looks at each page of the entry, since 6.15
// at the folio.
// Yields: in the look for the folio and before each count is read.
folio* dax_busy_page(entry_t entry) {
  if (!dax_is_real_entry(entry)) return nullptr;
  if (protocol().busy_test == BusyTest::ref_minus_mapcount) {
    folio* folio = dax_to_folio(entry);
    return page_is_busy(folio) ? folio : nullptr;
  }
  for (std::uint64_t i = 0; i < dax_entry_pages(entry); i++) {
    folio* page = pfn_page(dax_to_pfn(entry) + i);
    if (page_is_busy(page)) return page;
  }
  return nullptr;
}

// dax_page_is_idle(), include/linux/dax.h, Linux 6.16; the count test before it.
bool page_is_idle(const folio* folio) { return folio_ref_count(folio) == protocol().idle_count; }
bool page_is_idle_peek(const folio* folio) {
  return folio->_refcount.peek() == protocol().idle_count;
}

// Port of __dax_invalidate_entry(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: on xa_lock; while the entry is locked; in the wake-up.
int __dax_invalidate_entry(address_space& mapping, std::uint64_t index, bool trunc) {
  Function function("__dax_invalidate_entry", mapping.host->i_ino,
                    static_cast<std::int64_t>(index), trunc);
  xa_state xas(mapping.i_pages, index);
  int ret = 0;
  xas_lock_irq(xas);
  const entry_t entry = get_unlocked_entry(xas, 0);
  const bool present = entry != 0 && xa_is_value(entry);
  const bool refuse = !trunc && present &&
                      (xas_get_mark(xas, PAGECACHE_TAG_DIRTY) ||
                       xas_get_mark(xas, PAGECACHE_TAG_TOWRITE));
  if (present && !refuse) {
    dax_disassociate_entry(entry, mapping, trunc);
    (void)xas_store(xas, 0);
    mapping.nrpages -= std::uint64_t{1} << dax_entry_order(entry);
    ret = 1;
  }
  put_unlocked_entry(xas, entry, WAKE_ALL);
  xas_unlock_irq(xas);
  return function.ret(ret);
}

// Port of dax_delete_mapping_range(), fs/dax.c, Linux 6.16.
// Differs: nothing.
// Yields: on xa_lock; while an entry is locked; in the wake-ups.
void dax_delete_mapping_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  Function function("dax_delete_mapping_range", mapping.host->i_ino);
  xa_state xas(mapping.i_pages, start);
  xas_lock_irq(xas);
  for (entry_t entry = xas_find(xas, last); entry != 0; entry = xas_next_entry(xas, last)) {
    entry = wait_entry_unlocked_exclusive(xas, entry);
    if (entry == 0) continue;
    dax_disassociate_entry(entry, mapping, true);
    (void)xas_store(xas, 0);
    mapping.nrpages -= std::uint64_t{1} << dax_entry_order(entry);
    put_unlocked_entry(xas, entry, WAKE_ALL);
  }
  xas_unlock_irq(xas);
}

void schedule_cmd(void*, const sched::WaitReason& reason) { sched::schedule(reason); }

// Port of wait_page_idle_uninterruptible(), fs/dax.c, Linux 6.16.
// Differs: nothing.
// Yields: while it waits.
void wait_page_idle_uninterruptible(const folio* page) {
  wait_var_event(page, page_is_idle, page_is_idle_peek, sched::TaskState::uninterruptible,
                 schedule_cmd, nullptr);
}

}  // namespace

// Port of dax_layout_busy_page_range(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: XA_CHECK_SCHED is the geometry's. In the 2022 series it is
// dax_zap_mappings_range(), which zaps what it looks at.
// Yields: in the unmap; on xa_lock, every XA_CHECK_SCHED entries, too; while an entry is
// locked; in the test.
folio* dax_layout_busy_page_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  Function function("dax_layout_busy_page", mapping.host->i_ino);
  if (protocol().scan_needs_mapped && !mapping_mapped(mapping)) {
    (void)function.ret(-1);
    return nullptr;
  }
  unmap_mapping_pages(mapping, start, last - start + 1, false);
  xa_state xas(mapping.i_pages, start);
  folio* page = nullptr;
  unsigned scanned = 0;
  xas_lock_irq(xas);
  for (entry_t entry = xas_find(xas, last); entry != 0; entry = xas_next_entry(xas, last)) {
    if (protocol().scan_wait == ScanWait::same_entry) {
      entry = wait_entry_unlocked_exclusive(xas, entry);
    } else if (dax_is_locked(entry)) {
      entry = get_unlocked_entry(xas, 0);  // of a cursor that has walked
    }
    if (entry != 0)
      page = protocol().entry_put == EntryPut::disassociate ? dax_busy_page(entry)
                                                            : dax_zap_pages(xas, entry);
    put_unlocked_entry(xas, entry, WAKE_NEXT);
    if (page != nullptr) break;
    xas_check_sched(xas, scanned);
  }
  xas_unlock_irq(xas);
  (void)function.ret(page != nullptr ? static_cast<std::int64_t>(page->pfn) : 0);
  return page;
}

// Port of dax_delete_mapping_entry(), fs/dax.c, Linux 6.12.
// Differs: in the 2022 series an inode that goes waits here, for each entry and the page
// after it.
// Yields: in __dax_invalidate_entry().
int dax_delete_mapping_entry(address_space& mapping, std::uint64_t index) {
  if (protocol().evict_breaks == EvictBreaks::entry && mapping.exiting.peek())
    while (const folio* page = dax_layout_busy_page_range(mapping, index, index + 1))
      wait_page_idle_uninterruptible(page);
  const int ret = __dax_invalidate_entry(mapping, index, true);
  WARN_ON_ONCE(ret == 0, "warn-delete-found-no-entry");
  return ret;
}

// Port of dax_invalidate_mapping_entry_sync(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: in __dax_invalidate_entry().
int dax_invalidate_mapping_entry_sync(address_space& mapping, std::uint64_t index) {
  return __dax_invalidate_entry(mapping, index, false);
}

// Port of __dax_clear_dirty_range(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: XA_CHECK_SCHED is the geometry's.
// Yields: on xa_lock, every XA_CHECK_SCHED entries, too; while an entry is locked; in the
// wake-ups.
void dax_clear_dirty_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  xa_state xas(mapping.i_pages, start);
  unsigned scanned = 0;
  xas_lock_irq(xas);
  for (entry_t entry = xas_find(xas, last); entry != 0; entry = xas_next_entry(xas, last)) {
    if (protocol().scan_wait == ScanWait::same_entry) {
      entry = wait_entry_unlocked_exclusive(xas, entry);
      if (entry == 0) continue;
    } else {
      entry = get_unlocked_entry(xas, 0);  // of a cursor that has walked
    }
    xas_clear_mark(xas, PAGECACHE_TAG_DIRTY);
    xas_clear_mark(xas, PAGECACHE_TAG_TOWRITE);
    put_unlocked_entry(xas, entry, WAKE_NEXT);
    xas_check_sched(xas, scanned);
  }
  xas_unlock_irq(xas);
}

// Port of dax_break_layout(), fs/dax.c, Linux 6.16; before it, the loop of
// xfs_break_layouts() around dax_layout_busy_page(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: no signals, so no error.
// Yields: in the scan and while it waits.
int dax_break_layout(inode& ip, std::uint64_t start, std::uint64_t last, BreakCallback cb, void* arg) {
  Function function("dax_break_layout", ip.i_ino);
  while (folio* page = dax_layout_busy_page_range(ip.i_mapping, start, last))
    wait_var_event(page, page_is_idle, page_is_idle_peek, sched::TaskState::interruptible, cb, arg);
  if (protocol().break_deletes) dax_delete_mapping_range(ip.i_mapping, start, last);
  return function.ret(0);
}

bool dax_break_layout_once(inode& ip, BreakCallback cb, void* arg) {
  Function function("dax_break_layout", ip.i_ino);
  folio* page = dax_layout_busy_page_range(ip.i_mapping, 0, UINT64_MAX);
  if (page != nullptr)
    wait_var_event(page, page_is_idle, page_is_idle_peek, sched::TaskState::interruptible, cb, arg);
  return function.ret(page != nullptr);
}

int dax_break_layout_nowait(inode& ip) {
  Function function("dax_break_layout", ip.i_ino);
  const folio* page = dax_layout_busy_page_range(ip.i_mapping, 0, UINT64_MAX);
  if (protocol().break_deletes) {
    if (page != nullptr) return function.ret(-ERESTARTSYS);
    dax_delete_mapping_range(ip.i_mapping, 0, UINT64_MAX);
    return function.ret(0);
  }
  if (protocol().entry_put != EntryPut::disassociate)
    return function.ret(page != nullptr ? -ERESTARTSYS : 0);
  // Before 6.15: `if (page && page_ref_count(page) != 1) goto again`.
  return function.ret(page != nullptr && !page_is_idle(page) ? -ERESTARTSYS : 0);
}

// Port of dax_break_layout_final(), fs/dax.c, Linux 6.16.
// Differs: nothing.
// Yields: in the scan and while it waits.
void dax_break_layout_final(inode& ip) {
  Function function("dax_break_layout_final", ip.i_ino);
  while (const folio* page = dax_layout_busy_page_range(ip.i_mapping, 0, UINT64_MAX))
    wait_page_idle_uninterruptible(page);
  dax_delete_mapping_range(ip.i_mapping, 0, UINT64_MAX);
}

}  // namespace daxfuzz::kernel
