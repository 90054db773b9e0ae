// SPDX-License-Identifier: GPL-2.0-only
// Keeping the sums of the ledger as its records change. See ledger.h.
#include "oracle/ledger.h"

#include "model/dax.h"

namespace daxfuzz::oracle {

PageRecord& PageRecord::operator+=(const PageRecord& other) {
  mapped += other.mapped;
  mapped_huge += other.mapped_huge;
  gets += other.gets;
  pins += other.pins;
  large_pins += other.large_pins;
  tracked += other.tracked;
  tracked_huge += other.tracked_huge;
  holding += other.holding;
  holding_huge += other.holding_huge;
  return *this;
}

void Ledger::attach(const trace::Geometry& geometry) {
  file_pages_ = trace::file_pages(geometry);
  pmd_pages_ = kernel::pmd_pages(geometry);
  addresses_ = trace::kMapsMax * kernel::slot_pages(geometry);
  ptes.resize(geometry.mms * addresses_);
  entries.resize(geometry.files * file_pages_);
  forks.assign(entries.size(), kNoBlock);
  blocks.resize(geometry.blocks);
  failed.assign(geometry.blocks, 0);
  pages.resize(geometry.blocks + 2u + kernel::kAnonPages);
  copies.resize(kernel::kAnonPages);
}

PageRecord Ledger::folio(std::uint64_t pfn, unsigned order) const {
  if (order == 0 || !kernel::pfn_is_pmem(pfn)) return page(pfn);  // one record for all of a zero folio
  PageRecord sums;
  for (std::uint64_t i = 0; i < std::uint64_t{1} << order; i++) sums += page(pfn + i);
  return sums;
}

int Ledger::mappings_of(std::uint64_t pfn) const {
  const PageRecord& own = page(pfn);
  if (!kernel::pfn_is_pmem(pfn)) return own.mapped;
  const std::uint64_t head = pfn & ~(pmd_pages_ - 1);
  return own.mapped - own.mapped_huge + page(head).mapped_huge;
}

int Ledger::entries_of(std::uint64_t pfn) const {
  const PageRecord& own = page(pfn);
  const std::uint64_t head = pfn & ~(pmd_pages_ - 1);
  return own.tracked - own.tracked_huge + page(head).tracked_huge;
}

int Ledger::holding_entries_of(std::uint64_t pfn) const {
  const PageRecord& own = page(pfn);
  const std::uint64_t head = pfn & ~(pmd_pages_ - 1);
  return own.holding - own.holding_huge + page(head).holding_huge;
}

const EntryRecord* Ledger::entry_at(kernel::FilePage where, std::size_t* first) const {
  const std::size_t own = number(where);
  const std::size_t start = own - where.page % pmd_pages_;
  for (const std::size_t at : {own, start}) {
    if (entries[at].entry == 0 || at + entries[at].pages <= own) continue;
    if (first != nullptr) *first = at;
    return &entries[at];
  }
  return nullptr;
}

void Ledger::set_pte(PteRecord& record, const PteRecord& to) {
  const auto add = [this](const PteRecord& pte, int delta) {
    if (!pte.present) return;
    present_ += static_cast<std::size_t>(delta);
    page(pte.pfn).mapped += delta;
    if (pte.pages > 1) page(pte.pfn).mapped_huge += delta;
  };
  add(record, -1);
  record = to;
  add(record, +1);
}

void Ledger::set_pin(PinRecord& record, const PinRecord& to) {
  const auto add = [this](const PinRecord& pin, int delta) {
    if (!pin.held) return;
    PageRecord& of = page(pin.pfn);
    (!pin.foll_pin ? of.gets : pin.large ? of.large_pins : of.pins) += delta;
  };
  add(record, -1);
  record = to;
  add(record, +1);
}

void Ledger::set_entry(EntryRecord& record, std::uint64_t entry, std::uint64_t covered) {
  const auto add = [this](std::uint64_t value, int delta) {
    if (!kernel::dax_is_real_entry(value) || !kernel::pfn_is_pmem(kernel::dax_to_pfn(value)))
      return;  // of an empty slot that was locked, pfn 0
    PageRecord& of = page(kernel::dax_to_pfn(value));
    of.tracked += delta;
    const bool huge = kernel::dax_is_pmd_entry(value), holds = !kernel::dax_is_zapped(value);
    if (huge) of.tracked_huge += delta;
    if (holds) of.holding += delta;
    if (holds && huge) of.holding_huge += delta;
  };
  const auto locks = [](std::uint64_t value) { return value != 0 && kernel::dax_is_locked(value) ? 1u : 0u; };
  add(record.entry, -1);
  locked_ += locks(entry);
  locked_ -= locks(record.entry);
  record.entry = entry;
  record.pages = covered;
  add(entry, +1);
}

void Ledger::set_fork(kernel::FilePage where, std::uint64_t block) {
  std::uint64_t& now_there = forks[number(where)];
  if (now_there != kNoBlock) blocks[now_there].owners--;
  now_there = block;
  if (block != kNoBlock) blocks[block].owners++;
}

void Ledger::begin_life(std::uint64_t block, std::uint32_t failures) {
  CHECK(block < blocks.size());
  blocks[block] = {.allocated = true, .owners = 0, .failures = failures};
  for (FsyncRecord& fsync : fsyncs)
    if (block < fsync.stored_at.size()) fsync.stored_at[block] = 0;
}

}  // namespace daxfuzz::oracle
