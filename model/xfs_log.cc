// SPDX-License-Identifier: GPL-2.0-only
// Committing a transaction, forcing the log, and mounting after a power failure. See
// xfs_log.h.
#include "model/xfs_log.h"

#include <cerrno>

#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

xfs_dinode dinode_of(const inode& ip) {
  return {.di_size = ip.i_disk_size, .di_reflink = ip.has_cow.peek(), .data_fork = ip.data_fork};
}

// Port of xlog_recover(), fs/xfs/xfs_log_recover.c, Linux 6.12, with xfs_reflink_recover_cow():
// what the CoW forks had is free.
// Differs: images of inodes are replayed, not items; block counts follow from the forks.
// Yields: nowhere.
void xlog_recover() {
  sched::RunVector<std::uint16_t> owners(world().geometry.blocks);
  for (inode& ip : world().inodes) {
    const xfs_dinode& disk = world().log.on_disk(ip.i_ino);
    CHECK(disk.data_fork.size() == ip.pages_max());
    ip.data_fork = disk.data_fork;
    ip.cow_fork.assign(ip.pages_max(), {});
    ip.deferred_frees.clear();
    ip.i_disk_size = disk.di_size;
    ip.i_size.init(disk.di_size);
    ip.has_cow.init(disk.di_reflink);
    ip.i_dirty_pages = false;
    for (const xfs_bmbt_irec& at : ip.data_fork)
      if (!at.hole()) owners[at.block]++;
  }
  world().blocks.recover(std::move(owners));
}

}  // namespace

void xlog::init(const std::array<inode, trace::kFilesMax>& inodes) {
  for (const inode& ip : inodes) disk_[ip.i_ino] = dinode_of(ip);
}

void xlog::commit(const inode& ip) {
  CHECK(ip.i_lock.held_write());
  const sched::HarnessScope scope;  // see the class: ordered by locks that the port has not
  in_memory_.push_back({.ino = ip.i_ino,
                        .after = dinode_of(ip),
                        .committed_in = world().function_of(sched::Scheduler::current_task())});
}

xfs_csn_t xlog::committed() const {
  const sched::HarnessScope scope;
  return on_medium_ + in_memory_.size();
}

void xlog::written(xfs_csn_t last) {
  const sched::HarnessScope scope;
  CHECK(last <= on_medium_ + in_memory_.size());
  for (; on_medium_ < last; on_medium_++) {
    disk_[in_memory_.front().ino] = std::move(in_memory_.front().after);
    in_memory_.pop_front();
  }
}

xfs_csn_t xlog::on_medium() const {
  const sched::HarnessScope scope;
  return on_medium_;
}

xfs_csn_t xlog::ili_commit_seq(const inode& ip) const {
  const sched::HarnessScope scope;
  for (std::size_t i = in_memory_.size(); i-- > 0;)
    if (in_memory_[i].ino == ip.i_ino) return on_medium_ + i + 1;
  return 0;
}

sched::Label xlog::lost_in(std::uint8_t ino, std::uint64_t page) const {
  for (const Item& item : in_memory_)
    if (item.ino == ino && !(item.after.data_fork[page] == disk_[ino].data_fork[page]))
      return item.committed_in;
  for (const Item& item : in_memory_)
    if (item.ino == ino && item.after.di_size != disk_[ino].di_size) return item.committed_in;
  return "power_failure";
}

bool xlog::undone(std::uint8_t ino, sched::Label function) const {
  for (const Item& item : in_memory_)
    if (item.ino == ino && item.committed_in == function) return true;
  return false;
}

// Port of xfs_trans_alloc_inode(), fs/xfs/xfs_trans.c, Linux 6.12, with xfs_trans_reserve().
// Differs: free blocks are not counted: who gets none is told by the allocator. It fails only where an
// allocator that is followed did (BlockAdvice), which has then tried again after xfs_blockgc_flush_all().
// The caller takes i_lock.
// Yields: nowhere.
int xfs_trans_alloc_inode(const inode& ip, std::uint64_t page, std::uint64_t pages, Reserve what) {
  CHECK(pages > 0 && page + pages <= ip.pages_max());
  const FilePage where{ip.i_ino, static_cast<std::uint16_t>(page)};
  return world().blocks.refuses({where, pages, what}) ? -ENOSPC : 0;
}

// Port of xfs_trans_commit(), fs/xfs/xfs_trans.c, Linux 6.12, with xfs_defer_finish() of
// reference count updates.
// Differs: a chain of transactions is one, as its intents make it for recovery.
// Yields: on the AG lock.
void xfs_trans_commit(inode& ip) {
  CHECK(ip.i_lock.held_write());
  world().log.commit(ip);
  for (const std::uint64_t block : ip.deferred_frees) world().blocks.decrease(block);
  ip.deferred_frees.clear();
}

// Port of xfs_ipincount(), fs/xfs/xfs_inode.h, Linux 6.12.
// Differs: true or false.
// Yields: nowhere.
bool xfs_ipincount(const inode& ip) { return world().log.ili_commit_seq(ip) != 0; }

// Port of xfs_log_force(), fs/xfs/xfs_log.c, Linux 6.12: XFS_LOG_SYNC.
// Differs: nothing.
// Yields: before it looks what was committed, and while that is written.
void xfs_log_force() {
  Function function("xfs_log_force");
  sched::yield_point("cil_push");
  const xfs_csn_t last = world().log.committed();
  sched::yield_point("log_write");
  world().log.written(last);
}

// Port of xfs_fsync_flush_log(), fs/xfs/xfs_file.c, Linux 6.12, with xfs_log_force_seq().
// Differs: a force of one sequence number forces all that was committed, as most CIL pushes do.
// Yields: on i_lock and in the force.
void xfs_fsync_flush_log(inode& ip) {
  Function function("xfs_fsync_flush_log", ip.i_ino);
  ip.i_lock.down_read();
  if (xfs_ipincount(ip)) xfs_log_force();
  CHECK(!xfs_ipincount(ip));
  ip.i_lock.up_read();
}

void power_failure() {
  Function function("power_failure");
  CHECK(!world().crashed);
  {
    const sched::HarnessScope scope;  // takes no lock: whoever holds one is no more
    world().pmem.power_fail();
    xlog_recover();
    world().crashed = true;
  }
  world().observer.crashed();  // may end the run, and a scope with it
}

}  // namespace daxfuzz::kernel
