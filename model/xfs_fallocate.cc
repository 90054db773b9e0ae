// SPDX-License-Identifier: GPL-2.0-only
// fallocate(2) but for its hole punch, which is xfs_file.cc's: space without contents, ranges
// that read as zeros, are shared no more or are taken out. See fs.h; xfs_collapse.cc,
// xfs_unshare.cc.
#include <algorithm>
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Pages that one extent may have from `page` on: up to the first whole PMD of the range,
// else all of it.
std::uint64_t up_to_pmd(std::uint64_t page, std::uint64_t pages) {
  const std::uint64_t to_pmd = -page % pg_pmd_nr();
  return to_pmd != 0 && to_pmd + pg_pmd_nr() <= pages ? to_pmd : pages;
}

// Port of xfs_alloc_file_space(), fs/xfs/xfs_bmap_util.c, Linux 6.12, with xfs_bmapi_write()
// of one extent (XFS_BMAPI_PREALLOC).
// Differs: there is no extent size hint: what stands before the first whole PMD of the range
// is an extent of its own, so that the PMD is aligned on the device if it can be.
// Yields: on i_lock and the AG lock, for each extent.
int xfs_alloc_file_space(inode& ip, loff_t pos, loff_t len) {
  Function function("xfs_alloc_file_space", ip.i_ino, static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(len));
  CHECK(len > 0 && pos + len <= pos_of(ip.pages_max()));
  const std::uint64_t end = page_of(pos + len + PAGE_SIZE - 1);
  for (std::uint64_t page = page_of(pos); page < end;) {
    const int ret = xfs_trans_alloc_inode(ip, page, end - page, Reserve::prealloc);
    if (ret != 0) return function.ret(ret);
    ip.i_lock.down_write();
    const Mapped there = xfs_bmapi_read(ip.data_fork, page, end - page);
    std::uint64_t pages = there.pages;
    if (there.at.hole()) {
      const bool aligned = page % pg_pmd_nr() == 0;
      const FilePage where{ip.i_ino, static_cast<std::uint16_t>(page)};
      const Extent extent = world().blocks.allocate(up_to_pmd(page, there.pages), aligned, where);
      for (std::uint64_t i = 0; i < extent.count; i++)
        xfs_bmap_map(ip, page + i, {extent.block + i, true});
      if (extent.count != 0) xfs_trans_commit(ip);
      pages = extent.count;
    }
    ip.i_lock.up_write();
    if (pages == 0) return function.ret(-ENOSPC);
    page += pages;
  }
  return function.ret(0);
}

// Port of xfs_falloc_zero_range(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: the caller sets the size.
// Yields: in what it calls.
int xfs_falloc_zero_range(inode& ip, loff_t pos, loff_t len) {
  const int ret = xfs_free_file_space(ip, pos, len);
  if (ret != 0) return ret;
  const loff_t start = pos - pos % PAGE_SIZE, end = pos_of(page_of(pos + len + PAGE_SIZE - 1));
  return xfs_alloc_file_space(ip, start, end - start);
}

// Port of xfs_falloc_unshare_range(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: the caller sets the size.
// Yields: in what it calls.
int xfs_falloc_unshare_range(inode& ip, loff_t pos, loff_t len) {
  const int ret = xfs_reflink_unshare(ip, pos, len);
  return ret != 0 ? ret : xfs_alloc_file_space(ip, pos, len);
}

// Port of xfs_falloc_collapse_range(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: in what it calls.
int xfs_falloc_collapse_range(inode& ip, loff_t pos, loff_t len) {
  const loff_t size = ip.i_size.peek();
  if (pos % PAGE_SIZE != 0 || len % PAGE_SIZE != 0 || pos + len >= size) return -EINVAL;
  const int ret = xfs_collapse_file_space(ip, pos, len);
  return ret != 0 ? ret : xfs_set_size(ip, size - len);
}

int xfs_falloc_range(inode& ip, FallocMode mode, loff_t pos, loff_t len) {
  const loff_t new_size = pos + len;  // xfs_falloc_newsize()
  int ret = 0;
  switch (mode) {
    case FallocMode::allocate: ret = xfs_alloc_file_space(ip, pos, len); break;
    case FallocMode::zero: ret = xfs_falloc_zero_range(ip, pos, len); break;
    case FallocMode::unshare: ret = xfs_falloc_unshare_range(ip, pos, len); break;
    case FallocMode::collapse: return xfs_falloc_collapse_range(ip, pos, len);
  }
  if (ret == 0 && new_size > ip.i_size.peek()) ret = xfs_set_size(ip, new_size);
  return ret;
}

}  // namespace

// Port of xfs_file_fallocate(), fs/xfs/xfs_file.c, Linux 6.1 and 6.12, with
// xfs_falloc_setsize(). It breaks layouts whatever it is to do. 6.1 takes the entries of the range
// away before it looks whether it can be collapsed.
// Differs: FALLOC_FL_KEEP_SIZE is absent.
// Yields: on IOLOCK and MMAPLOCK; in the break and what it calls.
int xfs_file_fallocate(inode& ip, FallocMode mode, loff_t pos, loff_t len) {
  Function function("xfs_file_fallocate", ip.i_ino, static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(len));
  if (len == 0) return function.ret(-EINVAL);
  if (mode == FallocMode::unshare) writeback_inodes_sb();
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  int ret = xfs_break_dax_layouts(ip);
  if (ret == 0 && mode == FallocMode::collapse && protocol().linux61)
    ret = xfs_flush_unmap_range(ip, pos, len);
  if (ret == 0) ret = xfs_falloc_range(ip, mode, pos, len);
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
