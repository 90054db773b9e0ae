// SPDX-License-Identifier: GPL-2.0-only
// FALLOC_FL_COLLAPSE_RANGE: a range goes, and what follows moves up. No entry may be left of
// all that moves, for an entry says at which index its block is. See fs.h.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of xfs_prepare_shift(), fs/xfs/xfs_bmap_util.c, Linux 6.12.
// Differs: there are no blocks beyond the end to free: who preallocates keeps them.
// Yields: in the flush and the truncation; on i_lock and the AG lock.
int xfs_prepare_shift(inode& ip, loff_t pos) {
  const loff_t before = pos >= PAGE_SIZE ? pos - PAGE_SIZE : 0;
  CHECK(before % PAGE_SIZE == 0);
  const int ret = xfs_flush_unmap_range(ip, before, ip.i_size.peek());
  if (ret != 0) return ret;
  ip.i_lock.down_write();  // xfs_reflink_cancel_cow_range()
  for (std::uint64_t page = page_of(before); page < ip.pages_max(); page++)
    xfs_reflink_cancel_cow(ip, page);
  ip.i_lock.up_write();
  return 0;
}

// Port of xfs_bmap_collapse_extents(), fs/xfs/libxfs/xfs_bmap.c, Linux 6.12, of all extents,
// with the loop of its caller around it.
// Differs: page by page, in one transaction. The observer is told of what each page holds from then on.
// Yields: nowhere.
void xfs_bmap_collapse_extents(inode& ip, std::uint64_t next, std::uint64_t shift) {
  CHECK(ip.i_lock.held_write() && next >= shift);
  const auto where = [&ip](std::uint64_t page) {
    return FilePage{ip.i_ino, static_cast<std::uint16_t>(page)};
  };
  for (std::uint64_t page = next; page < ip.pages_max(); page++) {
    const xfs_bmbt_irec moved = ip.data_fork[page];
    world().observer.cloned(where(page), where(page - shift));
    if (moved.hole()) continue;
    ip.data_fork[page] = {};
    world().observer.block_unmapped(moved.block, where(page));
    xfs_bmap_map(ip, page - shift, moved);
  }
}

}  // namespace

// Port of xfs_collapse_file_space(), fs/xfs/xfs_bmap_util.c, Linux 6.12. IOLOCK and MMAPLOCK
// are held exclusively, layouts are broken.
// Differs: nothing.
// Yields: in what it calls; on i_lock.
int xfs_collapse_file_space(inode& ip, loff_t pos, loff_t len) {
  Function function("xfs_collapse_file_space", ip.i_ino, static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(len));
  CHECK(ip.i_rwsem.held_write() && ip.i_mapping.invalidate_lock.held_write());
  int ret = xfs_free_file_space(ip, pos, len);
  if (ret == 0) ret = xfs_prepare_shift(ip, pos);
  if (ret != 0) return function.ret(ret);
  const loff_t end = pos_of(ip.pages_max());
  ip.i_lock.down_write();
  xfs_bmap_collapse_extents(ip, page_of(pos + len), page_of(len));
  begin_write(ip, end - len, end, 0);  // nothing has moved there
  end_write(ip, end - len, end, 0);
  xfs_trans_commit(ip);
  ip.i_lock.up_write();
  return function.ret(0);
}

}  // namespace daxfuzz::kernel
