// SPDX-License-Identifier: GPL-2.0-only
// Page tables, reverse maps, blocks, marks and the medium after every system call, as
// machine_properties_test.cc.
#include <algorithm>

#include "model/xfs_log.h"
#include "properties/machine.h"

namespace daxfuzz::properties {
namespace {

using kernel::World;
using trace::OpCode;

// --- page tables -------------------------------------------------------------------------

PROPERTY(PageTables, MapOnlyWhatAVmaCovers, "no PTE or PMD is left where no VMA is",
         "mm/mmap.c: unmap_region(); mm/memory.c: zap_pte_range()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).ptes, [](const MappedPage& page) {
      return page.vma == nullptr ? "address " + number(page.address) + " maps and no VMA has it" : "";
    });
  });
}

PROPERTY(PageTables, AreWritableOnlyWhereDirty, "while a page table lets a page be written its entry is marked dirty",
         "fs/dax.c: dax_insert_entry(), dax_writeback_one(): marks go only after pfn_mkclean_range()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    const Survey survey(world);
    return first(survey.ptes, [&](const MappedPage& page) -> std::string {
      if (page.vma == nullptr || !page.write || kernel::pfn_is_anon(page.pfn)) return "";
      const Tracked* one = survey.at(page.vma->vm_file.peek()->i_ino, page.vma->pgoff_of(page.address));
      const bool dirty = one != nullptr && (one->marks & kernel::PAGECACHE_TAG_DIRTY) != 0;
      return dirty ? "" : "address " + number(page.address) + " is writable over a clean entry";
    });
  });
}

PROPERTY(PageTables, MapHolesWhereThereAreSome, "who has the zero page mapped sees a part of a file without data",
         "fs/dax.c: dax_insert_entry(), its unmapping of a zero page; dax_iomap_iter(), invalidation of a new block") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).ptes, [&](const MappedPage& page) -> std::string {
      const bool zero = kernel::is_zero_pfn(page.pfn) || kernel::is_huge_zero_pfn(page.pfn);
      if (!zero || page.vma == nullptr) return "";
      const bool data = has_data(world, page.vma->vm_file.peek()->i_ino, page.vma->pgoff_of(page.address));
      return data ? "address " + number(page.address) + " shows a hole, the file has data there" : "";
    });
  });
}

PROPERTY(PageTables, MapTheZeroPageReadOnly, "a hole's page is never writable",
         "fs/dax.c: dax_load_hole(), dax_pmd_load_hole()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).ptes, [](const MappedPage& page) {
      const bool zero = kernel::is_zero_pfn(page.pfn) || kernel::is_huge_zero_pfn(page.pfn);
      return zero && page.write ? "address " + number(page.address) + " lets the zero page be written" : "";
    });
  });
}

PROPERTY(PageTables, MapNothingBeyondTheEnd, "no page beyond the end of its file is mapped",
         "mm/truncate.c: truncate_pagecache(); fs/dax.c: dax_iomap_pte_fault(), the look at i_size") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).ptes, [&](const MappedPage& page) -> std::string {
      if (page.vma == nullptr || page.leaf || kernel::pfn_is_anon(page.pfn)) return "";
      const std::uint64_t index = page.vma->pgoff_of(page.address);
      const bool beyond = kernel::pos_of(index) >= page.vma->vm_file.peek()->i_size.peek();
      return beyond ? "address " + number(page.address) + " maps what is beyond the end" : "";
    });
  });
}

PROPERTY(Rmap, KnowsEveryMapping, "a file's list of VMAs has those that map it and no others",
         "mm/mmap.c: vma_link(), unlink_file_vma()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(world.vmas, [&](const kernel::vm_area_struct& vma) {
      return first(world.inodes, [&](const kernel::inode& file) -> std::string {
        const bool maps = vma.vm_mm.peek() != nullptr && vma.vm_file.peek() == &file;
        if (maps == file.i_mapping.has_vma(vma)) return "";
        return "the list of file " + number(file.i_ino) + " is wrong about slot " + number(vma.slot);
      });
    });
  });
}

// --- blocks ------------------------------------------------------------------------------

PROPERTY(Blocks, HaveAsManyOwnersAsForksNameThem, "a block's reference count is the number of forks that name it",
         "fs/xfs/xfs_reflink.c: xfs_reflink_end_cow(), xfs_reflink_cancel_cow_range()") {
  expect_always(trial, [](const World& world, const OpDone&) -> std::string {
    std::vector<int> named(world.geometry.blocks);
    for (const kernel::inode& file : world.inodes)
      for (const auto* fork : {&file.data_fork, &file.cow_fork})
        for (const kernel::xfs_bmbt_irec& at : *fork)
          if (!at.hole()) named[at.block]++;
    for (std::uint64_t block = 0; block < named.size(); block++)
      if (std::string why = differs("owners of block " + number(block), world.blocks.owners(block), named[block]);
          !why.empty())
        return why;
    return differs("free blocks", static_cast<std::int64_t>(world.blocks.free_count()),
                   std::ranges::count(named, 0));
  });
}

PROPERTY(Blocks, AreNotFreeWhileInUse, "no entry, page table or pin has a page whose block is free",
         "fs/dax.c: dax_layout_busy_page_range(), dax_delete_mapping_entry()") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).folios, [&](const auto& one) {
      const auto& [pfn, held] = one;
      return kernel::pfn_is_pmem(pfn) && world.blocks.is_free(kernel::pfn_to_block(pfn))
                 ? "pfn " + number(pfn) + " is in use, its block is free"
                 : "";
    });
  });
}

// --- marks -------------------------------------------------------------------------------

PROPERTY(Marks, StandOnBlocks,
         "an entry that is marked names a block", "fs/dax.c: dax_writeback_one(), WARN of a hole") {
  expect_always(trial, [](const World& world, const OpDone&) {
    return first(Survey(world).entries, [](const Tracked& one) {
      return one.marks != 0 && !real(one) ? name(one) + " is marked and names no block" : "";
    });
  });
}

// --- the medium ------------------------------------------------------------------------------

bool synced(const OpDone& done) { return done.op.code == OpCode::fsync && done.result == 0; }

PROPERTY(Medium, HasWhatWasSynced, "after fsync(2) a file's blocks are on the medium as the CPU sees them",
         "fs/dax.c: dax_writeback_one(), dax_flush(); fs/xfs/xfs_file.c: xfs_file_fsync()") {
  expect_always(trial, [](const World& world, const OpDone& done) -> std::string {
    if (!synced(done)) return "";
    kernel::Pmem after = world.pmem;
    after.power_fail();
    const kernel::inode& file = world.inodes[done.op.file];
    for (std::uint64_t pos = 0; pos < file.i_size.peek(); pos++) {
      const kernel::xfs_bmbt_irec& at = file.data_fork[kernel::page_of(pos)];
      const auto line = static_cast<unsigned>(pos % kernel::PAGE_SIZE);
      if (at.hole() || at.unwritten) continue;
      const std::uint64_t pfn = kernel::block_to_pfn(at.block);
      if (after.load(pfn, line) != world.pmem.load(pfn, line)) return "byte " + number(pos) + " is in a cache only";
    }
    return "";
  });
}

PROPERTY(Log, HasWhatWasSynced, "after fsync(2) a file's size and blocks are in the log on the medium",
         "fs/xfs/xfs_file.c: xfs_fsync_flush_log()") {
  expect_always(trial, [](const World& world, const OpDone& done) -> std::string {
    if (!synced(done)) return "";
    const kernel::inode& file = world.inodes[done.op.file];
    const kernel::xfs_dinode& disk = world.log.on_disk(done.op.file);
    if (disk.data_fork != file.data_fork) return "the blocks on the medium are others";
    return differs("the size on the medium", static_cast<std::int64_t>(disk.di_size),
                   static_cast<std::int64_t>(file.i_size.peek()));
  });
}

}  // namespace
}  // namespace daxfuzz::properties
