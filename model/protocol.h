// SPDX-License-Identifier: GPL-2.0-only
// A refcount protocol as a value: independent switches that the one port reads.
// The words are in trace/protocol.def; here they get their meaning. No class
// hierarchy: dax_busy_page() asks protocol().busy_test, and that is all. Kernel
// history: docs/protocols.md. Read next: folio.h (counts), dax_association.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::kernel {

enum class BusyTest : std::uint8_t { ref_gt_one, ref_nonzero, ref_minus_mapcount };
enum class WakeTransition : std::uint8_t { to_zero, to_one };
enum class ScanWait : std::uint8_t { next_entry, same_entry };

// How an owner count of a reflinked page is told from an ordinary association.
enum class Share : std::uint8_t {
  magic_0x1,     // mapping == (void *)0x1, share counts (6.2..6.14)
  none,          // no share accounting (v1)
  flag_0x4,      // mapping == 0x4, tested by mask (the reviewer's remedy)
  null_mapping,  // mapping == NULL and share != 0 (6.15+)
  flag_0x1,      // flag_0x4's rules at PAGE_MAPPING_ANON's bit (what 0x4 cures)
  index_0x1,     // magic_0x1 with a count that is tested before the decrement (6.0, 6.1)
};

enum class InsertFailure : std::uint8_t {
  keep_entry,    // nothing page-like happened; the entry stays
  put_frees,     // the fault's own put runs the page-free path; the entry stays
  delete_entry,  // full clean-up: association, reference and entry go
};

// What a write(2) that copies a shared block does to the entries of its range, which
// name the block before.
enum class CowWrite : std::uint8_t {
  keeps,        // nothing (6.0, 6.1)
  drops_clean,  // invalidates them; those that are marked dirty stay (6.2, 6.3)
  drops,        // clears the marks first (6.4)
};

// When the reference of an entry goes, where entries hold one.
enum class EntryPut : std::uint8_t {
  disassociate,         // when the entry goes
  zap,                  // when a scan zaps the entry; never if none did (2022 series)
  zap_or_disassociate,  // when the first of both happens
};
// What waits for pins when an inode is evicted.
enum class EvictBreaks : std::uint8_t { no, file, entry };
enum class ZappedFault : std::uint8_t { keeps, revives };

// Not a protocol's, but the machine's (docs/memory-model.md).
enum class Memory : std::uint8_t {
  sc,   // sequentially consistent
  tso,  // x86: stores wait in a buffer of their thread (sched/store_buffer.h)
};

struct Protocol {
  int base_count = 0;
  bool entry_holds_ref = false;
  bool mapping_holds_ref = false;
  BusyTest busy_test{};
  int idle_count = 0;
  WakeTransition wake_transition{};
  Share share{};
  bool free_clears_mapping = false;
  InsertFailure insert_failure{};
  bool zero_page_counted = false;
  bool scan_needs_mapped = false;
  ScanWait scan_wait{};
  bool break_deletes = false;
  bool put_resets_order0 = false;
  bool read_shares = false;
  bool read_dirties = false;
  CowWrite cow_write{};
  bool pmd_folio = false;
  EntryPut entry_put{};
  bool share_skips_ref = false;
  ZappedFault zapped_fault{};
  bool free_wakes_first = false;
  EvictBreaks evict_breaks{};
  bool free_needs_ops = false;
  bool linux61 = false;
  bool reclaim_pt = false;
  std::uint64_t cow_extsize = 1;  // blocks
  Memory memory{};

  bool operator==(const Protocol&) const = default;
};

// The named protocol with `settings` applied in order.
[[nodiscard]] Protocol protocol_value(trace::ProtocolId id,
                                      const std::vector<trace::Setting>& settings = {});

}  // namespace daxfuzz::kernel
