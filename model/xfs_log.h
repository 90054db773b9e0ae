// SPDX-License-Identifier: GPL-2.0-only
// The journal: a transaction changes an inode in memory at once and on the medium only
// when the log that it is in was written. There is one log for all files, so what is on
// the medium is always the outcome of the first so many transactions. Sources:
// fs/xfs/xfs_trans.c, xfs_log.c, xfs_log_cil.c, Linux 6.12. Read next: xfs_log.cc, pmem.h
// (what a power failure does to bytes).
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "model/fs.h"
#include "sched/run_memory.h"
#include "trace/limits.h"

namespace daxfuzz::kernel {

using xfs_csn_t = std::uint64_t;  // numbers transactions from 1 on, in the order of commits

// An inode as it is found after a crash. The CoW fork is of memory only.
struct xfs_dinode {
  loff_t di_size = 0;
  bool di_reflink = false;  // XFS_DIFLAG2_REFLINK
  sched::RunVector<xfs_bmbt_irec> data_fork;
};

// The transactions that are in memory only, and what is on the medium without them. Each
// call is one step; the kernel orders them by xc_push_lock and l_icloglock.
class xlog {
 public:
  void init(const std::array<inode, trace::kFilesMax>& inodes);
  void commit(const inode& ip);  // as the inode is now
  [[nodiscard]] xfs_csn_t committed() const;
  // The log up to a transaction has reached the medium.
  void written(xfs_csn_t last);
  [[nodiscard]] xfs_csn_t on_medium() const;
  // The last transaction of an inode that has not reached the medium, 0: none.
  [[nodiscard]] xfs_csn_t ili_commit_seq(const inode& ip) const;
  // For recovery and the oracle: no step.
  [[nodiscard]] const xfs_dinode& on_disk(std::uint8_t ino) const { return disk_[ino]; }
  // The function whose transaction would have changed a page's block, else the size, first;
  // power_failure if none was lost.
  [[nodiscard]] sched::Label lost_in(std::uint8_t ino, std::uint64_t page) const;
  // Was a transaction of this function and inode lost?
  [[nodiscard]] bool undone(std::uint8_t ino, sched::Label function) const;

 private:
  struct Item {
    std::uint8_t ino = 0;
    xfs_dinode after;
    sched::Label committed_in;
  };
  std::deque<Item, sched::RunAllocator<Item>> in_memory_;  // the first is number on_medium_ + 1
  xfs_csn_t on_medium_ = 0;
  std::array<xfs_dinode, trace::kFilesMax> disk_;
};

// Begins a transaction of an inode: 0, or -ENOSPC if there is no space for what it reserves.
int xfs_trans_alloc_inode(const inode& ip, std::uint64_t page, std::uint64_t pages, Reserve what);
// Ends a transaction of an inode whose i_lock the caller holds exclusively: what changed
// is in the log, then blocks that xfs_bmap_unmap() took away are given up.
void xfs_trans_commit(inode& ip);
bool xfs_ipincount(const inode& ip);
void xfs_log_force();
void xfs_fsync_flush_log(inode& ip);
// Power fails at this step, and the file system is mounted again: World::crashed is set,
// files and blocks are what the medium says. Nothing else of the machine counts any more.
void power_failure();

}  // namespace daxfuzz::kernel
