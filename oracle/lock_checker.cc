// SPDX-License-Identifier: GPL-2.0-only
// Who changes what a lock protects holds it: asked at the change itself, so that no other task needs to come between.
// Words that the kernel changes without a lock are not here: counts, mapping and index of a page, marks of a
// size, what READ_ONCE() and WRITE_ONCE() are for. Off a task nobody holds anything, and a lock that is free
// will do.
#include "model/dax.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

void check(Judge& judge, bool held, std::int64_t pfn, const char* what, const kernel::FilePage* where = nullptr) {
  if (!held) judge.report("changed-without-lock", pfn, where == nullptr ? what : name(*where) + ": " + what);
}

}  // namespace

// Documentation/mm/process_addrs.rst, "Page table locks": and the VMA must not go meanwhile, which one of
// two locks sees to.
void check_pte_locked(Judge& judge, kernel::PteAt at) {
  const kernel::mm_struct& mm = judge.machine().mms[at.mm];
  const kernel::address_space& mapping = judge.machine().inodes[at.where.file].i_mapping;
  check(judge, mm.page_table_lock.held(), -1, "a page table without its lock", &at.where);
  check(judge, mm.mmap_lock.held() || mapping.i_mmap_rwsem.held(), -1,
        "a page table with neither mmap_lock nor i_mmap_rwsem", &at.where);
}

void check_entry_locked(Judge& judge, kernel::FilePage where) {
  const kernel::address_space& mapping = judge.machine().inodes[where.file].i_mapping;
  check(judge, mapping.i_pages.xa_lock.held(), -1, "an entry without xa_lock", &where);
}

void check_fork_locked(Judge& judge, kernel::FilePage where) {
  check(judge, judge.machine().inodes[where.file].i_lock.held_write(), -1, "the data fork without ILOCK", &where);
}

void check_block_locked(Judge& judge, std::uint64_t block) {
  check(judge, judge.machine().blocks.agf_held(), static_cast<std::int64_t>(kernel::block_to_pfn(block)),
        "the owners of a block without the AGF");
}

void Judge::vmas_changed(std::uint8_t mm) {
  {
    const sched::HarnessScope scope;
    check(*this, world_->mms[mm].mmap_lock.held_write(), -1, "the VMAs of a process without mmap_lock");
  }
  settle();
}

void Judge::i_mmap_changed(std::uint8_t file) {
  {
    const sched::HarnessScope scope;
    check(*this, world_->inodes[file].i_mapping.i_mmap_rwsem.held_write(), -1,
          "the VMAs of a file without i_mmap_rwsem");
  }
  settle();
}

}  // namespace daxfuzz::oracle
