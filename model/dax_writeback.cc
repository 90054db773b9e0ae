// SPDX-License-Identifier: GPL-2.0-only
// Writeback of what was stored through mappings: DIRTY becomes TOWRITE, then each entry is
// locked, its mappings write-protected, its pages flushed, and only then is it clean.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of tag_pages_for_writeback(), mm/page-writeback.c, Linux 6.12.
// Differs: XA_CHECK_SCHED is the geometry's.
// Yields: on xa_lock, every XA_CHECK_SCHED entries, too.
void tag_pages_for_writeback(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  xa_state xas(mapping.i_pages, start);
  unsigned tagged = 0;
  xas_lock_irq(xas);
  for (entry_t entry = xas_find_marked(xas, last, PAGECACHE_TAG_DIRTY); entry != 0;
       entry = xas_find_marked(xas, last, PAGECACHE_TAG_DIRTY)) {
    xas_set_mark(xas, PAGECACHE_TAG_TOWRITE);
    xas_check_sched(xas, tagged);
  }
  xas_unlock_irq(xas);
}

// Port of dax_writeback_one(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: nothing.
// Yields: while the entry is locked; on i_mmap_rwsem and in mkclean; before each page is
// flushed; on xa_lock; in the wake-up. xa_lock is held on entry and on return.
int dax_writeback_one(xa_state& xas, address_space& mapping, entry_t entry) {
  Function function("dax_writeback_one", mapping.host->i_ino,
                    static_cast<std::int64_t>(xas.xa_index));
  if (dax_is_locked(entry)) {
    const entry_t old_entry = entry;
    entry = get_unlocked_entry(xas, 0);
    const bool gone = entry == 0 || !xa_is_value(entry);
    int ret = 0;
    bool skip = gone || dax_to_pfn(old_entry) != dax_to_pfn(entry);
    if (!skip && WARN_ON_ONCE(dax_is_empty_entry(entry) || dax_is_zero_entry(entry),
                              "warn-writeback-of-hole")) {
      ret = -EIO;
      skip = true;
    }
    if (skip || !xas_get_mark(xas, PAGECACHE_TAG_TOWRITE)) {
      put_unlocked_entry(xas, entry, WAKE_NEXT);
      return function.ret(ret);
    }
  }
  (void)dax_lock_entry(xas, entry);
  xas_clear_mark(xas, PAGECACHE_TAG_TOWRITE);
  xas_unlock_irq(xas);

  const std::uint64_t pfn = dax_to_pfn(entry), count = std::uint64_t{1} << dax_entry_order(entry);
  const std::uint64_t index = xas.xa_index & ~(count - 1);
  mapping.i_mmap_rwsem.down_read();
  for (vm_area_struct& vma : world().vmas) {
    if (!mapping.has_vma(vma)) continue;
    const std::uint64_t vba = vma.vm_pgoff.peek(), vea = vba + vma.vm_pages.peek();
    if (index + count <= vba || index >= vea) continue;
    pfn_mkclean_range(pfn, count, index, vma);
  }
  mapping.i_mmap_rwsem.up_read();

  for (std::uint64_t i = 0; i < count; i++) {
    sched::yield_point("dax_flush");
    if (!pfn_is_pmem(pfn)) continue;  // 6.1 marks entries of holes dirty: no file's data
    world().pmem.write_back(pfn + i);
    world().observer.flushed(pfn + i);
  }
  xas_reset(xas);
  xas_lock_irq(xas);
  (void)xas_store(xas, entry);
  xas_clear_mark(xas, PAGECACHE_TAG_DIRTY);
  dax_wake_entry(xas, entry, WAKE_NEXT);
  return function.ret(0);
}

}  // namespace

// Port of dax_writeback_mapping_range(), fs/dax.c, Linux 6.12.
// Differs: WB_SYNC_ALL; XA_CHECK_SCHED is the geometry's.
// Yields: before the look at the mapping; on xa_lock, every XA_CHECK_SCHED entries, too; in
// dax_writeback_one().
int dax_writeback_mapping_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  Function function("dax_writeback_mapping_range", mapping.host->i_ino,
                    static_cast<std::int64_t>(start), static_cast<std::int64_t>(last));
  if (xa_empty(mapping.i_pages)) return function.ret(0);
  tag_pages_for_writeback(mapping, start, last);
  xa_state xas(mapping.i_pages, start);
  int ret = 0;
  unsigned scanned = 0;
  xas_lock_irq(xas);
  for (entry_t entry = xas_find_marked(xas, last, PAGECACHE_TAG_TOWRITE); entry != 0;
       entry = xas_find_marked(xas, last, PAGECACHE_TAG_TOWRITE)) {
    ret = dax_writeback_one(xas, mapping, entry);
    if (ret < 0) break;
    xas_check_sched(xas, scanned);
  }
  xas_unlock_irq(xas);
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
