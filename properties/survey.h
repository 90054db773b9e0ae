// SPDX-License-Identifier: GPL-2.0-only
// Who maps, tracks, pins and owns what, read off a machine between two system calls: page
// tables, slots of i_pages, pin slots and forks, and none of the counts that the port
// keeps. Properties compare the two. Independent of the oracle, which is told and does
// not look. Read next: machine_properties_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::properties {

// An entry of a file: its first index, and how many it covers.
struct Tracked {
  std::uint8_t file = 0;
  std::uint64_t index = 0, pages = 0;
  kernel::entry_t entry = 0;
  unsigned marks = 0;
};

// A present PTE, or one page of a leaf PMD.
struct MappedPage {
  const kernel::vm_area_struct* vma = nullptr;  // null: no VMA has that address
  std::uint64_t address = 0, pfn = 0;
  bool write = false;
  bool leaf = false;        // of a PMD
  bool leaf_first = false;  // the first page of it: what counts once
};

struct Holders {
  int mapped = 0;           // PTEs and PMDs of the folio
  int gets = 0, pins = 0;   // FOLL_GET and FOLL_PIN
  int tracked = 0;          // entries
};

class Survey {
 public:
  explicit Survey(const kernel::World& world);

  std::vector<Tracked> entries;
  std::vector<MappedPage> ptes;
  std::map<std::uint64_t, Holders> folios;  // by the pfn of the head; only who has any

  [[nodiscard]] Holders of(std::uint64_t pfn) const {
    const auto found = folios.find(pfn);
    return found == folios.end() ? Holders{} : found->second;
  }
  // The entry that covers an index; null if none does.
  [[nodiscard]] const Tracked* at(std::uint8_t file, std::uint64_t index) const;

 private:
  void look_at_entries(const kernel::World& world);
  void look_at_page_tables(const kernel::World& world);
  void look_at_pins(const kernel::World& world);
};

}  // namespace daxfuzz::properties
