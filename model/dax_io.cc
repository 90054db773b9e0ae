// SPDX-License-Identifier: GPL-2.0-only
// read(2) and write(2) on DAX. They hold no entry lock: they rely on invalidation to keep
// page tables and mapping in step with the blocks. And the copy around a range that a CoW
// does not write itself. Read next: dax_writeback.cc.
#include <algorithm>
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

FileByte byte_of(const inode& ip, loff_t pos) { return {ip.i_ino, static_cast<std::uint32_t>(pos)}; }
unsigned line_of(loff_t pos) { return static_cast<unsigned>(pos % PAGE_SIZE); }

// [pos, end) of the mapping becomes what the source has there, or zero, through the cache.
void copy_or_zero(const iomap_iter& iter, loff_t pos, loff_t end, bool zero) {
  for (loff_t p = pos; p < end; p++) {
    if (p == pos || line_of(p) == 0) sched::yield_point("copy_around");
    const std::uint8_t value =
        zero ? 0 : world().pmem.load(dax_iomap_pfn(iter.source(), p), line_of(p));
    world().pmem.store(dax_iomap_pfn(iter.map, p), value, 1u << line_of(p));
  }
}

// Pages that [pos, pos + length) touches.
std::uint64_t pages_of(loff_t pos, loff_t length) {
  return page_of(pos % PAGE_SIZE + length + PAGE_SIZE - 1);
}

// Port of dax_iomap_iter(), fs/dax.c, Linux 6.1 and 6.12: the part of a mapping that is read.
// Differs: a page is copied in one step.
// Yields: before each page is copied.
void read_iter(iomap_iter& iter, std::uint64_t since, std::uint8_t* last) {
  const loff_t end = std::min(iter.pos + iter.length(), iter.file->i_size.peek());
  if (iter.pos >= end) return;
  const bool mapped = iter.map.type == IomapType::mapped;
  if (mapped) {
    const std::int64_t map_len = dax_direct_access(
        dax_iomap_pfn(iter.map, iter.pos), pages_of(iter.pos, iter.length()), DAX_ACCESS);
    if (map_len < 0) {
      iter.error = dax_mem2blk_err(static_cast<int>(map_len));
      return;
    }
  }
  for (loff_t pos = iter.pos; pos < end; pos++) {
    if (pos == iter.pos || line_of(pos) == 0) sched::yield_point("copy_to_iter");
    const std::uint64_t pfn = mapped ? dax_iomap_pfn(iter.map, pos) : kZeroPfn;
    *last = world().pmem.load(pfn, line_of(pos));
    world().observer.was_read(byte_of(*iter.file, pos), pfn, *last, since);
  }
  iter.processed = end - iter.pos;
}

// What is copied is on the medium at once (memcpy_flushcache()).
void copy_from_iter(const iomap_iter& iter, loff_t start, loff_t end, std::uint8_t value) {
  for (loff_t pos = start; pos < end; pos++) {
    if (pos == start || line_of(pos) == 0) sched::yield_point("copy_from_iter");
    const std::uint64_t pfn = dax_iomap_pfn(iter.map, pos);
    world().pmem.store(pfn, value, 1u << line_of(pos));
    world().pmem.write_back(pfn, 1u << line_of(pos));
  }
}

// Port of pmem_recovery_write(), drivers/nvdimm/pmem.c, Linux 6.12: false if it would write
// a part of a bad page.
// Differs: the poison itself goes when its record does, after the copy.
// Yields: in the copy.
bool pmem_recovery_write(const iomap_iter& iter, loff_t pos, loff_t end, std::uint8_t value) {
  CHECK(pos < end);
  const std::uint64_t pfn = dax_iomap_pfn(iter.map, pos), pages = pages_of(pos, end - pos);
  const bool bad = dax_direct_access(pfn, pages, DAX_ACCESS) < 0;
  if (bad && (pos % PAGE_SIZE != 0 || end % PAGE_SIZE != 0)) return false;
  copy_from_iter(iter, pos, end, value);
  if (bad) pmem_clear_poison(pfn, pages);
  return true;
}

// The part of a mapping that is written, piece by piece where memory is bad.
// Differs: as read_iter().
void write_iter(iomap_iter& iter, std::uint8_t value) {
  inode& ip = *iter.file;
  const bool cow = iter.map.shared;
  const loff_t end = iter.pos + iter.length();
  if (iter.map.fresh || (cow && protocol().cow_write != CowWrite::keeps)) {
    if (cow && protocol().cow_write == CowWrite::drops)
      dax_clear_dirty_range(ip.i_mapping, page_of(iter.pos), page_of(end - 1));
    (void)invalidate_inode_pages2_range(ip.i_mapping, page_of(iter.pos), page_of(end - 1));
  }
  loff_t pos = iter.pos;
  int ret = 0;
  while (pos < end && ret == 0) {
    const std::uint64_t pfn = dax_iomap_pfn(iter.map, pos), pages = pages_of(pos, end - pos);
    std::int64_t map_len = dax_direct_access(pfn, pages, DAX_ACCESS);
    const bool recovery = map_len == -EHWPOISON;
    if (recovery) map_len = dax_direct_access(pfn, pages, DAX_RECOVERY_WRITE);
    CHECK(map_len > 0);
    if (cow) ret = dax_iomap_copy_around(iter, pos, end - pos, PAGE_SIZE);
    if (ret != 0) break;
    const loff_t room = pos_of(static_cast<std::uint64_t>(map_len)) - pos % PAGE_SIZE;
    const loff_t piece = std::min(pos + room, end);
    if (!recovery)
      copy_from_iter(iter, pos, piece, value);
    else if (!pmem_recovery_write(iter, pos, piece, value))
      ret = -EFAULT;
    if (ret == 0) pos = piece;
  }
  iter.processed = pos - iter.pos;
  if (iter.processed == 0) iter.error = ret;
}

}  // namespace

// Port of dax_iomap_copy_around(), fs/dax.c, Linux 6.12.
// Differs: the destination is given by the mapping.
// Yields: before each page that is copied or zeroed, and before the flush.
int dax_iomap_copy_around(const iomap_iter& iter, loff_t pos, loff_t length, loff_t align) {
  Function function("dax_iomap_copy_around", static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(length));
  const loff_t end = pos + length;
  const loff_t begin = pos / align * align, pg_end = (end + align - 1) / align * align;
  const iomap& srcmap = iter.source();
  // A mapping that is its own source has none. Then 6.1 has nothing to do, and of an unwritten block
  // it copies what is there (dax_iomap_cow_copy()).
  const bool before = protocol().linux61, own = srcmap.shared;
  if (before && own) return function.ret(0);
  const bool zero_edge = !before && (own || srcmap.type == IomapType::unwritten);
  if (!zero_edge && dax_direct_access(dax_iomap_pfn(srcmap, pos), page_of(pg_end - begin),
                                      DAX_ACCESS) < 0)
    return -EIO;
  if (begin == pos && end == pg_end) {
    copy_or_zero(iter, pos, end, zero_edge);
  } else {
    copy_or_zero(iter, begin, pos, zero_edge);
    copy_or_zero(iter, end, pg_end, zero_edge);
  }
  if (!zero_edge) return 0;
  sched::yield_point("dax_flush");
  for (loff_t p = begin; p < pg_end; p++)
    world().pmem.write_back(dax_iomap_pfn(iter.map, p), 1u << line_of(p));
  return 0;
}

int dax_iomap_read(inode& ip, loff_t pos, loff_t len, std::uint8_t* last) {
  Function function("dax_iomap_rw", ip.i_ino, static_cast<std::int64_t>(pos), 0);
  CHECK(len > 0);
  const std::uint64_t since = world().observer.read_begin();
  iomap_iter iter{.file = &ip, .pos = pos, .len = len};
  int ret = 0;
  while ((ret = iomap_next(iter)) > 0) read_iter(iter, since, last);
  const auto done = static_cast<int>(iter.pos - pos);
  return function.ret(done != 0 ? done : ret);
}

int dax_iomap_write(inode& ip, loff_t pos, loff_t len, std::uint8_t value) {
  Function function("dax_iomap_rw", ip.i_ino, static_cast<std::int64_t>(pos), 1);
  CHECK(ip.i_rwsem.held_write() && len > 0);
  iomap_iter iter{.file = &ip, .pos = pos, .len = len, .flags = IOMAP_WRITE};
  int ret = 0;
  while ((ret = iomap_next(iter)) > 0) write_iter(iter, value);
  const auto done = static_cast<int>(iter.pos - pos);
  return function.ret(done != 0 ? done : ret);
}

}  // namespace daxfuzz::kernel
