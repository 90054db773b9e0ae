// SPDX-License-Identifier: GPL-2.0-only
// The named protocols, one value each, and settings by switch. The table is the
// comparison table of the kernel's history (docs/protocols.md).
#include "model/protocol.h"

#include "sched/check.h"

namespace daxfuzz::kernel {
namespace {

// Linux 6.2..6.14. mm/memremap.c: "fsdax page refcounts are 1-based".
constexpr Protocol kLegacy{
    .base_count = 1,
    .entry_holds_ref = false,
    .mapping_holds_ref = false,
    .busy_test = BusyTest::ref_gt_one,
    .idle_count = 1,
    .wake_transition = WakeTransition::to_one,
    .share = Share::magic_0x1,
    .free_clears_mapping = false,
    .insert_failure = InsertFailure::keep_entry,
    .zero_page_counted = false,
    .scan_needs_mapped = true,
    .scan_wait = ScanWait::next_entry,
    .break_deletes = false,
    .put_resets_order0 = false,
    .read_shares = true,
    .read_dirties = false,
    .cow_write = CowWrite::drops,
    .pmd_folio = false,
};

// The series of 2024-09-10, patch 10/12, on the fs code of 6.11.
constexpr Protocol kV1{
    .base_count = 0,
    .entry_holds_ref = false,
    .mapping_holds_ref = true,
    .busy_test = BusyTest::ref_nonzero,
    .idle_count = 0,
    .wake_transition = WakeTransition::to_zero,
    .share = Share::none,
    .free_clears_mapping = true,
    .insert_failure = InsertFailure::put_frees,
    .zero_page_counted = true,
    .scan_needs_mapped = true,
    .scan_wait = ScanWait::next_entry,
    .break_deletes = false,
    .put_resets_order0 = false,
    .read_shares = true,
    .read_dirties = false,
    .cow_write = CowWrite::drops,
    .pmd_folio = true,
};

// The review of 2024-10-24: the entry holds a reference, idle is one.
constexpr Protocol kEntryRef{
    .base_count = 0,
    .entry_holds_ref = true,
    .mapping_holds_ref = true,
    .busy_test = BusyTest::ref_gt_one,
    .idle_count = 1,
    .wake_transition = WakeTransition::to_one,
    .share = Share::flag_0x4,
    .free_clears_mapping = false,
    .insert_failure = InsertFailure::delete_entry,
    .zero_page_counted = false,
    .scan_needs_mapped = true,
    .scan_wait = ScanWait::next_entry,
    .break_deletes = false,
    .put_resets_order0 = false,
    .read_shares = true,
    .read_dirties = false,
    .cow_write = CowWrite::drops,
    .pmd_folio = true,
};

// Linux 6.15..7.0 (38607c62b34b and the commits before it).
constexpr Protocol kUpstream{
    .base_count = 0,
    .entry_holds_ref = false,
    .mapping_holds_ref = true,
    .busy_test = BusyTest::ref_minus_mapcount,
    .idle_count = 0,
    .wake_transition = WakeTransition::to_zero,
    .share = Share::null_mapping,
    .free_clears_mapping = false,
    .insert_failure = InsertFailure::put_frees,
    .zero_page_counted = false,
    .scan_needs_mapped = false,
    .scan_wait = ScanWait::same_entry,
    .break_deletes = true,
    .put_resets_order0 = false,
    .read_shares = true,
    .read_dirties = false,
    .cow_write = CowWrite::drops,
    .pmd_folio = true,
    .evict_breaks = EvictBreaks::file,
    .reclaim_pt = true,
};

// Linux 6.0 and 6.1, read in 6.1: reflink on DAX as it was first merged.
constexpr Protocol legacy60() {
  Protocol p = kLegacy;
  p.share = Share::index_0x1;
  p.read_shares = false;
  p.read_dirties = true;
  p.cow_write = CowWrite::keeps;
  p.linux61 = true;
  return p;
}

// Linux 7.1 (59eb73b98ae0).
constexpr Protocol upstream71() {
  Protocol p = kUpstream;
  p.put_resets_order0 = true;
  return p;
}

// "Fix the DAX-gup mistake", v3 of 2022-10-14, after its 25th patch, on the fs code of 6.1.
constexpr Protocol zap() {
  Protocol p = legacy60();
  p.base_count = 0;
  p.entry_holds_ref = true;
  p.busy_test = BusyTest::ref_nonzero;
  p.idle_count = 0;
  p.wake_transition = WakeTransition::to_zero;
  p.free_clears_mapping = true;
  p.scan_needs_mapped = false;
  p.entry_put = EntryPut::zap;
  p.share_skips_ref = true;
  p.free_wakes_first = true;
  p.evict_breaks = EvictBreaks::entry;
  return p;
}

Protocol named(trace::ProtocolId id) {
  switch (id) {
    case trace::ProtocolId::legacy: return kLegacy;
    case trace::ProtocolId::v1: return kV1;
    case trace::ProtocolId::entry_ref: return kEntryRef;
    case trace::ProtocolId::upstream: return kUpstream;
    case trace::ProtocolId::legacy60: return legacy60();
    case trace::ProtocolId::upstream71: return upstream71();
    case trace::ProtocolId::zap: return zap();
  }
  CHECK(false);
  return kUpstream;
}

void apply(Protocol& p, trace::Setting setting) {
  using trace::SwitchId;
  CHECK(setting.value < trace::value_count(setting.id));
  const bool yes = setting.value != 0;
  switch (setting.id) {
    case SwitchId::base_count: p.base_count = setting.value; return;
    case SwitchId::entry_holds_ref: p.entry_holds_ref = yes; return;
    case SwitchId::mapping_holds_ref: p.mapping_holds_ref = yes; return;
    case SwitchId::busy_test: p.busy_test = static_cast<BusyTest>(setting.value); return;
    case SwitchId::idle_count: p.idle_count = setting.value; return;
    case SwitchId::wake_transition:
      p.wake_transition = static_cast<WakeTransition>(setting.value);
      return;
    case SwitchId::share: p.share = static_cast<Share>(setting.value); return;
    case SwitchId::free_clears_mapping: p.free_clears_mapping = yes; return;
    case SwitchId::insert_failure:
      p.insert_failure = static_cast<InsertFailure>(setting.value);
      return;
    case SwitchId::zero_page_counted: p.zero_page_counted = yes; return;
    case SwitchId::scan_needs_mapped: p.scan_needs_mapped = yes; return;
    case SwitchId::scan_wait: p.scan_wait = static_cast<ScanWait>(setting.value); return;
    case SwitchId::break_deletes: p.break_deletes = yes; return;
    case SwitchId::put_resets_order0: p.put_resets_order0 = yes; return;
    case SwitchId::read_shares: p.read_shares = yes; return;
    case SwitchId::read_dirties: p.read_dirties = yes; return;
    case SwitchId::pmd_folio: p.pmd_folio = yes; return;
    case SwitchId::entry_put: p.entry_put = static_cast<EntryPut>(setting.value); return;
    case SwitchId::share_skips_ref: p.share_skips_ref = yes; return;
    case SwitchId::zapped_fault: p.zapped_fault = static_cast<ZappedFault>(setting.value); return;
    case SwitchId::free_wakes_first: p.free_wakes_first = yes; return;
    case SwitchId::free_needs_ops: p.free_needs_ops = yes; return;
    case SwitchId::linux61: p.linux61 = yes; return;
    case SwitchId::reclaim_pt: p.reclaim_pt = yes; return;
    case SwitchId::memory: p.memory = static_cast<Memory>(setting.value); return;
    case SwitchId::cow_extsize: p.cow_extsize = setting.value + 1u; return;
    case SwitchId::evict_breaks: p.evict_breaks = static_cast<EvictBreaks>(setting.value); return;
    case SwitchId::cow_write: p.cow_write = static_cast<CowWrite>(setting.value); return;
  }
  CHECK(false);
}

}  // namespace

Protocol protocol_value(trace::ProtocolId id, const std::vector<trace::Setting>& settings) {
  Protocol p = named(id);
  for (trace::Setting setting : settings) apply(p, setting);
  return p;
}

}  // namespace daxfuzz::kernel
