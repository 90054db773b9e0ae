// SPDX-License-Identifier: GPL-2.0-only
// What a worker of the file system takes back when space is short: blocks of CoW forks that
// nothing has been written to. See fs.h; who is short of it is xfs_log.h's.
#include <algorithm>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of xfs_prep_free_cowblocks(), fs/xfs/xfs_icache.c, Linux 6.1 and 6.12: not of a file that is
// dirty. 6.12 leaves those alone that are open for writing, which a guest's always are.
// Differs: nothing is under writeback, and there is no direct I/O.
// Yields: before the look at the marks.
bool xfs_prep_free_cowblocks(const inode& ip) {
  const auto hole = [](const xfs_bmbt_irec& at) { return at.hole(); };
  if (std::ranges::all_of(ip.cow_fork, hole) || !protocol().linux61) return false;
  return !ip.i_dirty_pages && !mapping_tagged(ip.i_mapping);
}

}  // namespace

// Port of xfs_inode_free_cowblocks(), fs/xfs/xfs_icache.c, Linux 6.1 and 6.12, of a scan that does not
// wait: not of a file that somebody has locked.
// Differs: it has no need of the locks to look again.
// Yields: before the look at the marks; on i_lock and the AG lock.
void xfs_inode_free_cowblocks(inode& ip) {
  Function function("xfs_inode_free_cowblocks", ip.i_ino);
  if (!xfs_prep_free_cowblocks(ip)) return;
  if (ip.i_rwsem.locked() || ip.i_mapping.invalidate_lock.locked()) return;
  ip.i_lock.down_write();
  for (std::uint64_t page = 0; page < ip.pages_max(); page++) xfs_reflink_cancel_cow(ip, page);
  CHECK(std::ranges::all_of(ip.cow_fork, [](const xfs_bmbt_irec& at) { return at.hole(); }));
  ip.i_lock.up_write();
}

}  // namespace daxfuzz::kernel
