// SPDX-License-Identifier: GPL-2.0-only
// Keeping the sums of the ledger as its records change. See ledger.h.
#include "oracle/ledger.h"

#include "model/dax.h"

namespace daxfuzz::oracle {

PageRecord& Ledger::page(std::uint64_t pfn) {
  return pages[kernel::is_zero_pfn(pfn) ? trace::kBlocksMax : kernel::pfn_to_block(pfn)];
}

const PageRecord& Ledger::page(std::uint64_t pfn) const {
  return const_cast<Ledger*>(this)->page(pfn);
}

void Ledger::set_pte(PteRecord& record, const PteRecord& to) {
  if (record.present) page(record.pfn).mapped--;
  record = to;
  if (record.present) page(record.pfn).mapped++;
}

void Ledger::set_pin(PinRecord& record, const PinRecord& to) {
  const auto add = [this](const PinRecord& pin, int delta) {
    if (!pin.held) return;
    PageRecord& of = page(pin.pfn);
    (pin.foll_pin ? of.pins : of.gets) += delta;
  };
  add(record, -1);
  record = to;
  add(record, +1);
}

void Ledger::set_entry(EntryRecord& record, std::uint64_t entry) {
  if (kernel::dax_is_real_entry(record.entry)) page(kernel::dax_to_pfn(record.entry)).tracked--;
  record.entry = entry;
  if (kernel::dax_is_real_entry(entry)) page(kernel::dax_to_pfn(entry)).tracked++;
}

}  // namespace daxfuzz::oracle
