// SPDX-License-Identifier: GPL-2.0-only
// What the file system answers when told that a block has gone bad: it looks its owners up
// by the rmap btree, with the AGF held, and has each one's processes killed. No lock of a
// file is taken. See memory_failure.cc.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

struct Owner {
  bool data = false, cow = false;  // XFS_RMAP_OWN_COW is no inode's
};

// The rmap btree's record of a block at a page of a file.
Owner owner_at(const inode& ip, std::uint64_t page, std::uint64_t block) {
  CHECK(page < ip.pages_max());
  const sched::HarnessScope scope;  // the btree is another structure, under the AGF's lock
  return {.data = ip.data_fork[page].block == block, .cow = ip.cow_fork[page].block == block};
}

// Port of xfs_dax_notify_ddev_failure(), fs/xfs/xfs_notify_failure.c, Linux 6.12, with
// xfs_dax_failure_fn().
// Differs: the rmap btree is read off the forks, with which it is in step; a block that is
// no file's data (yet), or that of an inode that is being evicted, makes the answer
// -EFSCORRUPTED, as there, but the file system goes on; an evicted inode is gone at once,
// there -EFSCORRUPTED until it is reclaimed. Nothing is removed, so nothing is frozen.
// Yields: on the AG lock; in the kills.
int xfs_dax_notify_ddev_failure(std::uint64_t block) {
  Function function("xfs_dax_notify_ddev_failure", static_cast<std::int64_t>(block));
  bool want_shutdown = false;
  world().blocks.lock_agf();
  for (std::uint8_t file = 0; file < world().geometry.files; file++) {
    inode& ip = world().inodes[file];
    for (std::uint64_t page = 0; page < ip.pages_max(); page++) {
      const Owner owner = owner_at(ip, page, block);
      want_shutdown |= owner.cow;
      if (!owner.data) continue;
      if (ip.freeing.peek()) {  // xfs_iget(XFS_IGET_INCORE) does not wait: -EAGAIN
        want_shutdown = true;
        continue;
      }
      iget(ip);
      (void)mf_dax_kill_procs(ip.i_mapping, page, 1);
      iput(ip);
    }
  }
  world().blocks.unlock_agf();
  return function.ret(want_shutdown ? -EFSCORRUPTED : 0);
}

}  // namespace

// Port of xfs_dax_notify_failure(), fs/xfs/xfs_notify_failure.c, Linux 6.12.
// Differs: one data device, mounted; the log is not on it.
// Yields: in xfs_dax_notify_ddev_failure().
int xfs_dax_notify_failure(std::uint64_t block, bool rmapbt) {
  CHECK(block < world().pmem.blocks());
  return rmapbt ? xfs_dax_notify_ddev_failure(block) : -EOPNOTSUPP;
}

}  // namespace daxfuzz::kernel
