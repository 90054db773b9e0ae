// SPDX-License-Identifier: GPL-2.0-only
// read(2), write(2), truncate(2), fallocate(2) and fsync(2) of the file system: which
// locks, in which order, around what. See fs.h; xfs_reflink.cc has the two-file calls.
#include <algorithm>
#include <cerrno>
#include <optional>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

FileByte byte_of(const inode& ip, loff_t pos) { return {ip.i_ino, static_cast<std::uint32_t>(pos)}; }

// Port of xfs_itruncate_clear_reflink_flags(), fs/xfs/xfs_inode.c, Linux 6.12: a file without
// blocks is no part of a reflink any more.
// Differs: nothing.
// Yields: before the flag is cleared.
void xfs_itruncate_clear_reflink_flags(inode& ip) {
  CHECK(ip.i_lock.held_write());
  const auto hole = [](const xfs_bmbt_irec& at) { return at.hole(); };
  if (!ip.has_cow.peek()) return;
  if (std::ranges::all_of(ip.data_fork, hole) && std::ranges::all_of(ip.cow_fork, hole))
    ip.has_cow.store(false, "reflink_flag");
}

// Port of xfs_itruncate_extents_flags(), fs/xfs/xfs_inode.c, Linux 6.12, with xfs_bunmapi().
// Differs: one transaction, which sets the size on disk, too; a truncation's CoW blocks go too, and
// those of a hole that is punched stay, as there.
// Yields: on i_lock and the AG lock.
void xfs_free_range(inode& ip, std::uint64_t start, std::uint64_t end,
                    std::optional<loff_t> disk_size = {}, bool truncates = false) {
  Function function("xfs_bunmapi", ip.i_ino, static_cast<std::int64_t>(start),
                    static_cast<std::int64_t>(end));
  ip.i_lock.down_write();
  if (disk_size.has_value()) ip.i_disk_size = *disk_size;
  for (std::uint64_t page = start; page < end; page++) {
    xfs_bmap_unmap(ip, page);
    if (truncates) xfs_reflink_cancel_cow(ip, page);
  }
  if (truncates) xfs_itruncate_clear_reflink_flags(ip);
  xfs_trans_commit(ip);
  ip.i_lock.up_write();
}

// Port of xfs_setfilesize(), fs/xfs/xfs_aops.c, Linux 6.12.
// Differs: nothing.
// Yields: on i_lock.
void xfs_setfilesize(inode& ip, loff_t end) {
  Function function("xfs_setfilesize", ip.i_ino, static_cast<std::int64_t>(end));
  ip.i_lock.down_write();
  const loff_t isize = std::min(end, ip.i_size.peek());  // xfs_new_eof()
  if (isize > ip.i_disk_size) {
    ip.i_disk_size = isize;
    xfs_trans_commit(ip);
  }
  ip.i_lock.up_write();
}

// The end of xfs_file_dax_write(): the size in memory, then the one on disk.
void written_to(inode& ip, loff_t end) {
  if (end <= ip.i_size.peek()) return;
  ip.i_size.store(end, "i_size_write");
  xfs_setfilesize(ip, end);
}

// Port of xfs_file_write_checks(), fs/xfs/xfs_file.c, Linux 6.12: what lies between the old
// end and the write reads as zero.
// Differs: leases and privileges are absent.
// Yields: on MMAPLOCK; in the zeroing.
int xfs_file_write_checks(inode& ip, loff_t pos) {
  const loff_t size = ip.i_size.peek();
  if (pos <= size) return 0;
  ip.i_mapping.invalidate_lock.down_write();  // xfs_file_write_zero_eof()
  const int ret = dax_zero_range(ip, size, pos - size, nullptr);
  ip.i_mapping.invalidate_lock.up_write();
  return ret;
}

}  // namespace

void begin_write(const inode& ip, loff_t pos, loff_t end, std::uint8_t value) {
  for (; pos < end; pos++) world().observer.write_begin(byte_of(ip, pos), value);
}
void end_write(const inode& ip, loff_t pos, loff_t end, std::uint8_t value) {
  for (; pos < end; pos++) world().observer.write_end(byte_of(ip, pos), value);
}

// Port of xfs_file_dax_read(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: returns the last value read.
// Yields: on IOLOCK; in the copy.
int xfs_file_read(inode& ip, loff_t pos, loff_t len) {
  Function function("xfs_file_dax_read", ip.i_ino, static_cast<std::int64_t>(pos));
  std::uint8_t last = 0;
  if (len == 0) return function.ret(0);
  ip.i_rwsem.down_read();
  const int ret = dax_iomap_read(ip, pos, len, &last);
  ip.i_rwsem.up_read();
  return function.ret(ret < 0 ? ret : last);
}

// Port of xfs_file_dax_write(), fs/xfs/xfs_file.c, Linux 6.12.
// Differs: a short write returns -ENOSPC.
// Yields: on IOLOCK; in the write; before the size changes, once, for what was written; on i_lock.
int xfs_file_write(inode& ip, loff_t pos, loff_t len, std::uint8_t value) {
  Function function("xfs_file_dax_write", ip.i_ino, static_cast<std::int64_t>(pos));
  if (len == 0) return function.ret(0);
  ip.i_rwsem.down_write();
  int ret = xfs_file_write_checks(ip, pos);
  if (ret == 0) {
    begin_write(ip, pos, pos + len, value);
    ret = dax_iomap_write(ip, pos, len, value);
    const loff_t done = ret < 0 ? 0 : static_cast<loff_t>(ret);
    if (done > 0) written_to(ip, pos + done);
    end_write(ip, pos, pos + done, value);
    if (ret >= 0) ret = done == len ? 0 : -ENOSPC;
  }
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

// Port of xfs_setattr_size(), fs/xfs/xfs_iops.c, Linux 6.1 and 6.12. IOLOCK and MMAPLOCK are held
// exclusively, layouts are broken.
// Differs: nothing.
// Yields: in the zeroing and the truncation; before the size changes; on i_lock.
int xfs_set_size(inode& ip, loff_t size) {
  CHECK(ip.i_rwsem.held_write() && ip.i_mapping.invalidate_lock.held_write());
  const loff_t old = ip.i_size.peek(), end = pos_of(ip.pages_max());
  CHECK(size <= end);
  bool did_zeroing = false;
  begin_write(ip, std::min(size, old), end, 0);
  int ret = 0;
  // 6.1 flushes the page that the file will end in: iomap did not see it dirty over an unwritten
  // block.
  if (size <= old && protocol().linux61)
    ret = filemap_write_and_wait_range(ip.i_mapping, page_of(size), page_of(size));
  if (ret == 0)
    ret = size > old ? dax_zero_range(ip, old, size - old, &did_zeroing)
                     : dax_truncate_page(ip, size, &did_zeroing);
  if (ret == 0) {
    const std::uint64_t first = page_of(size + PAGE_SIZE - 1);
    ip.i_size.store(size, "i_size_write");
    truncate_pagecache(ip, first);
    // Of [i_disk_size, size), which is empty if the file shrinks.
    const bool flushes = did_zeroing || (size > ip.i_disk_size && old != ip.i_disk_size);
    if (flushes && size > ip.i_disk_size)
      ret = filemap_write_and_wait_range(ip.i_mapping, page_of(ip.i_disk_size), page_of(size - 1));
    xfs_free_range(ip, size <= old ? first : ip.pages_max(), ip.pages_max(), size, size <= old);
  }
  if (ret == 0) end_write(ip, std::min(size, old), end, 0);
  return ret;
}

// Port of xfs_vn_setattr(), fs/xfs/xfs_iops.c, Linux 6.12, of a size.
// Differs: nothing.
// Yields: on IOLOCK and MMAPLOCK; in the break and what it calls.
int xfs_setattr_size(inode& ip, loff_t size) {
  Function function("xfs_setattr_size", ip.i_ino, static_cast<std::int64_t>(size));
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  int ret = xfs_break_dax_layouts(ip);
  if (ret == 0) ret = xfs_set_size(ip, size);
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

// Port of xfs_flush_unmap_range(), fs/xfs/xfs_bmap_util.c, Linux 6.12.
// Differs: nothing.
// Yields: in the flush and the truncation.
int xfs_flush_unmap_range(inode& ip, loff_t pos, loff_t len) {
  const std::uint64_t first = page_of(pos), last = page_of(pos + len - 1);
  const int ret = filemap_write_and_wait_range(ip.i_mapping, first, last);
  if (ret == 0) truncate_pagecache_range(ip, first, last);
  return ret;
}

// Port of xfs_free_file_space(), fs/xfs/xfs_bmap_util.c, Linux 6.12. IOLOCK and MMAPLOCK are
// held exclusively, layouts are broken.
// Differs: the flush of the page at the end is left out, which has no entry to flush; who frees
// a range has refused an empty one.
// Yields: in the flush and the truncation; on i_lock; in the zeroing.
int xfs_free_file_space(inode& ip, loff_t pos, loff_t len) {
  Function function("xfs_free_file_space", ip.i_ino, static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(len));
  CHECK(len > 0);
  const std::uint64_t start = page_of(pos + PAGE_SIZE - 1), end = page_of(pos + len);
  const loff_t size = ip.i_size.peek();
  // Pages that are freed, and up to the end of the file bytes of those that are not.
  const loff_t zeros = pos < size ? pos : pos_of(start);
  const loff_t zeros_end = std::max(std::min(pos + len, size), pos_of(end));
  begin_write(ip, zeros, zeros_end, 0);
  int ret = xfs_flush_unmap_range(ip, pos, len);
  if (ret != 0) return function.ret(ret);
  if (end > start) {  // xfs_unmap_extent()
    ret = xfs_trans_alloc_inode(ip, start, end - start, Reserve::unmap);
    if (ret != 0) return function.ret(ret);
    xfs_free_range(ip, start, end);
  }
  if (pos < size) ret = dax_zero_range(ip, pos, std::min(len, size - pos), nullptr);
  if (ret == 0) end_write(ip, zeros, zeros_end, 0);
  return function.ret(ret);
}

// Port of xfs_file_fallocate(), fs/xfs/xfs_file.c, Linux 6.12: FALLOC_FL_PUNCH_HOLE.
// Differs: nothing.
// Yields: on IOLOCK and MMAPLOCK; in the break and the freeing.
int xfs_punch_hole(inode& ip, loff_t pos, loff_t len) {
  if (len == 0) return -EINVAL;
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  int ret = xfs_break_dax_layouts(ip);
  if (ret == 0) ret = xfs_free_file_space(ip, pos, len);
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return ret;
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

// Port of xfs_file_fsync(), fs/xfs/xfs_file.c, Linux 6.12, of pages [start, last].
// Differs: the device has no cache but the CPU's.
// Yields: in the writeback; before it looks for transactions; in the force.
int xfs_file_fsync(inode& ip, std::uint64_t start, std::uint64_t last) {
  Function function("xfs_file_fsync", ip.i_ino);
  world().observer.fsync_begin(ip.i_ino, start, last);
  const int ret = filemap_write_and_wait_range(ip.i_mapping, start, last);
  if (ret != 0) return function.ret(ret);
  sched::yield_point("ipincount");
  if (xfs_ipincount(ip)) xfs_fsync_flush_log(ip);
  world().observer.fsync_end(ip.i_ino);
  return function.ret(0);
}

}  // namespace daxfuzz::kernel
