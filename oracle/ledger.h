// SPDX-License-Identifier: GPL-2.0-only
// Ghost accounting: who maps, pins, tracks and owns which page, kept from what the
// port tells (model/observer.h) and from nothing that the port counts. Checkers
// compare the two. Plain data; read next: judge.h.
#pragma once

#include <array>
#include <cstdint>

#include "model/mm.h"
#include "model/observer.h"
#include "model/pmem.h"
#include "sched/event_log.h"
#include "trace/limits.h"

namespace daxfuzz::oracle {

// A set of file pages as bits: bit file * kFilePagesMax + page.
using FilePages = std::uint32_t;
static_assert(trace::kFilesMax * trace::kFilePagesMax <= 32);
inline constexpr std::size_t kFilePageCount = trace::kFilesMax * trace::kFilePagesMax;

constexpr std::size_t number(kernel::FilePage where) {
  return where.file * trace::kFilePagesMax + where.page;
}
constexpr kernel::FilePage file_page(std::size_t number) {
  return {static_cast<std::uint8_t>(number / trace::kFilePagesMax),
          static_cast<std::uint16_t>(number % trace::kFilePagesMax)};
}
constexpr FilePages bit(kernel::FilePage where) { return 1u << number(where); }
constexpr FilePages pages_of(std::uint8_t file) {
  return ((1u << trace::kFilePagesMax) - 1) << (file * trace::kFilePagesMax);
}

struct PteRecord {
  bool present = false;
  bool write = false;
  std::uint64_t pfn = 0;
  kernel::FilePage where;
};

struct PinRecord {
  bool held = false;
  bool foll_pin = false;
  bool write = false;
  std::uint64_t pfn = 0;
  kernel::FilePage where;
};

struct EntryRecord {
  std::uint64_t entry = 0;                     // the slot's value, 0: none
  sched::TaskId locked_by = sched::kNoTask;    // who set its lock bit
  sched::Label locked_in;                      // the function that last changed the lock
  sched::Label stored_in;                      // the function that last changed more than the lock
  std::uint64_t stored_at = 0;                 // when, by Ledger::now
};

// Sums over the records for one page, and the functions that last changed its count
// and its association.
struct PageRecord {
  int mapped = 0, gets = 0, pins = 0, tracked = 0;
  sched::Label counted_in;
  sched::Label associated_in;
  std::uint64_t associated_at = 0;  // by Ledger::now
};

struct BlockRecord {
  bool allocated = false;
  FilePages owners = 0;  // data forks
  // Cache lines, by Ledger::now: the last store through a mapping, the last flush.
  std::uint64_t stored_at = 0, flushed_at = 0;
  std::uint8_t stored_by = 0;  // the file that was mapped for that store
};

// An fsync(2) that goes on: what each block of the file held dirty when it began.
struct FsyncRecord {
  std::array<std::uint64_t, trace::kBlocksMax> stored_at{};  // 0: clean
};

struct Ledger {
  std::array<PteRecord, trace::kMmsMax * kernel::kAddressesMax> ptes;
  std::array<PinRecord, trace::kPinsMax> pins;
  std::array<EntryRecord, kFilePageCount> entries;
  std::array<BlockRecord, trace::kBlocksMax> blocks;
  std::array<PageRecord, trace::kBlocksMax + 1> pages;  // zero page last
  std::array<FsyncRecord, sched::kTasksMax + 1> fsyncs;  // by task; the last: on none
  std::uint64_t now = 0;  // counts changes of entries, associations and contents

  // Changes of records; they keep the sums.
  void set_pte(PteRecord& record, const PteRecord& to);
  void set_pin(PinRecord& record, const PinRecord& to);
  void set_entry(EntryRecord& record, std::uint64_t entry);

  [[nodiscard]] PageRecord& page(std::uint64_t pfn);
  [[nodiscard]] const PageRecord& page(std::uint64_t pfn) const;
};

}  // namespace daxfuzz::oracle
