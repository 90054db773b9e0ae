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
#include "sched/fingerprint.h"
#include "sched/run_memory.h"
#include "trace/program.h"

namespace daxfuzz::oracle {

// A PTE, or a leaf PMD at its first address.
struct PteRecord {
  bool present = false;
  bool write = false;
  std::uint64_t pfn = 0;
  std::uint64_t pages = 1;
  kernel::FilePage where;
};

struct PinRecord {
  bool held = false;
  bool foll_pin = false;
  bool large = false;  // the folio was compound when it was pinned
  bool write = false;
  std::uint64_t pfn = 0;
  kernel::FilePage where;
};

// A slot of i_pages, at its first index.
struct EntryRecord {
  std::uint64_t entry = 0;                     // the slot's value, 0: none
  std::uint64_t pages = 1;                     // indices that it covers
  sched::TaskId locked_by = sched::kNoTask;    // who set its lock bit
  sched::Label locked_in;                      // the function that last changed the lock
  sched::Label stored_in;                      // the function that last changed more than the lock
  std::uint64_t stored_at = 0;                 // when, by Ledger::now
};

// Sums over the records that begin at one page, and the functions that last changed its
// count and its association.
struct PageRecord {
  int mapped = 0;      // PTEs, and PMDs that begin here
  int mapped_huge = 0; // of these, PMDs
  int gets = 0, pins = 0, large_pins = 0;
  int tracked = 0;      // entries, PMD entries that begin here too
  int tracked_huge = 0; // of these, PMD entries
  int holding = 0;      // of `tracked`, those that have not been zapped
  int holding_huge = 0;
  sched::Label counted_in;
  sched::Label associated_in;
  std::uint64_t associated_at = 0;  // by Ledger::now

  PageRecord& operator+=(const PageRecord& other);
};

struct BlockRecord {
  bool allocated = false;
  int owners = 0;  // data forks that name it
  // Cache lines, by Ledger::now: the last store through a mapping, the last flush.
  std::uint64_t stored_at = 0, flushed_at = 0;
  std::uint8_t stored_by = 0;  // the file that was mapped for that store
  std::uint32_t failures = 0;  // of all memory, when this life of it began
};

// An fsync(2) that goes on: which pages, and what each block held dirty when it began.
struct FsyncRecord {
  std::uint64_t start = 0, last = 0;
  sched::RunVector<std::uint64_t> stored_at;  // 0: clean
  std::uint64_t since = 0;               // when it began, by the clock of the history
  std::uint64_t size = 0;                // of the file then
};

// A memory_failure() that goes on: which page, whose mappings of it the call has taken away,
// and who was told (bit m: address space m).
struct FailureRecord {
  bool running = false;
  std::uint32_t number = 0;  // Pmem::failure() when it began
  std::uint64_t pfn = 0;
  sched::TaskId task = sched::kNoTask;
  std::uint32_t unmapped = 0, told = 0;
};

// A fault that goes on, and whether anything excuses it if it fails.
struct FaultRecord {
  bool running = false;
  bool excused = false;
  kernel::FilePage where;
  std::uint32_t failures = 0;  // of all memory when it began
};

class Ledger {
 public:
  static constexpr std::uint64_t kNoBlock = UINT64_MAX;

  void attach(const trace::Geometry& geometry);

  sched::RunVector<PteRecord> ptes;
  std::array<PinRecord, trace::kPinsMax> pins;
  sched::RunVector<EntryRecord> entries;     // by number()
  sched::RunVector<std::uint64_t> forks;     // by number(): the block of a page's data fork
  sched::RunVector<BlockRecord> blocks;
  sched::RunVector<PageRecord> pages;  // by block; then the zero page, the huge zero folio, ordinary memory
  sched::RunVector<std::array<std::uint8_t, kernel::kPageLines>> copies;  // what private copies should hold
  std::array<std::uint8_t, kernel::kAnonPages> filled{};  // 1: a private page, from its copy until it is free
  std::array<FsyncRecord, sched::kTasksMax + 1> fsyncs;  // by task; the last: on none
  FailureRecord failure;  // one at a time, by mf_mutex
  // By task: failures of all memory when its last write began, and the byte of that which ended last.
  struct WriteRecord {
    std::uint32_t failures = 0;
    kernel::FileByte ended{trace::kFilesMax, 0};
  };
  std::array<WriteRecord, sched::kTasksMax + 1> writes{};
  std::array<FaultRecord, sched::kTasksMax + 1> faults{};  // by task; the last: on none
  std::uint32_t faults_running = 0;                        // of these
  sched::RunVector<std::uint32_t> failed;  // by block: the failure that was handled last; 0: none
  std::uint64_t now = 0;  // counts changes of entries, associations and contents

  [[nodiscard]] std::size_t number(kernel::FilePage where) const {
    return where.file * file_pages_ + where.page;
  }
  [[nodiscard]] kernel::FilePage file_page(std::size_t number) const {
    return {static_cast<std::uint8_t>(number / file_pages_),
            static_cast<std::uint16_t>(number % file_pages_)};
  }
  [[nodiscard]] std::size_t file_pages() const { return file_pages_; }
  [[nodiscard]] PteRecord& pte(kernel::PteAt at) { return ptes[at.mm * addresses_ + at.address]; }

  // In the order of ptes, those that are present.
  template <class Do>
  void each_pte(Do with) const {
    std::size_t left = present_;
    for (auto pte = ptes.begin(); left != 0; ++pte)
      if (pte->present) left--, with(*pte);
  }
  [[nodiscard]] std::size_t mm_of(std::size_t pte) const { return pte / addresses_; }
  [[nodiscard]] std::uint64_t address_of(std::size_t pte) const { return pte % addresses_; }

  // Changes of records; they keep the sums.
  void set_pte(PteRecord& record, const PteRecord& to);
  void set_pin(PinRecord& record, const PinRecord& to);
  void set_entry(EntryRecord& record, std::uint64_t entry, std::uint64_t covered);
  [[nodiscard]] bool any_entry_locked() const { return locked_ != 0; }
  void set_fork(kernel::FilePage where, std::uint64_t block);  // kNoBlock: a hole
  // Of the faults that go on: what these need may be gone for a while.
  template <class If>
  void excuse_faults(If of) {
    if (faults_running == 0) return;  // each byte that is written asks
    for (FaultRecord& fault : faults) fault.excused |= fault.running && of(fault);
  }
  // What was stored in a block's last life is gone, also for who began to flush it.
  void begin_life(std::uint64_t block, std::uint32_t failures);

  [[nodiscard]] PageRecord& page(std::uint64_t pfn) {
    if (kernel::pfn_is_pmem(pfn)) return pages[pfn - kernel::kPmemPfn];
    if (kernel::pfn_is_anon(pfn)) return pages[blocks.size() + 2 + (pfn - kernel::kAnonPfn)];
    CHECK(kernel::is_zero_pfn(pfn) || kernel::is_huge_zero_pfn(pfn));
    return pages[blocks.size() + (kernel::is_zero_pfn(pfn) ? 0 : 1)];
  }
  [[nodiscard]] const PageRecord& page(std::uint64_t pfn) const { return const_cast<Ledger*>(this)->page(pfn); }
  // Sums of all that begins within 2^order pages: of the counts alone.
  [[nodiscard]] PageRecord folio(std::uint64_t pfn, unsigned order) const;
  // PTEs and PMDs that map this very page, entries that track it.
  [[nodiscard]] int mappings_of(std::uint64_t pfn) const;
  [[nodiscard]] int entries_of(std::uint64_t pfn) const;
  [[nodiscard]] int holding_entries_of(std::uint64_t pfn) const;
  // Does this PTE or PMD map the page? The huge zero folio is one page for all addresses.
  [[nodiscard]] static bool maps(const PteRecord& pte, std::uint64_t pfn) {
    if (!pte.present || kernel::is_huge_zero_pfn(pte.pfn)) return pte.present && pfn == pte.pfn;
    return pfn >= pte.pfn && pfn < pte.pfn + pte.pages;
  }
  // What of it decides later verdicts; fingerprint.cc.
  void fingerprint(sched::Fingerprint& out) const;

  // The slot that covers a file page; null if none is occupied.
  [[nodiscard]] const EntryRecord* entry_at(kernel::FilePage where, std::size_t* first = nullptr) const;

 private:
  void fingerprint(const EntryRecord& record, sched::Fingerprint& out) const;
  void fingerprint(std::size_t block, sched::Fingerprint& out) const;
  std::size_t file_pages_ = 0, addresses_ = 0;
  std::size_t present_ = 0;  // of ptes
  std::size_t locked_ = 0;   // of entries
  std::uint64_t pmd_pages_ = 1;
};

}  // namespace daxfuzz::oracle
