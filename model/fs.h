// SPDX-License-Identifier: GPL-2.0-only
// The smallest file system that can reflink, truncate, punch and write on DAX,
// shaped as XFS is: IOLOCK, MMAPLOCK, ILOCK, a data fork and a CoW fork of extents that
// may be unwritten, block reference counts, an allocator that hands out freed blocks at
// once. Positions are bytes; a page has two (pmem.h), so that a range can begin or end
// within one.
// Sources: fs/xfs, Linux 6.12. Read next: xfs_bmap.cc (blocks), xfs_iomap.cc
// (what DAX asks), xfs_file.cc (system calls), xfs_layout.cc (breaking layouts), xfs_log.h (the journal).
#pragma once

#include <cstdint>

#include "model/mm.h"
#include "model/pmem.h"
#include "model/xarray.h"
#include "sched/primitives.h"
#include "sched/run_memory.h"

namespace daxfuzz::kernel {

using loff_t = std::uint64_t;
inline constexpr unsigned PAGE_SHIFT = 1;
inline constexpr loff_t PAGE_SIZE = 1u << PAGE_SHIFT;
static_assert(PAGE_SIZE == kPageLines);
inline constexpr loff_t LLONG_MAX_POS = ~loff_t{0};  // "to the end"
constexpr std::uint64_t page_of(loff_t pos) { return pos >> PAGE_SHIFT; }
constexpr loff_t pos_of(std::uint64_t page) { return page << PAGE_SHIFT; }
// The lines of a page that [pos, end) has.
LineMask lines_of(std::uint64_t page, loff_t pos, loff_t end);

struct address_space {
  inode* host = nullptr;
  xarray i_pages;
  std::uint64_t nrpages = 0;                 // under xa_lock
  sched::RwSem invalidate_lock{"mmaplock"};  // XFS_MMAPLOCK
  sched::RwSem i_mmap_rwsem{"i_mmap_rwsem"};
  sched::Plain<std::uint32_t> i_mmap;        // bit s: vma slot s; under i_mmap_rwsem
  sched::Plain<bool> exiting;                // AS_EXITING

  void add_vma(const vm_area_struct& vma) { i_mmap.init(i_mmap.peek() | (1u << vma.slot)); }
  void remove_vma(const vm_area_struct& vma) { i_mmap.init(i_mmap.peek() & ~(1u << vma.slot)); }
  [[nodiscard]] bool has_vma(const vm_area_struct& vma) const {
    return (i_mmap.peek() & (1u << vma.slot)) != 0;
  }
};
// mapping_mapped(): a look without the lock.
bool mapping_mapped(const address_space& mapping);

// What a fork has at a page.
struct xfs_bmbt_irec {
  static constexpr std::uint64_t kHole = ~0ull;  // HOLESTARTBLOCK
  std::uint64_t block = kHole;
  bool unwritten = false;  // XFS_EXT_UNWRITTEN
  bool operator==(const xfs_bmbt_irec&) const = default;
  [[nodiscard]] bool hole() const { return block == kHole; }
  // Does `next`, a page further on, belong to the same extent?
  [[nodiscard]] bool continues(const xfs_bmbt_irec& next, std::uint64_t pages) const {
    return next.unwritten == unwritten && (hole() ? next.hole() : next.block == block + pages);
  }
};

struct inode {
  std::uint8_t i_ino = 0;  // 0: file a
  address_space i_mapping;
  sched::RwSem i_rwsem{"iolock"};  // XFS_IOLOCK
  sched::RwSem i_lock{"ilock"};    // XFS_ILOCK: forks, size on disk
  sched::Plain<loff_t> i_size;
  loff_t i_disk_size = 0;          // under i_lock; i_size runs ahead of it
  sched::Plain<bool> remapping;    // XFS_IREMAPPING
  sched::RunVector<xfs_bmbt_irec> data_fork, cow_fork;  // by page; under i_lock
  sched::RwSem i_freeing{"i_freeing"};  // held by who evicts: I_FREEING
  sched::Plain<bool> freeing;           // it does
  sched::Plain<int> i_count;            // tasks that have the file open, no mappings
  sched::Plain<bool> has_cow;      // xfs_is_cow_inode(): it was ever part of a reflink
  bool i_dirty_pages = false;      // I_DIRTY_PAGES of i_state: it outlives the marks
  // Of the transaction that goes on: blocks that lose an owner when it commits.
  sched::RunVector<std::uint64_t> deferred_frees;

  void init(std::uint8_t number, std::uint64_t pages);
  [[nodiscard]] std::uint64_t pages_max() const { return data_fork.size(); }
};

// A run of blocks; none: -ENOSPC.
struct Extent {
  std::uint64_t block = 0, count = 0;
};

class BlockAllocator;

// What a transaction reserves space for before it begins: blocks of pages of the data fork (direct: to
// be written at once; prealloc: by fallocate(2), there or not) or of the CoW fork, or none but what
// its btrees may need when pages lose their blocks (unmap) or get another file's (remap).
enum class Reserve : std::uint8_t { direct, cow, prealloc, unmap, remap };
struct Reservation {
  FilePage where;
  std::uint64_t pages = 0;
  Reserve what = Reserve::direct;
};

// Which blocks a page of a file and those after it get, if that is known: from a run of
// another allocator that is followed. And whether that one had no space for a transaction.
class BlockAdvice {
 public:
  virtual ~BlockAdvice() = default;
  [[nodiscard]] virtual Extent advise(FilePage where, std::uint64_t wanted,
                                      const BlockAllocator& blocks) const = 0;
  [[nodiscard]] virtual bool refuses(const Reservation& wanted,
                                     const BlockAllocator& blocks) const = 0;
};

// Blocks with owners counted as the refcount btree does. The AG lock is a leaf.
class BlockAllocator {
 public:
  explicit BlockAllocator(std::uint64_t blocks);
  // Up to `wanted` free blocks in a row with count one, for the pages of a file from `where`
  // on: those that are advised if free. `aligned`: else a whole PMD at a PMD's
  // alignment if there is one (the extent size hint of the data device). Else the block
  // freed last, and those that follow it if free.
  Extent allocate(std::uint64_t wanted, bool aligned, FilePage where = {});
  void follow(const BlockAdvice* advice) { advice_ = advice; }
  [[nodiscard]] bool refuses(const Reservation& wanted) const {
    return advice_ != nullptr && advice_->refuses(wanted, *this);
  }
  void increase(std::uint64_t block);
  void decrease(std::uint64_t block);  // frees it when the last owner goes
  // After a crash: each block has that many owners.
  void recover(sched::RunVector<std::uint16_t> owners);
  [[nodiscard]] bool shared(std::uint64_t block);
  // The AGF, held by who asks the rmap btree for owners (xfs_notify_failure.cc).
  void lock_agf() { ag_lock_.down_write(); }
  void unlock_agf() { ag_lock_.up_write(); }
  // For the oracle and for advice: no lock, no step.
  [[nodiscard]] bool agf_held() const { return ag_lock_.held_write(); }  // by the caller
  [[nodiscard]] int owners(std::uint64_t block) const { return refcount_[block]; }
  [[nodiscard]] bool is_free(std::uint64_t block) const;
  [[nodiscard]] std::uint64_t free_count() const { return free_.size(); }

 private:
  void take(std::uint64_t block);
  sched::RwSem ag_lock_{"ag_lock"};  // the AGF buffer's lock: its holder may sleep
  sched::RunVector<std::uint16_t> refcount_;
  sched::RunVector<std::uint64_t> free_;  // a stack
  const BlockAdvice* advice_ = nullptr;
  // By block: the last transaction when it was freed. Busy until that is on the medium.
  sched::RunVector<std::uint64_t> freed_at_;
};

// --- xfs_bmap.cc: forks; the caller holds i_lock exclusively -----------------
// The extent at `page`, at most `pages` long: its first record, and how long it is.
struct Mapped {
  xfs_bmbt_irec at;
  std::uint64_t pages = 0;
};
Mapped xfs_bmapi_read(const sched::RunVector<xfs_bmbt_irec>& fork, std::uint64_t page,
                      std::uint64_t pages);
void xfs_bmap_map(inode& ip, std::uint64_t page, xfs_bmbt_irec to);
// The block loses its owner when the transaction commits (xfs_trans_commit()).
void xfs_bmap_unmap(inode& ip, std::uint64_t page);
void xfs_reflink_cancel_cow(inode& ip, std::uint64_t page);

// --- xfs_iomap.cc -----------------------------------------------------------
enum class IomapType : std::uint8_t { hole, mapped, unwritten };
struct iomap {
  IomapType type = IomapType::hole;
  std::uint64_t block = 0;   // of `offset`
  loff_t offset = 0;
  loff_t length = 0;
  bool shared = false;       // IOMAP_F_SHARED
  bool fresh = false;        // IOMAP_F_NEW
  bool dirty = false;        // IOMAP_F_DIRTY: the log has yet to be forced for it
};
enum iomap_flags_t : std::uint8_t { IOMAP_WRITE = 1, IOMAP_ZERO = 2, IOMAP_UNSHARE = 4 };
// A walk over a range; iomap_iter() below turns it.
struct iomap_iter {
  inode* file = nullptr;
  loff_t pos = 0;
  loff_t len = 0;
  std::uint8_t flags = 0;
  loff_t processed = 0;      // of the mapping that was given last
  int error = 0;             // a negative ->processed: ends the walk
  iomap map{};
  iomap srcmap{};            // CoW source; a hole of length 0 if there is none

  [[nodiscard]] bool write() const { return (flags & IOMAP_WRITE) != 0; }
  [[nodiscard]] loff_t length() const;  // iomap_length()
  // iomap_iter_srcmap(): the map itself if it has no source of its own.
  [[nodiscard]] const iomap& source() const { return srcmap.length != 0 ? srcmap : map; }
};
// iomap_iter(): ends what was processed, asks for the next mapping. 1, 0 at the end, -errno.
int iomap_next(iomap_iter& iter);
// dax_iomap_pgoff(): the pfn of a position within a mapping.
std::uint64_t dax_iomap_pfn(const iomap& map, loff_t pos);

// --- xfs_notify_failure.cc: a range of the device has gone bad ------------------
int xfs_dax_notify_failure(std::uint64_t block, bool rmapbt);
inline constexpr int EFSCORRUPTED = 117;  // EUCLEAN

// --- xfs_layout.cc ------------------------------------------------------------
int xfs_break_dax_layouts(inode& ip);  // MMAPLOCK held exclusively; dropped while it waits
void xfs_ilock2_io_mmap(inode& ip1, inode& ip2);
void xfs_iunlock2_io_mmap(inode& ip1, inode& ip2);
void xfs_iunlock2_remapping(inode& src, inode& dest);

// --- xfs_fault.cc: fault handlers -----------------------------------------------
vm_fault_t xfs_filemap_fault(vm_fault& vmf);
vm_fault_t xfs_filemap_huge_fault(vm_fault& vmf);
vm_fault_t xfs_filemap_pfn_mkwrite(vm_fault& vmf);

// --- xfs_file.cc, xfs_fallocate.cc, xfs_reflink.cc: system calls; 0 or more, or -errno --------------
int xfs_file_read(inode& ip, loff_t pos, loff_t len);
int xfs_file_write(inode& ip, loff_t pos, loff_t len, std::uint8_t value);
int xfs_setattr_size(inode& ip, loff_t size);
int xfs_punch_hole(inode& ip, loff_t pos, loff_t len);
int xfs_remap_range(inode& src, loff_t from, inode& dest, loff_t to, loff_t len);
int xfs_dedupe_range(inode& src, loff_t from, inode& dest, loff_t to, loff_t len);
int xfs_break_layouts_whole(inode& ip);  // as a caller of xfs_break_layouts() would
int xfs_invalidate_range(inode& ip, std::uint64_t page, std::uint64_t pages);
int xfs_file_fsync(inode& ip, std::uint64_t start, std::uint64_t last);  // pages

// A fallocate(2) that is no hole punch.
enum class FallocMode : std::uint8_t { allocate, zero, unshare, collapse };
int xfs_file_fallocate(inode& ip, FallocMode mode, loff_t pos, loff_t len);
int filemap_write_and_wait(inode& ip);
void writeback_single_inode(inode& ip);
void writeback_inodes_sb();

// --- xfs_icache.cc --------------------------------------------------------------
void xfs_inode_free_cowblocks(inode& ip);

// --- xfs_evict.cc ---------------------------------------------------------------
void iget(inode& ip);  // waits while the inode is evicted
void iput(inode& ip);  // never the last one: that is
// the last iput(); -EBUSY if a VMA maps the file or a task has it open. unlinked: the file
// goes too, and what has its number from then on is a new one.
int iput_final(inode& ip, bool unlinked);

// --- fuse_dax.cc: a range of the device changes hands without being freed -------------
// Blocks of DAX windows that no file has: fuse_conn_dax::free_ranges.
struct fuse_conn_dax {
  sched::SpinLock lock{"fcd_lock"};
  sched::RunVector<std::uint64_t> free_ranges;
};
int fuse_reclaim_dmap(inode& ip, std::uint64_t page, inode& to, std::uint64_t to_page,
                      std::uint64_t pages);

// Of the calls above; the caller has the locks.
int xfs_reflink_unshare(inode& ip, loff_t pos, loff_t len);
int xfs_collapse_file_space(inode& ip, loff_t pos, loff_t len);
int xfs_set_size(inode& ip, loff_t size);
int xfs_flush_unmap_range(inode& ip, loff_t pos, loff_t len);
int xfs_free_file_space(inode& ip, loff_t pos, loff_t len);

// --- filemap.cc (mm/filemap.c): pages [start, last] ------------------------------
int filemap_write_and_wait_range(address_space& mapping, std::uint64_t start, std::uint64_t last);
bool mapping_tagged(const address_space& mapping);

// --- truncate.cc (mm/truncate.c) ----------------------------------------------
void truncate_inode_pages_final(address_space& mapping);
// From page `first` on.
void truncate_pagecache(inode& ip, std::uint64_t first);
void truncate_pagecache_range(inode& ip, std::uint64_t start, std::uint64_t last);
int invalidate_inode_pages2_range(address_space& mapping, std::uint64_t start, std::uint64_t last);
// How many entries it has met.
std::uint64_t invalidate_mapping_pages(address_space& mapping, std::uint64_t start, std::uint64_t last);

// Tell the observer of a change of [pos, end) of a file.
void begin_write(const inode& ip, loff_t pos, loff_t end, std::uint8_t value);
void end_write(const inode& ip, loff_t pos, loff_t end, std::uint8_t value);

}  // namespace daxfuzz::kernel
