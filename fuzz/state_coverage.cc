// SPDX-License-Identifier: GPL-2.0-only
// See state_coverage.h.
#include "fuzz/state_coverage.h"

#include <algorithm>
#include <span>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::fuzz {
namespace {

using kernel::entry_t;

constexpr std::size_t kKinds = 5, kLocks = 2, kShares = 3, kRefs = 4, kPins = 3, kWaits = 4;
[[gnu::section("__libfuzzer_extra_counters")]] std::uint8_t
    counters[kKinds * kLocks * kShares * kRefs * kPins * kWaits];

std::size_t kind_of(entry_t entry) {
  if (entry == 0) return 0;
  if (kernel::dax_is_empty_entry(entry)) return 1;
  if (kernel::dax_is_zero_entry(entry)) return 2;
  return kernel::dax_is_pmd_entry(entry) ? 4 : 3;
}

bool waited_for(std::span<const sched::WaitQueueHead> heads) {
  return std::ranges::any_of(heads, [](const sched::WaitQueueHead& head) { return head.queued_tasks() != 0; });
}

// page: null if the entry has none.
void count(const kernel::World& world, entry_t entry, kernel::folio* page) {
  std::size_t share = 0, refs = 0, pins = 0;
  if (page != nullptr) {
    kernel::folio* head = kernel::page_folio_peek(page);
    const std::uint64_t mapping = head->mapping.peek();
    if (kernel::dax_folio_is_shared(mapping, head->share().peek()))
      share = std::clamp<std::uint64_t>(head->share().peek(), 1, kShares - 1);
    refs = static_cast<std::size_t>(std::clamp(head->_refcount.peek(), 0, static_cast<int>(kRefs) - 1));
    for (const kernel::gup_pin& pin : world.pins)
      if (kernel::folio* of = pin.page(); of != nullptr && kernel::page_folio_peek(of) == head) pins++;
    pins = std::min(pins, kPins - 1);
  }
  const std::size_t waits =
      (waited_for(world.dax_waits.heads) ? 1u : 0u) + (waited_for(world.var_waits.heads) ? 2u : 0u);
  std::size_t at = kind_of(entry);
  at = at * kLocks + (entry != 0 && kernel::dax_is_locked(entry) ? 1 : 0);
  at = at * kShares + share;
  at = at * kRefs + refs;
  at = at * kPins + pins;
  counters[at * kWaits + waits] = 1;
}

bool within(const void* object, const void* begin, std::size_t size) {
  const auto at = reinterpret_cast<std::uintptr_t>(object), from = reinterpret_cast<std::uintptr_t>(begin);
  return at >= from && at < from + size;
}

bool names(entry_t entry, std::uint64_t pfn, std::uint64_t pages) {
  return kernel::dax_is_real_entry(entry) && pfn >= kernel::dax_to_pfn(entry) &&
         pfn < kernel::dax_to_pfn(entry) + pages;
}

}  // namespace

void StateCoverage::accessed(sched::TaskId task, const sched::Access& access, sched::Label) {
  const kernel::World& world = kernel::world();
  const bool same = last_ == task;
  last_ = task;
  if (handed_over_ && same) return;
  const sched::HarnessScope scope;
  const auto files = std::span(world.inodes).first(world.geometry.files);
  if (within(access.object, world.pages.data(), world.pages.size() * sizeof(kernel::folio))) {
    const std::uint64_t index =
        (reinterpret_cast<std::uintptr_t>(access.object) - reinterpret_cast<std::uintptr_t>(world.pages.data())) /
        sizeof(kernel::folio);
    kernel::folio* page = kernel::pfn_page(world.pages[index].pfn);
    entry_t entry = 0;
    for (const kernel::inode& file : files)
      for (const kernel::xarray::Slot& slot : file.i_mapping.i_pages.slots)
        if (names(slot.entry, page->pfn, std::uint64_t{1} << slot.order)) entry = slot.entry;
    return count(world, entry, page);
  }
  for (const kernel::inode& file : files) {
    const kernel::xarray& pages = file.i_mapping.i_pages;
    if (!within(access.object, &pages.xa_lock, sizeof pages.xa_lock)) continue;
    for (const kernel::xarray::Slot& slot : pages.slots)
      if (slot.entry != 0)
        count(world, slot.entry, kernel::dax_is_real_entry(slot.entry)
                                     ? kernel::pfn_page(kernel::dax_to_pfn(slot.entry))
                                     : nullptr);
  }
}

}  // namespace daxfuzz::fuzz
