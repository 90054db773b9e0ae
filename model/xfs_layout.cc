// SPDX-License-Identifier: GPL-2.0-only
// Waiting, with the file system's locks, until nobody but the page tables uses
// a file's pages. See fs.h; the scan and the idle test are dax_layout.cc's.
#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of xfs_wait_dax_page(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: on MMAPLOCK, and it sleeps.
void xfs_wait_dax_page(void* arg, const sched::WaitReason& reason) {
  inode& ip = *static_cast<inode*>(arg);
  ip.i_mapping.invalidate_lock.up_write();
  sched::schedule(reason);
  ip.i_mapping.invalidate_lock.down_write();
}

// The MMAPLOCKs of two files in i_ino order, both without busy pages.
// Port of xfs_mmaplock_two_inodes_and_break_dax_layout(), fs/xfs/xfs_inode.c, Linux 6.12 and 6.16.
// Differs: nothing. Before 6.15 a wait for the first file starts all over, and the second
// file's scan is dax_layout_busy_page() and an idle test; from then on the first wait
// is dax_break_layout()'s own loop, and the second call has no callback.
// Yields: in what it calls; `goto again` is a spin point.
void xfs_mmaplock_two_inodes_and_break_dax_layout(inode& a, inode& b) {
  Function function("xfs_mmaplock_two_inodes_and_break_dax_layout", a.i_ino, b.i_ino);
  inode& ip1 = a.i_ino <= b.i_ino ? a : b;
  inode& ip2 = a.i_ino <= b.i_ino ? b : a;
  for (;;) {
    ip1.i_mapping.invalidate_lock.down_write();
    if (protocol().break_deletes) {
      (void)xfs_break_dax_layouts(ip1);
    } else if (dax_break_layout_once(ip1, xfs_wait_dax_page, &ip1)) {
      ip1.i_mapping.invalidate_lock.up_write();
      continue;  // it has waited, so the loop makes progress
    }
    if (&ip1 == &ip2) return;
    ip2.i_mapping.invalidate_lock.down_write();
    if (dax_break_layout_nowait(ip2) == 0) return;
    ip2.i_mapping.invalidate_lock.up_write();
    ip1.i_mapping.invalidate_lock.up_write();
    sched::spin_point("two_inodes_again");
  }
}

}  // namespace

// Port of xfs_break_dax_layouts(), fs/xfs/xfs_file.c, Linux 6.12 and 6.16, with the
// retry loop of xfs_break_layouts().
// Differs: always the whole file, as there; leases are absent.
// Yields: in what it calls.
int xfs_break_dax_layouts(inode& ip) {
  Function function("xfs_break_dax_layouts", ip.i_ino);
  CHECK(ip.i_mapping.invalidate_lock.held_write());
  return function.ret(dax_break_layout(ip, 0, UINT64_MAX, xfs_wait_dax_page, &ip));
}

// Port of xfs_ilock2_io_mmap(), fs/xfs/xfs_inode.c, Linux 6.12.
// Differs: IOLOCKs are ordered by inode number (there by address, as fixed).
// Yields: on the locks and in the break.
void xfs_ilock2_io_mmap(inode& ip1, inode& ip2) {
  inode& first = ip1.i_ino <= ip2.i_ino ? ip1 : ip2;
  inode& second = ip1.i_ino <= ip2.i_ino ? ip2 : ip1;
  first.i_rwsem.down_write();
  if (&first != &second) second.i_rwsem.down_write();
  xfs_mmaplock_two_inodes_and_break_dax_layout(ip1, ip2);
}

// Port of xfs_iunlock2_io_mmap(), fs/xfs/xfs_inode.c, Linux 6.12.
// Differs: nothing.
// Yields: nowhere (an unlock is no step).
void xfs_iunlock2_io_mmap(inode& ip1, inode& ip2) {
  ip2.i_mapping.invalidate_lock.up_write();
  if (&ip1 != &ip2) ip1.i_mapping.invalidate_lock.up_write();
  ip2.i_rwsem.up_write();
  if (&ip1 != &ip2) ip1.i_rwsem.up_write();
}

// Port of xfs_iunlock2_remapping(), fs/xfs/xfs_inode.c, Linux 6.12.
// Differs: nothing.
// Yields: before the flag is cleared.
void xfs_iunlock2_remapping(inode& src, inode& dest) {
  src.remapping.store_mb(false, "iremapping_clear");  // all looks at it are under i_flags_lock
  if (&src != &dest) src.i_mapping.invalidate_lock.up_read();
  dest.i_mapping.invalidate_lock.up_write();
  if (&src != &dest) src.i_rwsem.up_read();
  dest.i_rwsem.up_write();
}

}  // namespace daxfuzz::kernel
