// SPDX-License-Identifier: GPL-2.0-only
// The end of an inode in memory, and of the file if it has no name any more. Pins are of
// pages, so they outlive both unless somebody waits. See fs.h; the wait is dax_layout.cc's.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of clear_inode(), fs/inode.c, Linux 6.12.
// Differs: xa_destroy() has no nodes to free.
// Yields: on xa_lock.
void clear_inode(inode& ip) {
  Function function("clear_inode", ip.i_ino);
  ip.i_mapping.i_pages.xa_lock.lock();
  ip.i_mapping.i_pages.xa_lock.unlock();
  BUG_ON(ip.i_mapping.nrpages != 0, "bug-evict-with-pages");
}

// Port of evict(), fs/inode.c, Linux 6.12, with xfs_fs_evict_inode(), fs/xfs/xfs_super.c,
// Linux 6.16, before which XFS had none.
// Differs: an inode that is read again is the same object.
// Yields: in what it calls.
void evict(inode& ip) {
  Function function("evict", ip.i_ino);
  CHECK(ip.i_freeing.held_write());
  if (protocol().evict_breaks == EvictBreaks::file) dax_break_layout_final(ip);
  truncate_inode_pages_final(ip.i_mapping);
  clear_inode(ip);
  ip.i_dirty_pages = false;
}

// Port of xfs_inactive(), fs/xfs/xfs_inode.c, Linux 6.12, with xfs_inactive_truncate().
// Differs: the worker that does it runs at once. Blocks beyond the end stay, as those of
// a preallocated file do.
// Yields: on i_lock and the AG lock; before the size and the flag change.
void xfs_inactive(inode& ip, bool unlinked) {
  Function function("xfs_inactive", ip.i_ino, unlinked);
  ip.i_lock.down_write();
  for (std::uint64_t page = 0; page < ip.pages_max(); page++) {
    xfs_reflink_cancel_cow(ip, page);
    if (unlinked) xfs_bmap_unmap(ip, page);
  }
  if (unlinked) {  // what is made under this number next is empty
    ip.i_size.store(0, "i_size_write");
    ip.has_cow.store(false, "reflink_flag");
    ip.i_disk_size = 0;
    xfs_trans_commit(ip);
  }
  world().observer.inode_gone(ip.i_ino, unlinked);
  ip.i_lock.up_write();
}

bool in_use(const inode& ip) { return ip.i_count.peek() != 0 || ip.i_mapping.i_mmap.peek() != 0; }

}  // namespace

void iget(inode& ip) {
  if (ip.freeing.peek()) {  // __wait_on_freeing_inode()
    ip.i_freeing.down_read();
    ip.i_freeing.up_read();
  }
  ip.i_count.init(ip.i_count.peek() + 1);
}

void iput(inode& ip) {
  CHECK(ip.i_count.peek() > 0);
  ip.i_count.init(ip.i_count.peek() - 1);
}

// Port of iput_final(), fs/inode.c, Linux 6.12: of an inode that is not kept, for want of
// memory or by I_DONTCACHE, or that has no link.
// Differs: one that is in use is -EBUSY, there the last user does this. A lock for each
// inode is I_FREEING: who looks it up meanwhile waits until it is gone.
// Yields: on that lock; in what it calls.
int iput_final(inode& ip, bool unlinked) {
  Function function("iput_final", ip.i_ino, unlinked);
  ip.i_freeing.down_write();
  int ret = in_use(ip) ? -EBUSY : 0;
  if (ret == 0) {
    const loff_t end = pos_of(ip.pages_max());
    ip.freeing.init(true);
    if (!unlinked) ret = filemap_write_and_wait(ip);  // write_inode_now()
    if (unlinked) begin_write(ip, 0, end, 0);
    evict(ip);
    xfs_inactive(ip, unlinked);
    if (unlinked) end_write(ip, 0, end, 0);
    ip.i_mapping.exiting.init(false);
    ip.freeing.init(false);
  }
  ip.i_freeing.up_write();
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
