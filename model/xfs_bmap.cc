// SPDX-License-Identifier: GPL-2.0-only
// Who owns which block: the allocator with its counts, and the two forks of an
// inode. A freed block is the next one handed out, so that a block freed too
// early is another file's at once. See fs.h.
#include <algorithm>

#include "model/world.h"

namespace daxfuzz::kernel {

bool mapping_mapped(const address_space& mapping) {
  return mapping.i_mmap.read_once("mapping_mapped") != 0;
}

LineMask lines_of(std::uint64_t page, loff_t pos, loff_t end) {
  LineMask lines = 0;
  for (unsigned line = 0; line < kPageLines; line++) {
    const loff_t at = pos_of(page) + line;
    if (at >= pos && at < end) lines |= 1u << line;
  }
  return lines;
}

void inode::init(std::uint8_t number, std::uint64_t pages) {
  i_ino = number;
  i_mapping.host = this;
  i_mapping.i_pages.init(number, pages);
  data_fork.resize(pages);
  cow_fork.resize(pages);
}

BlockAllocator::BlockAllocator(std::uint64_t blocks) { recover(sched::RunVector<std::uint16_t>(blocks)); }

void BlockAllocator::recover(sched::RunVector<std::uint16_t> owners) {
  refcount_ = std::move(owners);
  freed_at_.assign(refcount_.size(), 0);
  free_.clear();
  free_.reserve(refcount_.size());
  for (std::uint64_t block = refcount_.size(); block-- > 0;)
    if (refcount_[block] == 0) free_.push_back(block);
}

// A block that was just freed is busy (xfs_extent_busy_trim()): until its transaction is on
// the medium a crash may give it back to its owner, so data of another must not reach it.
// xfs_alloc_ag_vextent() prefers other blocks and forces the log only if there are none
// (xfs_extent_busy_flush()); here blocks that were just freed are preferred, so it is forced.
void BlockAllocator::take(std::uint64_t block) {
  if (freed_at_[block] > world().log.on_medium()) world().log.written(world().log.committed());
  const auto at = std::ranges::find(free_.rbegin(), free_.rend(), block);
  CHECK(at != free_.rend());
  const sched::HarnessScope scope;  // the vector is ours; ag_lock_ orders its contents
  free_.erase(std::next(at).base());
  refcount_[block] = 1;
  world().observer.block_allocated(block);
}

bool BlockAllocator::is_free(std::uint64_t block) const {
  const std::uint64_t blocks = refcount_.size();
  return block < blocks && refcount_[block] == 0;
}

Extent BlockAllocator::allocate(std::uint64_t wanted, bool aligned, FilePage where) {
  CHECK(wanted > 0);
  if (should_fail()) return {};
  ag_lock_.down_write();
  const std::uint64_t pmd = pmd_pages(world().geometry), blocks = refcount_.size();
  Extent found;
  if (advice_ != nullptr) {
    const Extent advised = advice_->advise(where, wanted, *this);
    const std::uint64_t most = std::min(advised.count, wanted);
    while (found.count < most && is_free(advised.block + found.count)) found.count++;
    found.block = advised.block;
  }
  if (found.count != 0) wanted = found.count;
  for (std::uint64_t b = 0; aligned && wanted >= pmd && found.count == 0 && b + pmd <= blocks; b += pmd) {
    std::uint64_t run = 0;
    while (run < pmd && is_free(b + run)) run++;
    if (run == pmd) found = {b, pmd};
  }
  if (found.count == 0 && !free_.empty()) found = {free_.back(), 1};
  while (found.count != 0 && found.count < wanted && is_free(found.block + found.count))
    found.count++;
  for (std::uint64_t i = 0; i < found.count; i++) take(found.block + i);
  ag_lock_.up_write();
  return found;
}

void BlockAllocator::increase(std::uint64_t block) {
  ag_lock_.down_write();
  CHECK(refcount_[block] > 0);
  refcount_[block]++;
  ag_lock_.up_write();
}

void BlockAllocator::decrease(std::uint64_t block) {
  ag_lock_.down_write();
  CHECK(refcount_[block] > 0);
  if (--refcount_[block] == 0) {
    {
      const sched::HarnessScope scope;  // as in take()
      free_.push_back(block);
      freed_at_[block] = world().log.committed();
    }
    world().observer.block_freed(block);
  }
  ag_lock_.up_write();
}

bool BlockAllocator::shared(std::uint64_t block) {
  ag_lock_.down_write();
  const bool many = refcount_[block] > 1;
  ag_lock_.up_write();
  return many;
}

Mapped xfs_bmapi_read(const sched::RunVector<xfs_bmbt_irec>& fork, std::uint64_t page,
                      std::uint64_t pages) {
  CHECK(page < fork.size() && pages > 0);
  Mapped found{.at = fork[page], .pages = 1};
  while (found.pages < pages && page + found.pages < fork.size() &&
         found.at.continues(fork[page + found.pages], found.pages))
    found.pages++;
  return found;
}

void xfs_bmap_map(inode& ip, std::uint64_t page, xfs_bmbt_irec to) {
  CHECK(ip.i_lock.held_write());
  CHECK(ip.data_fork[page].hole() && !to.hole());
  ip.data_fork[page] = to;
  world().observer.block_mapped(to.block, {ip.i_ino, static_cast<std::uint16_t>(page)});
}

// Port of xfs_bmap_unmap_extent(), fs/xfs/libxfs/xfs_bmap.c, Linux 6.12, with
// xfs_refcount_decrease_extent().
// Differs: one block.
// Yields: nowhere.
void xfs_bmap_unmap(inode& ip, std::uint64_t page) {
  CHECK(ip.i_lock.held_write());
  const xfs_bmbt_irec was = ip.data_fork[page];
  if (was.hole()) return;
  ip.data_fork[page] = {};
  world().observer.block_unmapped(was.block, {ip.i_ino, static_cast<std::uint16_t>(page)});
  ip.deferred_frees.push_back(was.block);
}

// Port of xfs_reflink_cancel_cow_blocks(), fs/xfs/xfs_reflink.c, Linux 6.12.
// Differs: one block.
// Yields: on the AG lock.
void xfs_reflink_cancel_cow(inode& ip, std::uint64_t page) {
  CHECK(ip.i_lock.held_write());
  const xfs_bmbt_irec was = ip.cow_fork[page];
  if (was.hole()) return;
  ip.cow_fork[page] = {};
  world().blocks.decrease(was.block);
}

}  // namespace daxfuzz::kernel
