// SPDX-License-Identifier: GPL-2.0-only
// Entries, pages and counts after every system call: the invariants of the protocols (fs/dax.c and the
// mails of the conversion) as they read, each by itself, against what page tables, entries and
// pins say (survey.h). Read next: tables_properties_test.cc.
#include "properties/machine.h"

namespace daxfuzz::properties {
namespace {

using kernel::World;

// --- entries ------------------------------------------------------------------------

PROPERTY(Entries, AreCountedByNrpages, "nrpages is the sum of the indices that entries cover",
         "fs/dax.c: grab_mapping_entry(); fs/inode.c: clear_inode(), BUG_ON(nrpages)") {
  expect_always(trial, [](const World& world, const OpDone&) {
    const Survey survey(world);
    return first(world.inodes, [&](const kernel::inode& file) {
      std::int64_t covered = 0;
      for (const Tracked& one : survey.entries)
        if (one.file == file.i_ino) covered += static_cast<std::int64_t>(one.pages);
      return differs("nrpages", static_cast<std::int64_t>(file.i_mapping.nrpages), covered);
    });
  });
}

PROPERTY(Entries, AreUnlockedBetweenCalls, "a system call has unlocked what it locked when it returns",
         "fs/dax.c: dax_iomap_pte_fault(), unlock_entry; dax_writeback_one()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).entries, [](const Tracked& one) {
      return kernel::dax_is_locked(one.entry) ? name(one) + " is locked" : "";
    });
  });
}

PROPERTY(Entries, NameTheBlockOfTheirFile, "an entry names the block that the file has at its index",
         "fs/dax.c: dax_iomap_iter(), invalidation of a CoW write") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).entries, [&](const Tracked& one) -> std::string {
      if (!real(one)) return "";
      for (std::uint64_t i = 0; i < one.pages; i++) {
        const kernel::xfs_bmbt_irec& has = world.inodes[one.file].data_fork[one.index + i];
        if (has.hole() || kernel::block_to_pfn(has.block) != kernel::dax_to_pfn(one.entry) + i)
          return name(one) + " names another block than the file";
      }
      return "";
    });
  });
}

// Without unsharing, which gives holes blocks (imap_needs_alloc(), fs/xfs/xfs_iomap.c) and leaves their entries: the
// file is unmapped by then, and who maps it next replaces the entry. With it: PageTables.MapHolesWhereThereAreSome.
PROPERTY(Entries, OfHolesCoverHoles, "the zero page stands where the file has no data",
         "fs/dax.c: dax_load_hole(), __dax_invalidate_entry() after an allocation") {
  const auto check = [](const World& world, const OpDone&) {
    return first(Survey(world).entries, [&](const Tracked& one) -> std::string {
      if (!kernel::dax_is_zero_entry(one.entry)) return "";
      for (std::uint64_t i = 0; i < one.pages; i++)
        if (has_data(world, one.file, one.index + i)) return name(one) + " is a hole's, the file has data there";
      return "";
    });
  };
  expect_always(trial, check, kSystemCalls & ~kinds({trace::OpCode::unshare}));
}

PROPERTY(Entries, AreAsLargeAsTheySay,
         "an entry covers what its PMD flag says, at a multiple of it, and so does its pfn",
         "fs/dax.c: dax_entry_order(), dax_iomap_pmd_fault()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).entries, [&](const Tracked& one) -> std::string {
      const unsigned order = kernel::dax_is_pmd_entry(one.entry) ? world.geometry.pmd_order : 0;
      const std::uint64_t mask = (std::uint64_t{1} << order) - 1;
      if (one.pages != mask + 1) return name(one) + " covers " + number(one.pages);
      if ((one.index & mask) != 0) return name(one) + " is not aligned";
      const bool aligned = !real(one) || (kernel::dax_to_pfn(one.entry) & mask) == 0;
      return aligned ? "" : name(one) + " has a pfn that is not aligned";
    });
  });
}

// --- pages ---------------------------------------------------------------------------

PROPERTY(Pages, OfEntriesKnowTheirFile, "a page that an entry tracks is associated with its file and index, or shared",
         "fs/dax.c: dax_associate_entry(), dax_lock_folio()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).entries, [&](const Tracked& one) -> std::string {
      if (!real(one)) return "";
      const std::uint64_t word = kernel::mapping_word(&world.inodes[one.file].i_mapping);
      for (std::uint64_t i = 0; i < (world.protocol.pmd_folio ? 1 : one.pages); i++) {
        const kernel::folio* page = kernel::page_folio_peek(kernel::pfn_page(kernel::dax_to_pfn(one.entry) + i));
        const bool mine = page->mapping.peek() == word && page->index.peek() == one.index + i;
        if (!mine && !kernel::dax_folio_is_shared(page->mapping.peek(), page->share().peek()))
          return name(one) + " has a page that does not know it";
      }
      return "";
    });
  });
}

PROPERTY(Pages, CountTheirOwners, "the share count of a shared page is the number of entries that track it",
         "fs/dax.c: dax_folio_make_shared(), dax_folio_put(); dax_page_share_put()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    const Survey survey(world);
    return first(survey.folios, [&](const auto& one) -> std::string {
      const auto& [pfn, held] = one;
      if (!kernel::pfn_is_pmem(pfn) || held.tracked == 0) return "";
      const kernel::folio& page = *kernel::pfn_page(pfn);
      const bool shared = kernel::dax_folio_is_shared(page.mapping.peek(), page.share().peek());
      return differs("owners of pfn " + number(pfn), shared ? static_cast<std::int64_t>(page.share().peek()) : 1,
                     held.tracked);
    });
  });
}

PROPERTY(Pages, OfAPmdEntryAreOneFolio, "a folio is as large as the entries that track it, and no other is large",
         "fs/dax.c: dax_folio_init(), dax_folio_reset_order()") {
  expect_always(trial, [](const World& world, const OpDone&) -> std::string {
    if (!world.protocol.pmd_folio) return "";
    const Survey survey(world);
    for (const Tracked& one : survey.entries) {
      if (!real(one)) continue;
      const kernel::folio* page = kernel::pfn_page(kernel::dax_to_pfn(one.entry));
      const unsigned order = kernel::dax_is_pmd_entry(one.entry) ? world.geometry.pmd_order : 0;
      if (page->compound_head.peek() != 0 || kernel::folio_order_peek(page) != order)
        return name(one) + " and its folio are not of one size";
    }
    return first(world.pages, [&](const kernel::folio& page) -> std::string {
      const std::uint64_t head = kernel::page_folio_peek(const_cast<kernel::folio*>(&page))->pfn;
      const bool part = page.head.peek() || page.compound_head.peek() != 0;
      return part && survey.of(head).tracked == 0 ? "pfn " + number(page.pfn) + " is part of a folio of nobody" : "";
    });
  });
}

PROPERTY(Pages, NeverLookAnonymous, "no page of DAX has PAGE_MAPPING_ANON set where rmap looks at it",
         "include/linux/page-flags.h: folio_test_anon(); review of 2024-10-24") {
  expect_always(trial, [](const World& world, const OpDone&) -> std::string {
    if (!world.protocol.mapping_holds_ref) return "";
    return first(world.pages, [](const kernel::folio& page) {
      const bool anon = (page.mapping.peek() & kernel::PAGE_MAPPING_ANON) != 0;
      return anon ? "pfn " + number(page.pfn) + " looks anonymous" : "";
    });
  });
}

// --- counts --------------------------------------------------------------------------

PROPERTY(Counts, AreBasePlusHolders, "a page's count is its base plus what mappings, FOLL_GET and FOLL_PIN hold",
         "mm/memremap.c: free_zone_device_folio(); mm/gup.c: try_grab_folio()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    const Survey survey(world);
    return first(world.pages, [&](const kernel::folio& page) -> std::string {
      const Holders held = survey.of(page.pfn);
      int expected = world.protocol.base_count + held.gets;
      if (world.protocol.mapping_holds_ref) expected += held.mapped;
      expected += held.pins * (page.head.peek() ? 1 : world.geometry.bias);
      return differs("count of pfn " + number(page.pfn), page._refcount.peek(), expected);
    });
  });
}

PROPERTY(Counts, OfMappingsAreThoseOfPageTables, "mapcount is the number of PTEs and PMDs, where those hold references",
         "mm/rmap.c: folio_add_file_rmap_ptes(), folio_remove_rmap_ptes()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    const Survey survey(world);
    return first(world.pages, [&](const kernel::folio& page) {
      const int expected = world.protocol.mapping_holds_ref ? survey.of(page.pfn).mapped : 0;
      return differs("mapcount of pfn " + number(page.pfn), page._mapcount.peek(), expected);
    });
  });
}

PROPERTY(Counts, OfPinsAreOfLargeFolios, "pincount is the number of FOLL_PINs of a large folio, and of none else",
         "mm/gup.c: try_grab_folio(), gup_put_folio()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    const Survey survey(world);
    return first(world.pages, [&](const kernel::folio& page) {
      return differs("pincount of pfn " + number(page.pfn), page._pincount.peek(),
                     page.head.peek() ? survey.of(page.pfn).pins : 0);
    });
  });
}

}  // namespace
}  // namespace daxfuzz::properties
