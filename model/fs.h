// SPDX-License-Identifier: GPL-2.0-only
// The smallest file system that can reflink, truncate, punch and write on DAX,
// shaped as XFS is: IOLOCK, MMAPLOCK, ILOCK, a data fork and a CoW fork, block
// reference counts, an allocator that hands out freed blocks at once.
// Sources: fs/xfs, Linux 6.12. Read next: xfs_bmap.cc (blocks), xfs_iomap.cc
// (what DAX asks), xfs_file.cc (system calls), xfs_layout.cc (breaking layouts).
#pragma once

#include <array>
#include <cstdint>

#include "model/mm.h"
#include "model/xarray.h"
#include "sched/primitives.h"
#include "trace/limits.h"

namespace daxfuzz::kernel {

inline constexpr std::uint64_t HOLESTARTBLOCK = ~0ull;

struct address_space {
  inode* host = nullptr;
  xarray i_pages;
  std::uint64_t nrpages = 0;                 // under xa_lock
  sched::RwSem invalidate_lock{"mmaplock"};  // XFS_MMAPLOCK
  sched::RwSem i_mmap_rwsem{"i_mmap_rwsem"};
  sched::Plain<std::uint32_t> i_mmap;        // bit s: vma slot s; under i_mmap_rwsem

  void add_vma(const vm_area_struct& vma) { i_mmap.init(i_mmap.peek() | (1u << vma.slot)); }
  void remove_vma(const vm_area_struct& vma) { i_mmap.init(i_mmap.peek() & ~(1u << vma.slot)); }
  [[nodiscard]] bool has_vma(const vm_area_struct& vma) const {
    return (i_mmap.peek() & (1u << vma.slot)) != 0;
  }
};
// mapping_mapped(): a look without the lock.
bool mapping_mapped(const address_space& mapping);

struct inode {
  std::uint8_t i_ino = 0;  // 0: file a
  address_space i_mapping;
  sched::RwSem i_rwsem{"iolock"};  // XFS_IOLOCK
  sched::RwSem i_lock{"ilock"};    // XFS_ILOCK: forks, size on disk
  sched::Plain<std::uint64_t> i_size;  // in pages
  sched::Plain<bool> remapping;        // XFS_IREMAPPING
  // Data fork and CoW fork: block of each page, or HOLESTARTBLOCK. Under i_lock.
  std::array<std::uint64_t, trace::kFilePagesMax> data_fork;
  std::array<std::uint64_t, trace::kFilePagesMax> cow_fork;
  sched::Plain<bool> has_cow;  // xfs_is_cow_inode(): it was ever part of a reflink

  void init(std::uint8_t number);
};

// Blocks with owners counted as the refcount btree does. The AG lock is a leaf.
class BlockAllocator {
 public:
  explicit BlockAllocator(std::uint64_t blocks);
  // A free block with count one, the one freed last first; HOLESTARTBLOCK: -ENOSPC.
  std::uint64_t allocate();
  void increase(std::uint64_t block);
  void decrease(std::uint64_t block);  // frees it when the last owner goes
  [[nodiscard]] bool shared(std::uint64_t block);
  // For the oracle: no lock, no step.
  [[nodiscard]] int owners(std::uint64_t block) const { return refcount_[block]; }

 private:
  sched::SpinLock ag_lock_{"ag_lock"};
  std::array<std::uint8_t, trace::kBlocksMax> refcount_{};
  std::array<std::uint8_t, trace::kBlocksMax> free_{};  // a stack
  std::size_t free_count_ = 0;
};

// --- xfs_bmap.cc: forks; the caller holds i_lock exclusively -----------------
void xfs_bmap_map(inode& ip, std::uint64_t page, std::uint64_t block);
void xfs_bmap_unmap(inode& ip, std::uint64_t page);      // drops the block's owner
void xfs_reflink_cancel_cow(inode& ip, std::uint64_t page);

// --- xfs_iomap.cc -----------------------------------------------------------
enum class IomapType : std::uint8_t { hole, mapped };
struct iomap {
  IomapType type = IomapType::hole;
  std::uint64_t block = HOLESTARTBLOCK;
  bool shared = false;       // IOMAP_F_SHARED
  bool fresh = false;        // IOMAP_F_NEW
};
struct iomap_iter {
  inode* file = nullptr;
  std::uint64_t page = 0;
  bool write = false;        // IOMAP_WRITE
  iomap map;
  iomap srcmap;              // CoW source; a hole if there is none
};
int iomap_begin(iomap_iter& iter);
// written: the page was processed without error.
void iomap_end(iomap_iter& iter, bool written);

// --- xfs_layout.cc ------------------------------------------------------------
int xfs_break_dax_layouts(inode& ip);  // MMAPLOCK held exclusively; dropped while it waits
void xfs_ilock2_io_mmap(inode& ip1, inode& ip2);
void xfs_iunlock2_remapping(inode& src, inode& dest);

// --- xfs_file.cc: system calls and fault handlers; 0 or more, or -errno -------
vm_fault_t xfs_filemap_fault(vm_fault& vmf);
vm_fault_t xfs_filemap_pfn_mkwrite(vm_fault& vmf);
int xfs_file_read(inode& ip, std::uint64_t page, std::uint64_t pages);
int xfs_file_write(inode& ip, std::uint64_t page, std::uint64_t pages, std::uint8_t value);
int xfs_setattr_size(inode& ip, std::uint64_t pages);
int xfs_punch_hole(inode& ip, std::uint64_t page, std::uint64_t pages);
int xfs_remap_range(inode& src, std::uint64_t from, inode& dest, std::uint64_t to,
                    std::uint64_t pages);
int xfs_break_layouts_whole(inode& ip);  // as a caller of xfs_break_layouts() would
int xfs_invalidate_range(inode& ip, std::uint64_t page, std::uint64_t pages);
int xfs_file_fsync(inode& ip);

// --- truncate.cc (mm/truncate.c) ----------------------------------------------
void truncate_pagecache_range(inode& ip, std::uint64_t start, std::uint64_t last);
int invalidate_inode_pages2_range(address_space& mapping, std::uint64_t start, std::uint64_t last);

}  // namespace daxfuzz::kernel
