// SPDX-License-Identifier: GPL-2.0-only
// Sharing blocks between two files: ioctl(FICLONERANGE), and ioctl(FIDEDUPERANGE) if what
// they hold is equal. See fs.h; the locks of both are xfs_layout.cc's, what comes before is
// dax_remap.cc's.
#include <algorithm>
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of xfs_reflink_remap_extent(), fs/xfs/xfs_reflink.c, Linux 6.12, of one page, with
// its caller xfs_reflink_remap_blocks(), which reads the source's extent.
// Differs: one block at a time.
// Yields: on both i_locks and the AG lock.
int xfs_reflink_remap_extent(inode& src, std::uint64_t from, inode& dest, std::uint64_t to,
                             loff_t new_size, bool dedupe) {
  Function function("xfs_reflink_remap_extent", static_cast<std::int64_t>(from),
                    static_cast<std::int64_t>(to));
  src.i_lock.down_read();
  const xfs_bmbt_irec dmap = src.data_fork[from];
  src.i_lock.up_read();
  const std::uint64_t left = page_of(new_size + PAGE_SIZE - 1) - to;
  const int ret = xfs_trans_alloc_inode(dest, to, left, Reserve::remap);
  if (ret != 0) return function.ret(ret);
  dest.i_lock.down_write();
  const xfs_bmbt_irec smap = dest.data_fork[to];
  const bool same = dmap.block == smap.block;
  const bool both_unwritten =
      !dmap.hole() && dmap.unwritten && !smap.hole() && smap.unwritten;
  if (!same && !both_unwritten) {
    xfs_bmap_unmap(dest, to);
    if (!dmap.hole() && !dmap.unwritten) {
      world().blocks.increase(dmap.block);
      xfs_bmap_map(dest, to, dmap);
    }
    const loff_t newlen = std::min(pos_of(to + 1), new_size);
    if (newlen > dest.i_size.peek()) {
      dest.i_size.store(newlen, "i_size_write");
      dest.i_disk_size = newlen;
    }
  }
  // A crash may come as soon as the transaction is in the log: told before that.
  if (!dedupe)  // which changes no contents
    world().observer.cloned({src.i_ino, static_cast<std::uint16_t>(from)},
                            {dest.i_ino, static_cast<std::uint16_t>(to)});
  if (!same && !both_unwritten) xfs_trans_commit(dest);
  dest.i_lock.up_write();
  return function.ret(0);
}

// Port of xfs_reflink_set_inode_flag(), fs/xfs/xfs_reflink.c, Linux 6.12, of one file.
// Differs: a transaction for each file.
// Yields: on i_lock, and before the flag changes.
void xfs_reflink_set_inode_flag(inode& ip) {
  if (ip.has_cow.peek()) return;
  ip.i_lock.down_write();
  ip.has_cow.store(true, "reflink_flag");
  xfs_trans_commit(ip);
  ip.i_lock.up_write();
}

// Port of xfs_reflink_remap_prep(), fs/xfs/xfs_reflink.c, Linux 6.12. On success the source
// is locked shared, its flag is set.
// Differs: nothing.
// Yields: on the locks; in the preparation, the zeroing and the truncation.
int xfs_reflink_remap_prep(inode& src, loff_t from, inode& dest, loff_t to, loff_t len,
                           bool dedupe) {
  xfs_ilock2_io_mmap(src, dest);
  int ret = dax_remap_file_range_prep(src, from, dest, to, len, dedupe);
  const loff_t size = dest.i_size.peek();
  if (ret == 0 && to > size) ret = dax_zero_range(dest, size, to - size, nullptr);  // zero_posteof
  if (ret == 0) {
    xfs_reflink_set_inode_flag(src);
    xfs_reflink_set_inode_flag(dest);
    const loff_t start = std::min(to, size);
    ret = xfs_flush_unmap_range(dest, start, to + len - start);
  }
  if (ret != 0) {
    xfs_iunlock2_io_mmap(src, dest);
    return ret;
  }
  src.remapping.store_mb(true, "iremapping_set");  // all looks at it are under i_flags_lock
  if (&src != &dest) {  // xfs_ilock_demote()
    src.i_rwsem.downgrade_write();
    src.i_mapping.invalidate_lock.downgrade_write();
  }
  return 0;
}

// Port of xfs_file_remap_range(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: the range must lie within the source's size and be of whole pages.
// Yields: in the preparation; at each block; before the size changes; in the unlocks.
int xfs_file_remap_range(inode& src, loff_t from, inode& dest, loff_t to, loff_t len, bool dedupe) {
  Function function("xfs_file_remap_range", src.i_ino, dest.i_ino, static_cast<std::int64_t>(len));
  CHECK(from % PAGE_SIZE == 0 && to % PAGE_SIZE == 0 && len % PAGE_SIZE == 0 && len > 0);
  int ret = xfs_reflink_remap_prep(src, from, dest, to, len, dedupe);
  if (ret != 0) return function.ret(ret);
  loff_t remapped = 0;
  while (ret == 0 && remapped < len) {
    const std::uint64_t page = page_of(from + remapped), to_page = page_of(to + remapped);
    ret = xfs_reflink_remap_extent(src, page, dest, to_page, to + len, dedupe);
    if (ret == 0) remapped += PAGE_SIZE;
  }
  if (ret == 0 && to + len > dest.i_size.peek()) {  // xfs_reflink_update_dest()
    dest.i_lock.down_write();
    dest.i_size.store(to + len, "i_size_write");
    dest.i_disk_size = to + len;
    xfs_trans_commit(dest);
    dest.i_lock.up_write();
  }
  xfs_iunlock2_remapping(src, dest);
  // A dedupe may be short (REMAP_FILE_CAN_SHORTEN), and vfs_dedupe_file_range() tells of the whole then.
  return function.ret(dedupe && remapped > 0 ? 0 : ret);
}

}  // namespace

int xfs_remap_range(inode& src, loff_t from, inode& dest, loff_t to, loff_t len) {
  return xfs_file_remap_range(src, from, dest, to, len, false);
}

// Port of vfs_dedupe_file_range(), fs/remap_range.c, Linux 6.12: what is not there is refused
// before a lock is taken.
// Differs: one destination.
// Yields: in what it calls.
int xfs_dedupe_range(inode& src, loff_t from, inode& dest, loff_t to, loff_t len) {
  if (from + len > src.i_size.peek()) return -EINVAL;
  return xfs_file_remap_range(src, from, dest, to, len, true);
}

}  // namespace daxfuzz::kernel
