// SPDX-License-Identifier: GPL-2.0-only
// Counting over the ledger's records. See ledger.h.
#include "oracle/ledger.h"

#include "model/dax.h"

namespace daxfuzz::oracle {

int Ledger::mapped(std::uint64_t pfn) const {
  int count = 0;
  for (const PteRecord& pte : ptes) count += pte.present && pte.pfn == pfn;
  return count;
}

int Ledger::pins_of(std::uint64_t pfn, bool foll_pin) const {
  int count = 0;
  for (const PinRecord& pin : pins) count += pin.held && pin.pfn == pfn && pin.foll_pin == foll_pin;
  return count;
}

int Ledger::pinned(std::uint64_t pfn) const { return pins_of(pfn, false) + pins_of(pfn, true); }

int Ledger::tracked(std::uint64_t pfn) const {
  int count = 0;
  for (const EntryRecord& record : entries)
    count += kernel::dax_is_real_entry(record.entry) && kernel::dax_to_pfn(record.entry) == pfn;
  return count;
}

PageRecord& Ledger::page(std::uint64_t pfn) {
  return pages[kernel::is_zero_pfn(pfn) ? trace::kBlocksMax : kernel::pfn_to_block(pfn)];
}

}  // namespace daxfuzz::oracle
