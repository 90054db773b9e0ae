// SPDX-License-Identifier: GPL-2.0-only
// What DAX asks the file system before and after it touches a range: which blocks,
// shared or not, and whether a copy was made. See fs.h.
#include <algorithm>
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// xfs_bmbt_to_iomap(); the caller holds i_lock.
iomap to_iomap(const inode& ip, std::uint64_t page, const Mapped& mapped) {
  iomap map;
  map.dirty = xfs_ipincount(ip);  // ili_fsync_fields: there are no transactions of times
  if (!mapped.at.hole()) {
    map.type = mapped.at.unwritten ? IomapType::unwritten : IomapType::mapped;
    map.block = mapped.at.block;
  }
  map.offset = pos_of(page);
  map.length = pos_of(mapped.pages);
  return map;
}

std::uint64_t end_page(loff_t pos, loff_t len) { return page_of(pos + len + PAGE_SIZE - 1); }

// Port of xfs_reflink_trim_around_shared(), fs/xfs/xfs_reflink.c, Linux 6.12: is the
// extent shared? It is cut where that changes.
// Differs: nothing.
// Yields: on the AG lock.
bool xfs_reflink_trim_around_shared(const inode& ip, Mapped& mapped) {
  if (!ip.has_cow.peek() || mapped.at.hole()) return false;
  const bool shared = world().blocks.shared(mapped.at.block);
  std::uint64_t same = 1;
  while (same < mapped.pages && world().blocks.shared(mapped.at.block + same) == shared) same++;
  mapped.pages = same;
  return shared;
}

// Port of xfs_read_iomap_begin(), fs/xfs/xfs_iomap.c, Linux 6.1 and 6.12.
// Differs: nothing. IS_DAX inodes report shared extents to readers from 6.2 on.
// Yields: on i_lock and the AG lock.
int xfs_read_iomap_begin(iomap_iter& iter) {
  const std::uint64_t page = page_of(iter.pos);
  Function function("xfs_read_iomap_begin", iter.file->i_ino, static_cast<std::int64_t>(page));
  inode& ip = *iter.file;
  ip.i_lock.down_read();
  Mapped mapped = xfs_bmapi_read(ip.data_fork, page, end_page(iter.pos, iter.len) - page);
  const bool shared = protocol().read_shares && xfs_reflink_trim_around_shared(ip, mapped);
  iter.map = to_iomap(ip, page, mapped);
  iter.map.shared = shared;
  ip.i_lock.up_read();
  return function.ret(0);
}

// Port of xfs_iomap_write_direct(), fs/xfs/xfs_iomap.c, Linux 6.12: what DAX maps is
// allocated, zeroed and written at once, unwritten extents too.
// Differs: what converts an unwritten extent may take of the reserved blocks, which last. One extent a
// call, but one that was allocated or converted may have become one with the next, and then it is
// mapped as far as the request goes (xfs_bmapi_trim_map()).
// Yields: on i_lock and the AG lock, and before the blocks are zeroed.
int xfs_iomap_write_direct(iomap_iter& iter, std::uint64_t page, std::uint64_t pages, bool force) {
  inode& ip = *iter.file;
  const int err = force ? 0 : xfs_trans_alloc_inode(ip, page, pages, Reserve::direct);
  if (err != 0) return err;
  ip.i_lock.down_write();
  const Mapped mapped = xfs_bmapi_read(ip.data_fork, page, pages);
  Extent extent{mapped.at.block, mapped.pages};
  if (mapped.at.hole()) {
    const bool aligned = page % pmd_pages(world().geometry) == 0;
    const FilePage where{ip.i_ino, static_cast<std::uint16_t>(page)};
    extent = world().blocks.allocate(mapped.pages, aligned, where);
    if (extent.count == 0) {
      ip.i_lock.up_write();
      return -ENOSPC;
    }
  }
  sched::yield_point("zero_blocks");  // XFS_BMAPI_ZERO: blkdev_issue_zeroout()
  for (std::uint64_t i = 0; i < extent.count; i++) {
    const bool convert = ip.data_fork[page + i].unwritten || ip.data_fork[page + i].hole();
    if (!convert) continue;
    pmem_write_zeroes(block_to_pfn(extent.block + i));
    if (ip.data_fork[page + i].hole()) xfs_bmap_map(ip, page + i, {extent.block + i, false});
    ip.data_fork[page + i].unwritten = false;
  }
  xfs_trans_commit(ip);
  iter.map = to_iomap(ip, page, xfs_bmapi_read(ip.data_fork, page, pages));
  iter.map.fresh = true;
  if (iter.pos + iter.len > ip.i_size.peek()) iter.map.dirty = true;
  ip.i_lock.up_write();
  return 0;
}

// xfs_bmap_extsize_align(): the pages whose CoW blocks are allocated with those of [page, page +
// pages), as far as the CoW fork has none.
std::uint64_t cow_begin(const inode& ip, std::uint64_t page) {
  const std::uint64_t hint = protocol().cow_extsize;
  std::uint64_t begin = page;
  while (begin % hint != 0 && ip.cow_fork[begin - 1].hole()) begin--;
  return begin;
}
std::uint64_t cow_end(const inode& ip, std::uint64_t end) {
  CHECK(ip.pages_max() % protocol().cow_extsize == 0);
  const std::uint64_t hint = protocol().cow_extsize;
  while (end % hint != 0 && ip.cow_fork[end].hole()) end++;
  return end;
}

// Port of xfs_reflink_fill_cow_hole(), fs/xfs/xfs_reflink.c, Linux 6.12: blocks of the CoW fork
// for a hole there, unwritten; how many of [page, page + pages) have one, 0: -ENOSPC.
// Differs: the CoW extent size hint is the protocol's, of one block or two; if the first run of free
// blocks does not reach to the page, the hint is not tried again further on.
// Yields: on the AG lock.
std::uint64_t xfs_reflink_fill_cow_hole(inode& ip, std::uint64_t page, std::uint64_t pages) {
  if (xfs_trans_alloc_inode(ip, page, pages, Reserve::cow) != 0) return 0;
  std::uint64_t begin = cow_begin(ip, page);
  const auto allocate = [&](std::uint64_t end) {
    const bool aligned = begin % pmd_pages(world().geometry) == 0;
    return world().blocks.allocate(end - begin, aligned, {ip.i_ino, static_cast<std::uint16_t>(begin)});
  };
  Extent extent = allocate(cow_end(ip, page + pages));
  if (extent.count != 0 && begin + extent.count <= page) {
    for (std::uint64_t i = 0; i < extent.count; i++) world().blocks.decrease(extent.block + i);
    begin = page;
    extent = allocate(page + pages);
  }
  for (std::uint64_t i = 0; i < extent.count; i++) ip.cow_fork[begin + i] = {extent.block + i, true};
  if (extent.count == 0) return 0;
  xfs_trans_commit(ip);  // logs the inode, whose data fork is as it was
  return std::min(pages, begin + extent.count - page);
}

// Port of xfs_reflink_allocate_cow(), fs/xfs/xfs_reflink.c, Linux 6.12, with
// xfs_find_trim_cow_extent() and xfs_reflink_convert_unwritten(): false: no copy is needed. i_lock is
// held exclusively. What the CoW fork has is used, whoever shares the block, and without a transaction.
// Differs: i_lock is kept (there: dropped and retaken around an allocation, with a re-check
// that has the same outcome).
// Yields: on the AG lock.
bool xfs_reflink_allocate_cow(inode& ip, std::uint64_t page, Mapped& imap, Mapped* cmap, int* err) {
  std::uint64_t to_next = 0;  // pages until the CoW fork has something
  while (to_next < imap.pages && ip.cow_fork[page + to_next].hole()) to_next++;
  if (to_next != 0) {
    imap.pages = to_next;
    if (!xfs_reflink_trim_around_shared(ip, imap)) return false;
    if (xfs_reflink_fill_cow_hole(ip, page, imap.pages) == 0) *err = -ENOSPC;
  }
  if (*err != 0) return true;
  for (std::uint64_t i = 0; i < imap.pages && !ip.cow_fork[page + i].hole(); i++)
    ip.cow_fork[page + i].unwritten = false;
  *cmap = xfs_bmapi_read(ip.cow_fork, page, imap.pages);
  return true;
}

// Port of xfs_direct_write_iomap_begin(), fs/xfs/xfs_iomap.c, Linux 6.1 and 6.12, with
// imap_needs_cow() and imap_needs_alloc().
// Differs: i_lock is exclusive throughout (there: shared if the file was never reflinked).
// Yields: on i_lock and the AG lock.
int xfs_direct_write_iomap_begin(iomap_iter& iter) {
  const std::uint64_t page = page_of(iter.pos);
  Function function("xfs_direct_write_iomap_begin", iter.file->i_ino,
                    static_cast<std::int64_t>(page));
  inode& ip = *iter.file;
  const bool zeroing = (iter.flags & IOMAP_ZERO) != 0;
  int err = 0;
  ip.i_lock.down_write();
  const std::uint64_t request = end_page(iter.pos, iter.len) - page;
  Mapped imap = xfs_bmapi_read(ip.data_fork, page, request);
  const bool data = !imap.at.hole() && !imap.at.unwritten;
  // Holes and unwritten extents are not copied when they are zeroed, from 6.11 on nor unshared.
  const bool before = protocol().linux61;
  const std::uint8_t in_place = before ? IOMAP_ZERO : IOMAP_UNSHARE | IOMAP_ZERO;
  const bool needs_cow = ip.has_cow.peek() && (data || (iter.flags & in_place) == 0);
  Mapped cmap;
  if (needs_cow && xfs_reflink_allocate_cow(ip, page, imap, &cmap, &err)) {
    if (err == 0) {
      iter.map = to_iomap(ip, page, cmap);
      iter.map.shared = true;
      if (!imap.at.hole()) iter.srcmap = to_iomap(ip, page, imap);
    }
    ip.i_lock.up_write();
    return function.ret(err);
  }
  ip.i_lock.up_write();
  // What a look for shared blocks has trimmed ends the request, and so does a hole, but not in
  // a request that goes past the end of the file.
  std::uint64_t pages = needs_cow ? imap.pages : request;
  const bool past_end = (needs_cow ? pos_of(page + pages) : iter.pos + iter.len) > ip.i_size.peek();
  if (imap.at.hole() && !past_end) pages = imap.pages;
  if (!data && !zeroing)
    return function.ret(xfs_iomap_write_direct(iter, page, pages, !imap.at.hole()));
  iter.map = to_iomap(ip, page, imap);
  // i_size may change without a transaction of its own.
  if (iter.pos + iter.len > ip.i_size.peek()) iter.map.dirty = true;
  return function.ret(0);
}

// Port of xfs_reflink_end_cow_extent(), fs/xfs/xfs_reflink.c, Linux 6.12.
// Differs: one page.
// Yields: on i_lock and the AG lock.
void xfs_reflink_end_cow(inode& ip, std::uint64_t page) {
  Function function("xfs_reflink_end_cow", ip.i_ino, static_cast<std::int64_t>(page));
  ip.i_lock.down_write();
  const xfs_bmbt_irec fresh = ip.cow_fork[page];
  if (!fresh.hole() && !fresh.unwritten) {
    xfs_bmap_unmap(ip, page);
    ip.cow_fork[page] = {};
    xfs_bmap_map(ip, page, fresh);
    xfs_trans_commit(ip);
  }
  ip.i_lock.up_write();
}

// Port of xfs_reflink_cancel_cow_range(), fs/xfs/xfs_reflink.c, Linux 6.12.
// Differs: one page.
// Yields: on i_lock and the AG lock.
void xfs_reflink_cancel_cow_range(inode& ip, std::uint64_t page) {
  Function function("xfs_reflink_cancel_cow_range", ip.i_ino, static_cast<std::int64_t>(page));
  ip.i_lock.down_write();
  xfs_reflink_cancel_cow(ip, page);
  ip.i_lock.up_write();
}

// Port of xfs_dax_write_iomap_end(), fs/xfs/xfs_iomap.c, Linux 6.12.
// Differs: nothing.
// Yields: in what it calls.
void xfs_dax_write_iomap_end(inode& ip, loff_t pos, loff_t length, loff_t written) {
  if (!ip.has_cow.peek()) return;
  for (std::uint64_t page = page_of(pos); page < end_page(pos, written != 0 ? written : length); page++) {
    if (written != 0)
      xfs_reflink_end_cow(ip, page);
    else
      xfs_reflink_cancel_cow_range(ip, page);
  }
}

constexpr std::uint8_t kWrites = IOMAP_WRITE | IOMAP_ZERO;  // by xfs_dax_write_iomap_ops

// Before 6.2 xfs_zero_range() and xfs_truncate_page() use xfs_direct_write_iomap_ops, which has no
// ->iomap_end(): the copy that was zeroed stays in the CoW fork, and the file as it was.
bool has_iomap_end(const iomap_iter& iter) {
  return (iter.flags & IOMAP_ZERO) == 0 || !protocol().linux61;
}

}  // namespace

std::uint64_t dax_iomap_pfn(const iomap& map, loff_t pos) {
  CHECK(map.type != IomapType::hole && pos >= map.offset && pos < map.offset + map.length);
  return block_to_pfn(map.block + page_of(pos) - page_of(map.offset));
}

loff_t iomap_iter::length() const { return std::min(len, map.offset + map.length - pos); }

// Port of iomap_iter(), fs/iomap/iter.c, Linux 6.12, with iomap_iter_advance(): as the
// DAX faults, reads and writes of XFS use it.
// Differs: an error of ->iomap_end() is not told.
// Yields: in ->iomap_end() and ->iomap_begin().
int iomap_next(iomap_iter& iter) {
  const bool writes = (iter.flags & kWrites) != 0;
  if (iter.map.length != 0) {
    if (writes && has_iomap_end(iter))
      xfs_dax_write_iomap_end(*iter.file, iter.pos, iter.length(), iter.processed);
    CHECK(iter.processed <= iter.length() && (iter.error == 0 || iter.processed == 0));
    if (iter.error != 0) return iter.error;
    iter.pos += iter.processed;
    iter.len -= iter.processed;
    if (iter.processed == 0 || iter.len == 0) return 0;
  }
  iter.processed = 0;
  iter.map = {};
  iter.srcmap = {};
  const int err = writes ? xfs_direct_write_iomap_begin(iter) : xfs_read_iomap_begin(iter);
  return err < 0 ? err : 1;
}

}  // namespace daxfuzz::kernel
