// SPDX-License-Identifier: GPL-2.0-only
// The file system's part of FALLOC_FL_UNSHARE_RANGE: copies, a flush, and then perhaps no
// block of the file is shared any more. See fs.h; the copies are dax_unshare.cc's.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of xfs_can_free_cowblocks(), fs/xfs/xfs_reflink.h, Linux 6.12: nothing of the file
// is dirty. 6.1 does not ask.
// Differs: nothing is under writeback, and there is no direct I/O.
// Yields: before the look at the marks.
bool xfs_can_free_cowblocks(const inode& ip) {
  if (protocol().linux61) return true;
  return !ip.i_dirty_pages && !mapping_tagged(ip.i_mapping);
}

// Port of xfs_reflink_inode_has_shared_extents(), fs/xfs/xfs_reflink.c, Linux 6.12.
// Differs: block by block.
// Yields: on the AG lock.
bool xfs_reflink_inode_has_shared_extents(const inode& ip) {
  for (const xfs_bmbt_irec& at : ip.data_fork)
    if (!at.hole() && !at.unwritten && world().blocks.shared(at.block)) return true;
  return false;
}

// Port of xfs_reflink_try_clear_inode_flag(), fs/xfs/xfs_reflink.c, Linux 6.12, with
// xfs_reflink_clear_inode_flag().
// Differs: nothing.
// Yields: on i_lock and the AG lock; before the flag is cleared.
void xfs_reflink_try_clear_inode_flag(inode& ip) {
  Function function("xfs_reflink_try_clear_inode_flag", ip.i_ino);
  CHECK(ip.i_rwsem.held_write());
  ip.i_lock.down_write();
  if (xfs_can_free_cowblocks(ip) && !xfs_reflink_inode_has_shared_extents(ip)) {
    for (std::uint64_t page = 0; page < ip.pages_max(); page++) xfs_reflink_cancel_cow(ip, page);
    ip.has_cow.store(false, "reflink_flag");
    xfs_trans_commit(ip);
  }
  ip.i_lock.up_write();
}

}  // namespace

// Port of xfs_reflink_unshare(), fs/xfs/xfs_reflink.c, Linux 6.12. The flush is of the
// range, and finds what is marked dirty there.
// Differs: nothing.
// Yields: in what it calls.
int xfs_reflink_unshare(inode& ip, loff_t pos, loff_t len) {
  Function function("xfs_reflink_unshare", ip.i_ino, static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(len));
  CHECK(len > 0);
  if (!ip.has_cow.peek()) return function.ret(0);
  int ret = dax_file_unshare(ip, pos, len);
  if (ret == 0)
    ret = filemap_write_and_wait_range(ip.i_mapping, page_of(pos), page_of(pos + len - 1));
  if (ret == 0) xfs_reflink_try_clear_inode_flag(ip);
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
