// SPDX-License-Identifier: GPL-2.0-only
// virtiofs maps files of its host into windows of one device. A window that is wanted for
// another file is taken from the one that has it: reuse of a page without any block being
// freed. The file system of the model stands in: the window is what blocks a range has.
// Read next: dax_layout.cc (the break), truncate.cc (the invalidation).
#include <algorithm>
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of fuse_wait_dax_page(), fs/fuse/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: on invalidate_lock, and it sleeps.
void fuse_wait_dax_page(void* arg, const sched::WaitReason& reason) {
  inode& ip = *static_cast<inode*>(arg);
  ip.i_mapping.invalidate_lock.up_write();
  sched::schedule(reason);
  ip.i_mapping.invalidate_lock.down_write();
}

// What the host maps where is not in a log: a crash of the guest leaves it.
void commit_without_log(inode& ip) {
  xfs_trans_commit(ip);
  world().log.written(world().log.committed());
}

// Port of dmap_writeback_invalidate(), fs/fuse/dax.c, Linux 6.12.
// Differs: the writeback waits: DAX does nothing in one that does not.
// Yields: in the writeback and the invalidation.
int dmap_writeback_invalidate(inode& ip, std::uint64_t first, std::uint64_t last) {
  const int ret = filemap_write_and_wait_range(ip.i_mapping, first, last);
  return ret != 0 ? ret : invalidate_inode_pages2_range(ip.i_mapping, first, last);
}

// Port of reclaim_one_dmap_locked(), fs/fuse/dax.c, Linux 6.12, with
// dmap_reinit_add_to_free_pool().
// Differs: the window is the blocks of the range; those that a reflink shares stay, for
// virtiofs has none. The file reads as zeros there (there: as the host's file still does).
// Yields: in the writeback and the invalidation; on i_lock and the pool's lock.
int reclaim_one_dmap_locked(inode& ip, std::uint64_t first, std::uint64_t last) {
  Function function("reclaim_one_dmap_locked", ip.i_ino, static_cast<std::int64_t>(first));
  const int ret = dmap_writeback_invalidate(ip, first, last);
  if (ret != 0) return function.ret(ret);
  ip.i_lock.down_write();
  for (std::uint64_t page = first; page <= last; page++) {
    const std::uint64_t block = ip.data_fork[page].block;
    if (ip.data_fork[page].hole() || world().blocks.shared(block)) continue;
    xfs_reflink_cancel_cow(ip, page);
    begin_write(ip, pos_of(page), pos_of(page + 1), 0);
    ip.data_fork[page] = {};
    commit_without_log(ip);
    world().observer.block_unmapped(block, {ip.i_ino, static_cast<std::uint16_t>(page)});
    world().observer.block_reused(block);
    end_write(ip, pos_of(page), pos_of(page + 1), 0);
    world().fuse.lock.lock();
    {
      const sched::HarnessScope scope;  // the vector is ours
      world().fuse.free_ranges.push_back(block);
    }
    world().fuse.lock.unlock();
  }
  ip.i_lock.up_write();
  return function.ret(0);
}

// Port of lookup_and_reclaim_dmap(), fs/fuse/dax.c, Linux 6.12, with
// fuse_dax_break_layouts(): of this range and no more of the file.
// Differs: a range that read(2) or write(2) uses is waited for by IOLOCK (there: left alone,
// by its refcnt), which also stands for fi->dax->sem.
// Yields: on the locks; in the break and what it calls.
int lookup_and_reclaim_dmap(inode& ip, std::uint64_t first, std::uint64_t last) {
  Function function("lookup_and_reclaim_dmap", ip.i_ino, static_cast<std::int64_t>(first),
                    static_cast<std::int64_t>(last));
  CHECK(first <= last && last < ip.pages_max());
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  int ret = dax_break_layout(ip, first, last, fuse_wait_dax_page, &ip);
  if (ret == 0) ret = reclaim_one_dmap_locked(ip, first, last);
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

// A window of the pool; kHole if there is none.
std::uint64_t alloc_dax_mapping() {
  fuse_conn_dax& fcd = world().fuse;
  std::uint64_t block = xfs_bmbt_irec::kHole;
  fcd.lock.lock();
  if (!fcd.free_ranges.empty()) {
    const sched::HarnessScope scope;  // the vector is ours
    block = fcd.free_ranges.back();
    fcd.free_ranges.pop_back();
  }
  fcd.lock.unlock();
  return block;
}

// Port of fuse_setup_one_mapping(), fs/fuse/dax.c, Linux 6.12, as often as there are windows.
// Differs: what the range has is freed first, as by a hole punch; the window is zeroed
// (there: the host maps the file's contents).
// Yields: on the locks; in the break and the freeing; before each page changes.
int fuse_setup_mappings(inode& ip, std::uint64_t first, std::uint64_t pages) {
  Function function("fuse_setup_one_mapping", ip.i_ino, static_cast<std::int64_t>(first));
  ip.i_rwsem.down_write();
  ip.i_mapping.invalidate_lock.down_write();
  int ret = xfs_break_dax_layouts(ip);
  if (ret == 0) ret = xfs_free_file_space(ip, pos_of(first), pos_of(pages));
  ip.i_lock.down_write();
  for (std::uint64_t page = first; ret == 0 && page < first + pages; page++) {
    const std::uint64_t block = alloc_dax_mapping();
    if (block == xfs_bmbt_irec::kHole) break;
    sched::yield_point("zero_blocks");
    pmem_write_zeroes(block_to_pfn(block));
    xfs_bmap_map(ip, page, {block, false});
    commit_without_log(ip);
  }
  ip.i_lock.up_write();
  ip.i_mapping.invalidate_lock.up_write();
  ip.i_rwsem.up_write();
  return function.ret(ret);
}

}  // namespace

int fuse_reclaim_dmap(inode& ip, std::uint64_t page, inode& to, std::uint64_t to_page,
                      std::uint64_t pages) {
  CHECK(pages > 0);
  // A window is a PMD (FUSE_DAX_SZ), or all of a smaller file.
  const auto whole = [](std::uint64_t index) { return index & ~pg_pmd_colour(); };
  const std::uint64_t first = whole(page), to_first = whole(to_page);
  const std::uint64_t last = std::min((page + pages - 1) | pg_pmd_colour(), ip.pages_max() - 1);
  int ret = lookup_and_reclaim_dmap(ip, first, last);
  const std::uint64_t count = std::min(last - first + 1, to.pages_max() - to_first);
  if (ret == 0) ret = fuse_setup_mappings(to, to_first, count);
  // What is left would be the next file's.
  for (std::uint64_t block = alloc_dax_mapping(); block != xfs_bmbt_irec::kHole;
       block = alloc_dax_mapping())
    world().blocks.decrease(block);
  return ret;
}

}  // namespace daxfuzz::kernel
