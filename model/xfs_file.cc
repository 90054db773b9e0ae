// SPDX-License-Identifier: GPL-2.0-only
// The system calls and fault handlers of the file system: which locks, in which
// order, around what. See fs.h.
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

FilePage page_of(const inode& ip, std::uint64_t page) {
  return {ip.i_ino, static_cast<std::uint16_t>(page)};
}

// Port of xfs_dax_read_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: on MMAPLOCK; in the fault.
vm_fault_t xfs_dax_read_fault(vm_fault& vmf) {
  sched::RwSem& mmaplock = vmf.vma->vm_file.peek()->i_mapping.invalidate_lock;
  mmaplock.down_read();
  const vm_fault_t ret = dax_iomap_fault(vmf);
  mmaplock.up_read();
  return ret;
}

// Port of xfs_write_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: freeze protection and time stamps are absent.
// Yields: on MMAPLOCK; before the flag is read; in the fault.
vm_fault_t xfs_write_fault(vm_fault& vmf) {
  inode& ip = *vmf.vma->vm_file.peek();
  sched::RwSem& mmaplock = ip.i_mapping.invalidate_lock;
  mmaplock.down_read();
  bool exclusive = false;
  if (ip.remapping.read_once("iremapping_test")) {
    mmaplock.up_read();
    mmaplock.down_write();
    exclusive = true;
  }
  const vm_fault_t ret = dax_iomap_fault(vmf);
  if (exclusive)
    mmaplock.up_write();
  else
    mmaplock.up_read();
  return ret;
}

// Port of xfs_itruncate_extents_flags(), fs/xfs/xfs_inode.c, Linux 6.12, with xfs_bunmapi().
// Differs: one transaction; CoW blocks of the range go too, as there.
// Yields: on i_lock and the AG lock.
void xfs_free_range(inode& ip, std::uint64_t start, std::uint64_t end) {
  Function function("xfs_bunmapi", ip.i_ino, static_cast<std::int64_t>(start),
                    static_cast<std::int64_t>(end));
  ip.i_lock.down_write();
  for (std::uint64_t page = start; page < end; page++) {
    xfs_bmap_unmap(ip, page);
    xfs_reflink_cancel_cow(ip, page);
  }
  ip.i_lock.up_write();
}

// Port of xfs_reflink_remap_blocks(), fs/xfs/xfs_reflink.c, Linux 6.12.
// Differs: one block at a time.
// Yields: on both i_locks and the AG lock.
void xfs_reflink_remap_block(inode& src, std::uint64_t from, inode& dest, std::uint64_t to) {
  Function function("xfs_reflink_remap_extent", static_cast<std::int64_t>(from),
                    static_cast<std::int64_t>(to));
  src.i_lock.down_read();
  const std::uint64_t block = src.data_fork[from];
  src.i_lock.up_read();
  dest.i_lock.down_write();
  if (dest.data_fork[to] != block) {
    xfs_bmap_unmap(dest, to);
    if (block != HOLESTARTBLOCK) {
      world().blocks.increase(block);
      xfs_bmap_map(dest, to, block);
    }
  }
  world().observer.cloned(page_of(src, from), page_of(dest, to));
  if (to + 1 > dest.i_size.peek()) dest.i_size.store(to + 1, "i_size_write");
  dest.i_lock.up_write();
}

}  // namespace

// Port of xfs_filemap_fault(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: in the handlers.
vm_fault_t xfs_filemap_fault(vm_fault& vmf) {
  return vmf.write ? xfs_write_fault(vmf) : xfs_dax_read_fault(vmf);
}

// Port of xfs_filemap_pfn_mkwrite(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: nothing.
// Yields: in the handler.
vm_fault_t xfs_filemap_pfn_mkwrite(vm_fault& vmf) { return xfs_write_fault(vmf); }

// Port of xfs_file_dax_read(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: a short read at the end of the file ends the loop.
// Yields: on IOLOCK; in the copy.
int xfs_file_read(inode& ip, std::uint64_t page, std::uint64_t pages) {
  Function function("xfs_file_dax_read", ip.i_ino, static_cast<std::int64_t>(page));
  int ret = 0;
  ip.i_rwsem.down_read();
  for (std::uint64_t i = page; i < page + pages && ret >= 0; i++) {
    if (i >= ip.i_size.peek()) break;
    ret = dax_iomap_read(ip, i);
  }
  ip.i_rwsem.up_read();
  return function.ret(ret);
}

// Port of xfs_file_dax_write(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: whole pages; a short write returns the error that cut it short.
// Yields: on IOLOCK; in the write; before the size changes, once, for what was written.
int xfs_file_write(inode& ip, std::uint64_t page, std::uint64_t pages, std::uint8_t value) {
  Function function("xfs_file_dax_write", ip.i_ino, static_cast<std::int64_t>(page));
  int ret = 0;
  std::uint64_t pos = page;
  ip.i_rwsem.down_write();
  for (; pos < page + pages; pos++) {
    world().observer.write_begin(page_of(ip, pos), value);
    ret = dax_iomap_write(ip, pos, value);
    if (ret != 0) break;
    world().observer.write_end(page_of(ip, pos), value);
  }
  if (pos > page && pos > ip.i_size.peek()) ip.i_size.store(pos, "i_size_write");
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

// Port of xfs_setattr_size(), fs/xfs/xfs_iops.c, Linux 6.12, with xfs_vn_setattr().
// Differs: sizes are whole pages, so nothing is zeroed at the edge.
// Yields: on IOLOCK, MMAPLOCK and i_lock; in the break and the truncation.
int xfs_setattr_size(inode& ip, std::uint64_t pages) {
  Function function("xfs_setattr_size", ip.i_ino, static_cast<std::int64_t>(pages));
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  int ret = xfs_break_dax_layouts(ip);
  if (ret == 0) {
    for (std::uint64_t i = pages; i < trace::kFilePagesMax; i++)
      world().observer.write_begin(page_of(ip, i), 0);
    ip.i_size.store(pages, "i_size_write");
    truncate_pagecache_range(ip, pages, UINT64_MAX);
    xfs_free_range(ip, pages, trace::kFilePagesMax);
    for (std::uint64_t i = pages; i < trace::kFilePagesMax; i++)
      world().observer.write_end(page_of(ip, i), 0);
  }
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

// Port of xfs_file_fallocate(), fs/xfs/xfs_file.c, Linux 6.12: FALLOC_FL_PUNCH_HOLE,
// with xfs_free_file_space().
// Differs: whole pages, so nothing is zeroed at the edges.
// Yields: on IOLOCK, MMAPLOCK and i_lock; in the break, the flush and the truncation.
int xfs_punch_hole(inode& ip, std::uint64_t page, std::uint64_t pages) {
  Function function("xfs_free_file_space", ip.i_ino, static_cast<std::int64_t>(page),
                    static_cast<std::int64_t>(pages));
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  int ret = xfs_break_dax_layouts(ip);
  if (ret == 0) {
    for (std::uint64_t i = page; i < page + pages; i++)
      world().observer.write_begin(page_of(ip, i), 0);
    ret = dax_writeback_mapping_range(ip.i_mapping);
    truncate_pagecache_range(ip, page, page + pages - 1);
    xfs_free_range(ip, page, page + pages);
    for (std::uint64_t i = page; i < page + pages; i++)
      world().observer.write_end(page_of(ip, i), 0);
  }
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

// Port of xfs_file_remap_range(), fs/xfs/xfs_file.c, Linux 6.12, with
// xfs_reflink_remap_prep().
// Differs: whole pages; the range must lie within the source's size; flushes are of the
// whole file.
// Yields: on the locks of both files; in the break and the flushes; at each block.
int xfs_remap_range(inode& src, std::uint64_t from, inode& dest, std::uint64_t to,
                    std::uint64_t pages) {
  Function function("xfs_file_remap_range", src.i_ino, dest.i_ino,
                    static_cast<std::int64_t>(pages));
  const bool overlap = &src == &dest && from < to + pages && to < from + pages;
  if (overlap) return function.ret(-EINVAL);
  xfs_ilock2_io_mmap(src, dest);
  if (from + pages > src.i_size.peek()) {
    dest.i_mapping.invalidate_lock.up_write();
    if (&src != &dest) src.i_mapping.invalidate_lock.up_write();
    dest.i_rwsem.up_write();
    if (&src != &dest) src.i_rwsem.up_write();
    return function.ret(-EINVAL);
  }
  // __generic_remap_file_range_prep()
  (void)dax_writeback_mapping_range(src.i_mapping);
  (void)dax_writeback_mapping_range(dest.i_mapping);
  // xfs_reflink_set_inode_flag(), then xfs_flush_unmap_range(dest)
  src.has_cow.store(true, "reflink_flag");
  dest.has_cow.store(true, "reflink_flag");
  (void)dax_writeback_mapping_range(dest.i_mapping);
  truncate_pagecache_range(dest, to, to + pages - 1);
  src.remapping.store(true, "iremapping_set");
  if (&src != &dest) {
    src.i_rwsem.downgrade_write();
    src.i_mapping.invalidate_lock.downgrade_write();
  }
  for (std::uint64_t i = 0; i < pages; i++) xfs_reflink_remap_block(src, from + i, dest, to + i);
  xfs_iunlock2_remapping(src, dest);
  return function.ret(0);
}

int xfs_break_layouts_whole(inode& ip) {
  Function function("xfs_break_layouts", ip.i_ino);
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  const int ret = xfs_break_dax_layouts(ip);
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

int xfs_invalidate_range(inode& ip, std::uint64_t page, std::uint64_t pages) {
  ip.i_rwsem.down_write();
  const int ret = invalidate_inode_pages2_range(ip.i_mapping, page, page + pages - 1);
  ip.i_rwsem.up_write();
  return ret;
}

// Port of xfs_file_fsync(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: the log is absent.
// Yields: in the writeback.
int xfs_file_fsync(inode& ip) {
  Function function("xfs_file_fsync", ip.i_ino);
  world().observer.fsync_begin(ip.i_ino);
  const int ret = dax_writeback_mapping_range(ip.i_mapping);
  if (ret == 0) world().observer.fsync_end(ip.i_ino);
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
