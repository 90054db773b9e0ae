// SPDX-License-Identifier: GPL-2.0-only
// read(2), write(2) and writeback on DAX. Reads and writes hold no entry lock: they
// rely on invalidation to keep page tables and mapping in step with the blocks.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

FilePage page_of(const inode& ip, std::uint64_t page) {
  return {ip.i_ino, static_cast<std::uint16_t>(page)};
}

// Port of tag_pages_for_writeback(), mm/page-writeback.c, Linux 6.12.
// Differs: the whole file.
// Yields: on xa_lock.
void tag_pages_for_writeback(address_space& mapping) {
  xa_state xas(mapping.i_pages, 0);
  xas_lock_irq(xas);
  for (entry_t entry = xas_find_marked(xas, UINT64_MAX, PAGECACHE_TAG_DIRTY); entry != 0;) {
    xas_set_mark(xas, PAGECACHE_TAG_TOWRITE);
    entry = xas_find_marked(xas, UINT64_MAX, PAGECACHE_TAG_DIRTY);
  }
  xas_unlock_irq(xas);
}

// Port of dax_writeback_one(), fs/dax.c, Linux 6.12.
// Differs: order 0; dax_flush() is a step without effect until pmem has cache lines.
// Yields: while the entry is locked; on i_mmap_rwsem and in mkclean; at the flush; on
// xa_lock; in the wake-up. xa_lock is held on entry and on return.
int dax_writeback_one(xa_state& xas, address_space& mapping, entry_t entry) {
  Function function("dax_writeback_one", mapping.host->i_ino,
                    static_cast<std::int64_t>(xas.xa_index));
  if (dax_is_locked(entry)) {
    const entry_t old_entry = entry;
    entry = get_unlocked_entry(xas);
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

  const std::uint64_t pfn = dax_to_pfn(entry), index = xas.xa_index;
  mapping.i_mmap_rwsem.down_read();
  for (vm_area_struct& vma : world().vmas) {
    if (!mapping.has_vma(vma)) continue;
    if (index < vma.vm_pgoff.peek() || index >= vma.vm_pgoff.peek() + vma.vm_pages.peek()) continue;
    pfn_mkclean_range(pfn, index, vma);
  }
  mapping.i_mmap_rwsem.up_read();

  sched::yield_point("dax_flush");
  world().observer.flushed(pfn);
  xas_reset(xas);
  xas_lock_irq(xas);
  (void)xas_store(xas, entry);
  xas_clear_mark(xas, PAGECACHE_TAG_DIRTY);
  dax_wake_entry(xas, entry, WAKE_NEXT);
  return function.ret(0);
}

}  // namespace

// Port of dax_iomap_iter(), fs/dax.c, Linux 6.12: a read of one page.
// Differs: the page is copied in one step.
// Yields: in iomap_begin and before the copy.
int dax_iomap_read(inode& ip, std::uint64_t page) {
  Function function("dax_iomap_rw", ip.i_ino, static_cast<std::int64_t>(page), 0);
  const std::uint64_t since = world().observer.read_begin();
  iomap_iter iter{.file = &ip, .page = page, .write = false, .map = {}, .srcmap = {}};
  const int error = iomap_begin(iter);
  if (error != 0) return function.ret(error);
  const bool hole = iter.map.type == IomapType::hole;
  const std::uint64_t pfn = hole ? kZeroPfn : block_to_pfn(iter.map.block);
  sched::yield_point("copy_to_iter");
  const std::uint8_t value = world().pmem.load(pfn);
  world().observer.was_read(page_of(ip, page), pfn, value, since);
  return function.ret(value);
}

// Port of dax_iomap_iter(), fs/dax.c, Linux 6.1 and 6.12: a write of one page.
// Differs: the page is whole, so a CoW needs no copy around it.
// Yields: in iomap_begin, the invalidation and iomap_end, and before the copy.
int dax_iomap_write(inode& ip, std::uint64_t page, std::uint8_t value) {
  Function function("dax_iomap_rw", ip.i_ino, static_cast<std::int64_t>(page), 1);
  iomap_iter iter{.file = &ip, .page = page, .write = true, .map = {}, .srcmap = {}};
  const int error = iomap_begin(iter);
  if (error != 0) return function.ret(error);
  if (iter.map.fresh || (iter.map.shared && protocol().cow_write != CowWrite::keeps)) {
    if (iter.map.shared && protocol().cow_write == CowWrite::drops)
      dax_clear_dirty_range(ip.i_mapping, page, page);
    (void)invalidate_inode_pages2_range(ip.i_mapping, page, page);
  }
  sched::yield_point("copy_from_iter");
  world().pmem.store(block_to_pfn(iter.map.block), value);
  iomap_end(iter, true);
  return function.ret(0);
}

// Port of dax_writeback_mapping_range(), fs/dax.c, Linux 6.12.
// Differs: the whole file, WB_SYNC_ALL.
// Yields: before the look at the mapping; on xa_lock; in dax_writeback_one().
int dax_writeback_mapping_range(address_space& mapping) {
  Function function("dax_writeback_mapping_range", mapping.host->i_ino);
  if (xa_empty(mapping.i_pages)) return function.ret(0);
  tag_pages_for_writeback(mapping);
  xa_state xas(mapping.i_pages, 0);
  int ret = 0;
  xas_lock_irq(xas);
  for (entry_t entry = xas_find_marked(xas, UINT64_MAX, PAGECACHE_TAG_TOWRITE); entry != 0;) {
    ret = dax_writeback_one(xas, mapping, entry);
    if (ret < 0) break;
    entry = xas_find_marked(xas, UINT64_MAX, PAGECACHE_TAG_TOWRITE);
  }
  xas_unlock_irq(xas);
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
