// SPDX-License-Identifier: GPL-2.0-only
// What DAX asks the file system before and after it touches a page: which block,
// shared or not, and whether a copy was made. See fs.h.
#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of xfs_read_iomap_begin(), fs/xfs/xfs_iomap.c, Linux 6.1 and 6.12.
// Differs: one page. IS_DAX inodes report shared extents to readers from 6.2 on.
// Yields: on i_lock and the AG lock.
int xfs_read_iomap_begin(iomap_iter& iter) {
  Function function("xfs_read_iomap_begin", iter.file->i_ino, static_cast<std::int64_t>(iter.page));
  inode& ip = *iter.file;
  ip.i_lock.down_read();
  const std::uint64_t block = ip.data_fork[iter.page];
  if (block != HOLESTARTBLOCK) {
    iter.map.type = IomapType::mapped;
    iter.map.block = block;
    // xfs_reflink_trim_around_shared()
    iter.map.shared = protocol().read_shares && ip.has_cow.peek() && world().blocks.shared(block);
  }
  ip.i_lock.up_read();
  return function.ret(0);
}

// Port of xfs_direct_write_iomap_begin(), fs/xfs/xfs_iomap.c, Linux 6.12, with
// xfs_reflink_allocate_cow() and xfs_iomap_write_direct() for DAX.
// Differs: one page; i_lock is exclusive throughout (there: dropped and retaken
// around an allocation, with a re-check that has the same outcome).
// Yields: on i_lock and the AG lock.
int xfs_direct_write_iomap_begin(iomap_iter& iter) {
  Function function("xfs_direct_write_iomap_begin", iter.file->i_ino,
                    static_cast<std::int64_t>(iter.page));
  inode& ip = *iter.file;
  int err = 0;
  ip.i_lock.down_write();
  const std::uint64_t block = ip.data_fork[iter.page];
  if (block == HOLESTARTBLOCK) {
    // XFS_BMAPI_ZERO: DAX never sees what the block held before.
    const std::uint64_t fresh = world().blocks.allocate();
    if (fresh == HOLESTARTBLOCK) {
      err = -ENOSPC;
    } else {
      world().pmem.store(block_to_pfn(fresh), 0);
      xfs_bmap_map(ip, iter.page, fresh);
      iter.map = {.type = IomapType::mapped, .block = fresh, .shared = false, .fresh = true};
    }
  } else if (ip.has_cow.peek() &&
             (ip.cow_fork[iter.page] != HOLESTARTBLOCK || world().blocks.shared(block))) {
    // xfs_find_trim_cow_extent(): what the CoW fork has is used, whoever shares the block.
    if (ip.cow_fork[iter.page] == HOLESTARTBLOCK)
      ip.cow_fork[iter.page] = world().blocks.allocate();
    if (ip.cow_fork[iter.page] == HOLESTARTBLOCK) {
      err = -ENOSPC;
    } else {
      iter.map = {.type = IomapType::mapped,
                  .block = ip.cow_fork[iter.page],
                  .shared = true,
                  .fresh = false};
      iter.srcmap = {.type = IomapType::mapped, .block = block, .shared = false, .fresh = false};
    }
  } else {
    iter.map = {.type = IomapType::mapped, .block = block, .shared = false, .fresh = false};
  }
  ip.i_lock.up_write();
  return function.ret(err);
}

// Port of xfs_reflink_end_cow_extent(), fs/xfs/xfs_reflink.c, Linux 6.12.
// Differs: one page.
// Yields: on i_lock and the AG lock.
void xfs_reflink_end_cow(inode& ip, std::uint64_t page) {
  Function function("xfs_reflink_end_cow", ip.i_ino, static_cast<std::int64_t>(page));
  ip.i_lock.down_write();
  const std::uint64_t fresh = ip.cow_fork[page];
  if (fresh != HOLESTARTBLOCK) {
    xfs_bmap_unmap(ip, page);
    ip.cow_fork[page] = HOLESTARTBLOCK;
    xfs_bmap_map(ip, page, fresh);
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

}  // namespace

int iomap_begin(iomap_iter& iter) {
  iter.map = {};
  iter.srcmap = {};
  return iter.write ? xfs_direct_write_iomap_begin(iter) : xfs_read_iomap_begin(iter);
}

// Port of xfs_dax_write_iomap_end(), fs/xfs/xfs_iomap.c, Linux 6.12.
// Differs: one page.
// Yields: in what it calls.
void iomap_end(iomap_iter& iter, bool written) {
  if (!iter.write || !iter.file->has_cow.peek()) return;
  if (written)
    xfs_reflink_end_cow(*iter.file, iter.page);
  else
    xfs_reflink_cancel_cow_range(*iter.file, iter.page);
}

}  // namespace daxfuzz::kernel
