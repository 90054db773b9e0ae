// SPDX-License-Identifier: GPL-2.0-only
// Who owns which block: the allocator with its counts, and the two forks of an
// inode. A freed block is the next one handed out, so that a block freed too
// early is another file's at once. See fs.h.
#include "model/world.h"

namespace daxfuzz::kernel {

bool mapping_mapped(const address_space& mapping) {
  return mapping.i_mmap.read_once("mapping_mapped") != 0;
}

void inode::init(std::uint8_t number) {
  i_ino = number;
  i_mapping.host = this;
  i_mapping.i_pages.init(number, trace::kFilePagesMax);
  data_fork.fill(HOLESTARTBLOCK);
  cow_fork.fill(HOLESTARTBLOCK);
}

BlockAllocator::BlockAllocator(std::uint64_t blocks) {
  CHECK(blocks <= free_.size());
  for (std::uint64_t block = blocks; block-- > 0;)
    free_[free_count_++] = static_cast<std::uint8_t>(block);
}

std::uint64_t BlockAllocator::allocate() {
  if (should_fail()) return HOLESTARTBLOCK;
  ag_lock_.lock();
  std::uint64_t block = HOLESTARTBLOCK;
  if (free_count_ > 0) {
    block = free_[--free_count_];
    refcount_[block] = 1;
    world().observer.block_allocated(block);
  }
  ag_lock_.unlock();
  return block;
}

void BlockAllocator::increase(std::uint64_t block) {
  ag_lock_.lock();
  CHECK(refcount_[block] > 0);
  refcount_[block]++;
  ag_lock_.unlock();
}

void BlockAllocator::decrease(std::uint64_t block) {
  ag_lock_.lock();
  CHECK(refcount_[block] > 0);
  if (--refcount_[block] == 0) {
    free_[free_count_++] = static_cast<std::uint8_t>(block);
    world().observer.block_freed(block);
  }
  ag_lock_.unlock();
}

bool BlockAllocator::shared(std::uint64_t block) {
  ag_lock_.lock();
  const bool many = refcount_[block] > 1;
  ag_lock_.unlock();
  return many;
}

void xfs_bmap_map(inode& ip, std::uint64_t page, std::uint64_t block) {
  CHECK(ip.i_lock.held_write());
  CHECK(ip.data_fork[page] == HOLESTARTBLOCK);
  ip.data_fork[page] = block;
  world().observer.block_mapped(block, {ip.i_ino, static_cast<std::uint16_t>(page)});
}

// Port of xfs_bmap_unmap_extent(), fs/xfs/libxfs/xfs_bmap.c, Linux 6.12, with
// xfs_refcount_decrease_extent().
// Differs: one block; the deferred operations of a transaction run at once, under
// the same i_lock as there.
// Yields: on the AG lock.
void xfs_bmap_unmap(inode& ip, std::uint64_t page) {
  CHECK(ip.i_lock.held_write());
  const std::uint64_t block = ip.data_fork[page];
  if (block == HOLESTARTBLOCK) return;
  ip.data_fork[page] = HOLESTARTBLOCK;
  world().observer.block_unmapped(block, {ip.i_ino, static_cast<std::uint16_t>(page)});
  world().blocks.decrease(block);
}

// Port of xfs_reflink_cancel_cow_blocks(), fs/xfs/xfs_reflink.c, Linux 6.12.
// Differs: one block.
// Yields: on the AG lock.
void xfs_reflink_cancel_cow(inode& ip, std::uint64_t page) {
  CHECK(ip.i_lock.held_write());
  const std::uint64_t block = ip.cow_fork[page];
  if (block == HOLESTARTBLOCK) return;
  ip.cow_fork[page] = HOLESTARTBLOCK;
  world().blocks.decrease(block);
}

}  // namespace daxfuzz::kernel
