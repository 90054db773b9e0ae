// SPDX-License-Identifier: GPL-2.0-only
// See observe.h. Before 6.15 each page of a PMD has counts of its own, so that a PMD entry is
// told by its head and by those pages that are not as the head says; from then on it is one
// folio, whose counts are the head's.
#include "conformance/observe.h"

#include <bit>
#include <set>

#include "model/dax.h"

namespace daxfuzz::conformance {
namespace {

using kernel::World;

// Of a tail only the references are its own: see conformance/agent/observe.c, counts().
PageState state_of(const kernel::folio& page) {
  if (page.compound_head.peek() != 0)
    return {.ref = page._refcount.peek(), .map = -1, .mapping = 0, .share = 0};
  return {.ref = page._refcount.peek(),
          .map = page._mapcount.peek() - 1,
          .mapping = page.mapping.peek(),
          .share = page.index.peek()};
}

bool is_idle(const World& world, const PageState& page) {
  return page == PageState{.ref = world.protocol.base_count, .map = -1, .mapping = 0, .share = 0};
}

std::string kind_of(kernel::entry_t entry) {
  const bool pmd = kernel::dax_is_pmd_entry(entry);
  std::string kind = kernel::dax_is_zero_entry(entry)    ? (pmd ? "pmdzero" : "zero")
                     : kernel::dax_is_empty_entry(entry) ? (pmd ? "pmdempty" : "empty")
                                                         : (pmd ? "pmd" : "pte");
  if (kernel::dax_is_locked(entry)) kind += ",locked";
  return kind;
}

std::string marks_of(std::uint8_t marks) {
  std::string text;
  if ((marks & kernel::PAGECACHE_TAG_DIRTY) != 0) text += 'D';
  if ((marks & kernel::PAGECACHE_TAG_TOWRITE) != 0) text += 'T';
  return text.empty() ? "-" : text;
}

// What a page of a PMD looks like whose head looks like this, if nobody pins it.
PageState expected_sub(const World& world, const PageState& head, unsigned sub) {
  const bool index = head.mapping > 0x7;
  return {.ref = world.protocol.base_count,
          .map = -1,
          .mapping = head.mapping,
          .share = head.share + (index ? sub : 0)};
}

Entry entry_of(World& world, const kernel::xarray::Slot& slot) {
  Entry entry{.kind = kind_of(slot.entry),
              .order = slot.order,
              .marks = marks_of(slot.marks),
              .pfn = kernel::dax_to_pfn(slot.entry),
              .page = {.ref = 0, .map = -1, .mapping = 0, .share = 0},
              .pin = 0,
              .subs = {}};
  if (!kernel::dax_is_real_entry(slot.entry)) return entry;
  const kernel::folio* head = kernel::pfn_page(entry.pfn);
  entry.page = state_of(*head);
  if (world.protocol.pmd_folio) {
    if (slot.order != 0) entry.pin = head->_pincount.peek();
    return entry;
  }
  for (unsigned sub = 1; sub < 1u << slot.order; sub++) {
    const PageState page = state_of(*kernel::pfn_page(entry.pfn + sub));
    if (page != expected_sub(world, entry.page, sub)) entry.subs[sub] = page;
  }
  return entry;
}

// The zero pages are one: 0.
std::uint64_t number_of(std::uint64_t pfn) {
  return kernel::is_zero_pfn(pfn) || kernel::is_huge_zero_pfn(pfn) ? 0 : pfn;
}

void observe_ptes(const kernel::vm_area_struct& vma, Step& step) {
  kernel::mm_struct* mm = vma.vm_mm.peek();
  if (mm == nullptr) return;
  for (std::uint64_t at = vma.start(); at < vma.end();) {
    const kernel::pmd_t pmd = mm->pmd(at).peek();
    const bool leaf = kernel::pmd_leaf(pmd);
    const std::uint64_t entry = leaf ? pmd : kernel::pmd_none(pmd) ? 0 : mm->ptes[at].peek();
    const std::uint64_t pfn = kernel::pte_pfn(entry);
    if (entry != 0)
      step.ptes[{vma.slot, (at - vma.start()) * kPageBytes}] = {
          .pmd = leaf, .write = kernel::pte_write(entry), .pfn = number_of(pfn)};
    at = leaf ? kernel::pmd_addr_end(at, vma.end()) : at + 1;
  }
}

std::vector<Extent> extents_of(const World& world, const kernel::inode& file) {
  std::vector<Extent> extents;
  for (std::uint64_t page = 0; page < file.data_fork.size(); page++) {
    const kernel::xfs_bmbt_irec& record = file.data_fork[page];
    if (record.hole()) continue;
    std::string kind = record.unwritten ? "u" : "";
    if (world.blocks.owners(record.block) > 1) kind += "s";
    if (kind.empty()) kind = "-";
    const bool follows = !extents.empty() && extents.back().page + extents.back().count == page &&
                         extents.back().block + extents.back().count == record.block &&
                         extents.back().kind == kind;
    if (follows)
      extents.back().count++;
    else
      extents.push_back({.page = page, .count = 1, .block = record.block, .kind = std::move(kind)});
  }
  return extents;
}

}  // namespace

std::uint64_t mapping_of(World& world, unsigned file) {
  return kernel::mapping_word(&world.inodes[file].i_mapping);
}

void observe(World& world, Step& step) {
  std::set<std::uint64_t> behind;  // pfns
  for (unsigned f = 0; f < world.geometry.files; f++) {
    kernel::inode& file = world.inodes[f];
    const kernel::address_space& mapping = file.i_mapping;
    step.files[f] = {.size = file.i_size.peek() * kHalfBytes,
                     .nrpages = mapping.nrpages,
                     .mapping = mapping_of(world, f),
                     .vmas = static_cast<std::uint64_t>(std::popcount(mapping.i_mmap.peek()))};
    step.extents[f] = extents_of(world, file);
    for (std::uint64_t index = 0; index < mapping.i_pages.slots.size(); index++) {
      const kernel::xarray::Slot& slot = mapping.i_pages.slots[index];
      if (slot.entry == 0) continue;
      step.entries[{f, index}] = entry_of(world, slot);
      for (std::uint64_t i = 0; i < kernel::dax_entry_pages(slot.entry); i++)
        behind.insert(kernel::dax_to_pfn(slot.entry) + i);
    }
  }
  for (const kernel::folio& page : world.pages)
    if (const PageState state = state_of(page);
        !behind.contains(page.pfn) && !is_idle(world, state))
      step.pages[page.pfn] = state;
  for (unsigned slot = 0; slot < world.pins.size(); slot++)
    if (const kernel::folio* page = world.pins[slot].page(); page != nullptr)
      step.pins[slot] = number_of(page->pfn);
  for (const kernel::vm_area_struct& vma : world.vmas) observe_ptes(vma, step);
}

}  // namespace daxfuzz::conformance
