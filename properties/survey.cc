// SPDX-License-Identifier: GPL-2.0-only
// Walks the tables of survey.h.
#include "properties/survey.h"

namespace daxfuzz::properties {
namespace {

using kernel::World;

const kernel::vm_area_struct* vma_at(const World& world, const kernel::mm_struct& mm, std::uint64_t address) {
  for (const kernel::vm_area_struct& vma : world.vmas)
    if (vma.vm_mm.peek() == &mm && address >= vma.start() && address < vma.end()) return &vma;
  return nullptr;
}

std::uint64_t head_of(std::uint64_t pfn) { return kernel::page_folio_peek(kernel::pfn_page(pfn))->pfn; }

}  // namespace

Survey::Survey(const World& world) {
  look_at_entries(world);
  look_at_page_tables(world);
  look_at_pins(world);
}

const Tracked* Survey::at(std::uint8_t file, std::uint64_t index) const {
  for (const Tracked& one : entries)
    if (one.file == file && index >= one.index && index < one.index + one.pages) return &one;
  return nullptr;
}

void Survey::look_at_entries(const World& world) {
  for (const kernel::inode& file : world.inodes) {
    const auto& slots = file.i_mapping.i_pages.slots;
    for (std::uint64_t index = 0; index < slots.size(); index++) {
      const kernel::xarray::Slot& slot = slots[index];
      if (slot.entry == 0) continue;
      entries.push_back({.file = file.i_ino,
                         .index = index,
                         .pages = std::uint64_t{1} << slot.order,
                         .entry = slot.entry,
                         .marks = slot.marks});
      if (!kernel::dax_is_real_entry(slot.entry)) continue;
      const std::uint64_t pfn = kernel::dax_to_pfn(slot.entry);
      if (world.protocol.pmd_folio) {
        folios[head_of(pfn)].tracked++;
      } else {
        for (std::uint64_t i = 0; i < std::uint64_t{1} << slot.order; i++) folios[pfn + i].tracked++;
      }
    }
  }
}

void Survey::look_at_page_tables(const World& world) {
  for (std::size_t m = 0; m < world.geometry.mms; m++) {
    const kernel::mm_struct& mm = world.mms[m];
    for (std::uint64_t address = 0; address < mm.ptes.size(); address++) {
      const kernel::pmd_t pmd = mm.pmds[address >> mm.pmd_order].peek();
      const std::uint64_t within = address & ((std::uint64_t{1} << mm.pmd_order) - 1);
      MappedPage page{.vma = vma_at(world, mm, address), .address = address};
      if (kernel::pmd_leaf(pmd)) {
        const std::uint64_t first = kernel::pte_pfn(pmd);
        page.pfn = kernel::is_huge_zero_pfn(first) ? first : first + within;
        page.write = kernel::pte_write(pmd);
        page.leaf = true;
        page.leaf_first = within == 0;
      } else {
        const kernel::pte_t pte = mm.ptes[address].peek();
        if (kernel::pte_none(pte)) continue;
        page.pfn = kernel::pte_pfn(pte);
        page.write = kernel::pte_write(pte);
      }
      ptes.push_back(page);
      if (page.leaf && !page.leaf_first) continue;
      if (page.leaf && !world.protocol.pmd_folio && kernel::pfn_is_pmem(page.pfn)) {
        for (std::uint64_t i = 0; i < kernel::pmd_pages(world.geometry); i++) folios[page.pfn + i].mapped++;
      } else {
        folios[head_of(page.pfn)].mapped++;
      }
    }
  }
}

void Survey::look_at_pins(const World& world) {
  for (const kernel::gup_pin& pin : world.pins) {
    const kernel::gup_pin::Grant grant = pin.grant();
    if (grant.page == nullptr) continue;
    Holders& held = folios[kernel::page_folio_peek(grant.page)->pfn];
    (grant.foll_pin ? held.pins : held.gets)++;
  }
}

}  // namespace daxfuzz::properties
