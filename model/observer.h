// SPDX-License-Identifier: GPL-2.0-only
// What the port tells whoever watches it: ground facts about who maps, pins,
// tracks and owns what, told at the step at which they become true. The oracle's
// ledger is built from these alone, so it shares no counter with the port.
// Called on the running task, between two yield points; must not yield.
#pragma once

#include <cstdint>

#include "sched/label.h"

namespace daxfuzz::kernel {

// A page of a file.
struct FilePage {
  std::uint8_t file = 0;
  std::uint16_t page = 0;
  bool operator==(const FilePage&) const = default;
};

// A byte of a file; a page has PAGE_SIZE of them (fs.h).
struct FileByte {
  std::uint8_t file = 0;
  std::uint32_t pos = 0;
  bool operator==(const FileByte&) const = default;
};

// A PTE, or a PMD by its first address: which address of which process, and the file page
// that it maps there.
struct PteAt {
  std::uint8_t mm = 0;
  std::uint16_t address = 0;
  FilePage where;
};

class Observer {
 public:
  virtual ~Observer() = default;

  // Page tables: the entry now maps `pages` pages from pfn on (set or changed), or nothing.
  virtual void pte_set(PteAt at, std::uint64_t pfn, bool write, std::uint64_t pages) = 0;
  virtual void pte_cleared(PteAt at) = 0;
  // A VMA has come to a process or is about to leave it; to the list of a file, or from there.
  virtual void vmas_changed(std::uint8_t mm) = 0;
  virtual void i_mmap_changed(std::uint8_t file) = 0;
  // A page reference of a user of GUP, granted for good (after every re-check).
  virtual void pin_taken(int slot, std::uint64_t pfn, FilePage where, bool foll_pin, bool write) = 0;
  virtual void pin_dropped(int slot) = 0;
  // i_pages: the slot that covers `pages` indices from `where` on goes from value entry
  // `before` to `after` (0: none).
  virtual void entry_stored(FilePage where, std::uint64_t before, std::uint64_t after,
                            std::uint64_t pages) = 0;
  // The port changed a page's count; its mapping, index or share.
  virtual void count_changed(std::uint64_t pfn) = 0;
  virtual void association_changed(std::uint64_t pfn) = 0;
  // Block ownership, as on disk: data fork and CoW fork.
  virtual void block_mapped(std::uint64_t block, FilePage where) = 0;
  virtual void block_unmapped(std::uint64_t block, FilePage where) = 0;
  virtual void block_freed(std::uint64_t block) = 0;
  virtual void block_reused(std::uint64_t block) = 0;  // for another file, without being freed
  virtual void block_allocated(std::uint64_t block) = 0;
  // An inode leaves memory; unlinked: and the file goes.
  virtual void inode_gone(std::uint8_t file, bool unlinked) = 0;
  // Contents. A change of a byte of a file from begin to end (one step: both at once).
  virtual void write_begin(FileByte where, std::uint8_t value) = 0;
  virtual void write_end(FileByte where, std::uint8_t value) = 0;
  virtual void wrote(FilePage where, std::uint64_t pfn, std::uint8_t value) = 0;  // user store
  virtual void cloned(FilePage from, FilePage to) = 0;  // reflink made to = from
  // A private write copied the file page, read at `from`, to the page `to` of ordinary memory.
  virtual void copied_privately(FilePage where, std::uint64_t from, std::uint64_t to) = 0;
  // A read of a byte that took from `since` (read_begin()) to now.
  [[nodiscard]] virtual std::uint64_t read_begin() = 0;
  virtual void was_read(FileByte where, std::uint64_t pfn, std::uint8_t value,
                        std::uint64_t since) = 0;
  virtual void dma_wrote(int slot, std::uint8_t value) = 0;
  // A fault of a page of a file from begin to end; copies: into ordinary memory. failed: SIGBUS, or no memory.
  virtual void fault_begin(FilePage where, bool copies) = 0;
  virtual void fault_end(bool failed) = 0;
  // dax_flush() has written a page's cache lines back; an fsync(2) of a range.
  virtual void flushed(std::uint64_t pfn) = 0;
  virtual void fsync_begin(std::uint8_t file, std::uint64_t start, std::uint64_t last) = 0;  // pages
  virtual void fsync_end(std::uint8_t file) = 0;  // it returned 0
  // memory_failure() of a block from begin to end; a process was told of a page of a file.
  virtual void memory_failure_begin(std::uint64_t block) = 0;
  virtual void killed(std::uint8_t mm, FilePage where) = 0;
  virtual void memory_failure_end(std::uint64_t block, int result) = 0;
  // The power failed and the file system was mounted again.
  virtual void crashed() = 0;
  // WARN_ON_ONCE(condition) and BUG_ON(condition) in the port. id: invariant.def.
  static constexpr std::uint64_t kNoPage = UINT64_MAX;
  virtual void warned(sched::Label id, std::uint64_t pfn = kNoPage) = 0;
  virtual void bug(sched::Label id) = 0;
};

}  // namespace daxfuzz::kernel
