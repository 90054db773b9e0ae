// SPDX-License-Identifier: GPL-2.0-only
// Somebody changes what a lock protects and has not taken it. One row of invariant.def, a case for each
// change that is asked about (lock_checker.cc). See cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

using kernel::FilePage;
using trace::ProtocolId;

constexpr FilePage kPage{0, 0};
constexpr kernel::PteAt kPte{.mm = 0, .address = 0, .where = kPage};

void take(sched::RwSem& lock) { lock.down_write(); }
void drop(sched::RwSem& lock) { lock.up_write(); }
void take(sched::SpinLock& lock) { lock.lock(); }
void drop(sched::SpinLock& lock) { lock.unlock(); }
void take(kernel::BlockAllocator& blocks) { blocks.lock_agf(); }
void drop(kernel::BlockAllocator& blocks) { blocks.unlock_agf(); }

// On a task, for off a task nobody holds anything: a change, with its lock or without.
template <class Lock, class Change>
void change(Bench& b, bool broken, sched::Label name, Lock& lock, Change make) {
  kernel::testing::InOrder choices;
  const auto changes = [&] {
    kernel::Function function(name);
    if (!broken) take(lock);
    make(b.judge());
    if (!broken) drop(lock);
  };
  (void)b.on_tasks(choices, {changes});
}

// A VMA joins a file's list, or a process's.
void join_file(Bench& b, bool broken) {
  change(b, broken, "do_mmap", b.file(0).i_mapping.i_mmap_rwsem, [](Judge& judge) { judge.i_mmap_changed(0); });
}

void join_process(Bench& b, bool broken) {
  change(b, broken, "do_mmap", b.world.mms[0].mmap_lock, [](Judge& judge) { judge.vmas_changed(0); });
}

void store_entry(Bench& b, bool broken) {
  change(b, broken, "dax_insert_entry", b.file(0).i_mapping.i_pages.xa_lock, [](Judge& judge) {
    judge.entry_stored(kPage, 0, kernel::dax_make_entry(kernel::block_to_pfn(0), 0), 1);
  });
}

void map_block(Bench& b, bool broken) {
  change(b, broken, "xfs_bmapi_write", b.file(0).i_lock, [](Judge& judge) { judge.block_mapped(0, kPage); });
}

void unmap_block(Bench& b, bool broken) {
  b.judge().block_mapped(0, kPage);
  change(b, broken, "xfs_bunmapi", b.file(0).i_lock, [](Judge& judge) { judge.block_unmapped(0, kPage); });
}

void allocate_block(Bench& b, bool broken) {
  change(b, broken, "xfs_bmapi_write", b.world.blocks, [](Judge& judge) { judge.block_allocated(0); });
}

void free_block(Bench& b, bool broken) {
  b.judge().block_allocated(0);
  change(b, broken, "xfs_bunmapi", b.world.blocks, [](Judge& judge) { judge.block_freed(0); });
}

// The zero page, which no entry and no block need be there for.
void set_pte(Judge& judge) { judge.pte_set(kPte, kernel::kZeroPfn, false, 1); }

void set_pte_without_ptl(Bench& b, bool broken) {
  b.map(0, 0);
  kernel::mm_struct& mm = b.world.mms[0];
  change(b, broken, "insert_pfn", mm.page_table_lock, [&mm](Judge& judge) {
    mm.mmap_lock.down_read();
    set_pte(judge);
    mm.mmap_lock.up_read();
  });
}

void set_pte_without_mmap_lock(Bench& b, bool broken) {
  b.map(0, 0);
  kernel::mm_struct& mm = b.world.mms[0];
  change(b, broken, "insert_pfn", mm.mmap_lock, [&mm](Judge& judge) {
    mm.page_table_lock.lock();
    set_pte(judge);
    mm.page_table_lock.unlock();
  });
}

void clear_pte_without_ptl(Bench& b, bool broken) {
  b.map(0, 0);
  set_pte(b.judge());
  kernel::address_space& mapping = b.file(0).i_mapping;
  change(b, broken, "zap_pte_range", b.world.mms[0].page_table_lock, [&mapping](Judge& judge) {
    mapping.i_mmap_rwsem.down_read();
    judge.pte_cleared(kPte);
    mapping.i_mmap_rwsem.up_read();
  });
}

Case lacks(std::string_view function, void (*run)(Bench&, bool), std::string_view says) {
  return {"changed-without-lock", function, ProtocolId::upstream, {}, run, kernel::testing::kNoPmd, says};
}

const Case kCases[] = {
    {"changed-without-lock", "do_mmap", ProtocolId::upstream, {}, join_file},
    lacks("do_mmap", join_process, "the VMAs of a process without mmap_lock"),
    lacks("dax_insert_entry", store_entry, "an entry without xa_lock"),
    lacks("xfs_bmapi_write", map_block, "the data fork without ILOCK"),
    lacks("xfs_bunmapi", unmap_block, "the data fork without ILOCK"),
    lacks("xfs_bmapi_write", allocate_block, "the owners of a block without the AGF"),
    lacks("xfs_bunmapi", free_block, "the owners of a block without the AGF"),
    lacks("insert_pfn", set_pte_without_ptl, "a page table without its lock"),
    lacks("insert_pfn", set_pte_without_mmap_lock, "a page table with neither mmap_lock nor i_mmap_rwsem"),
    lacks("zap_pte_range", clear_pte_without_ptl, "a page table without its lock"),
};

}  // namespace

std::span<const Case> lock_cases() { return kCases; }

}  // namespace daxfuzz::oracle
