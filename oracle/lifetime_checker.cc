// SPDX-License-Identifier: GPL-2.0-only
// Block lifetime, the real safety property: a block that goes back
// to the allocator is pinned by nobody, mapped by nobody, tracked by nobody,
// because nobody tells the file system later. So is one that is handed to another
// file as it is (fuse_dax.cc). And the other way round: what is granted or mapped is not free.
#include <algorithm>
#include <span>

#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

bool block_is_free(const Ledger& ledger, std::uint64_t pfn) {
  return kernel::pfn_is_pmem(pfn) && !ledger.blocks[kernel::pfn_to_block(pfn)].allocated;
}

}  // namespace

void check_block_freed(Judge& judge, std::uint64_t block) {
  const Ledger& ledger = judge.ledger();
  const std::uint64_t pfn = kernel::block_to_pfn(block);
  const auto page = static_cast<std::int64_t>(pfn);
  for (const PinRecord& pin : ledger.pins)
    if (pin.held && pin.pfn == pfn)
      judge.report("freed-block-pinned", page,
                   "block freed while pinned through " + name(pin.where));
  ledger.each_pte([&](const PteRecord& pte) {
    if (Ledger::maps(pte, pfn))
      judge.report("freed-block-mapped", page,
                   "block freed while mapped from " + name(pte.where));
  });
  if (ledger.entries_of(pfn) != 0)
    judge.report("freed-block-tracked", page,
                 "block freed while " + std::to_string(ledger.entries_of(pfn)) + " entries track it");
}

void check_pinned(Judge& judge, const PinRecord& pin) {
  if (block_is_free(judge.ledger(), pin.pfn))
    judge.report("pinned-free-block", static_cast<std::int64_t>(pin.pfn),
                 "GUP through " + name(pin.where) + " granted a page of a free block");
}

void check_blocks_quiescent(Judge& judge) {
  const kernel::World& machine = judge.machine();
  sched::RunVector<int>& named = judge.named();
  for (const kernel::inode& file : std::span(machine.inodes).first(machine.geometry.files))
    for (const auto* fork : {&file.data_fork, &file.cow_fork})
      for (const kernel::xfs_bmbt_irec& at : *fork)
        if (!at.hole()) named[at.block]++;
  for (std::uint64_t block = 0; block < machine.geometry.blocks; block++)
    if (machine.blocks.owners(block) != named[block])
      judge.report("block-count-mismatch", static_cast<std::int64_t>(kernel::block_to_pfn(block)),
                   "count " + std::to_string(machine.blocks.owners(block)) + ", named by " +
                       std::to_string(named[block]) + " forks",
                   "quiescence");
  const auto unnamed = static_cast<std::uint64_t>(std::ranges::count(named, 0));
  if (machine.blocks.free_count() != unnamed)
    judge.report("block-leaked", -1,
                 std::to_string(unnamed) + " blocks are in no fork, " +
                     std::to_string(machine.blocks.free_count()) + " can be had",
                 "quiescence");
}

void check_inode_gone(Judge& judge, std::uint8_t file, bool unlinked) {
  const kernel::inode& gone = judge.machine().inodes[file];
  const auto check = [&judge, file](const sched::RunVector<kernel::xfs_bmbt_irec>& fork, const char* name) {
    for (const kernel::xfs_bmbt_irec& at : fork)
      if (!at.hole())
        judge.report("block-leaked", static_cast<std::int64_t>(kernel::block_to_pfn(at.block)),
                     std::string("the ") + name + " fork of file " +
                         static_cast<char>('a' + file) + " has a block still");
  };
  check(gone.cow_fork, "CoW");
  if (unlinked) check(gone.data_fork, "data");
}

void check_mapped(Judge& judge, const PteRecord& pte) {
  if (!kernel::pfn_is_pmem(pte.pfn)) return;
  for (std::uint64_t pfn = pte.pfn; pfn < pte.pfn + pte.pages; pfn++) {
    if (block_is_free(judge.ledger(), pfn))
      judge.report("mapped-free-block", static_cast<std::int64_t>(pfn),
                   name(pte.where) + " maps a page of a free block");
    const std::uint32_t handled = judge.ledger().failed[kernel::pfn_to_block(pfn)];
    if (handled != 0 && handled == judge.machine().pmem.failure(pfn))
      judge.report("poison-mapped-anew", static_cast<std::int64_t>(pfn),
                   name(pte.where) + " maps a page that memory_failure() has handled");
  }
}

namespace {

// Bad memory of the page `where`, if it is data of the file and no failure is later than `failures`.
void check_good(Judge& judge, kernel::FilePage where, std::uint32_t failures, std::string_view function) {
  const kernel::World& machine = judge.machine();
  const kernel::xfs_bmbt_irec& at = machine.inodes[where.file].data_fork[where.page];
  if (at.hole() || at.unwritten) return;
  const std::uint32_t failure = machine.pmem.failure(kernel::block_to_pfn(at.block));
  if (failure == 0 || failure > failures) return;
  judge.report("poison-outlives-write", static_cast<std::int64_t>(kernel::block_to_pfn(at.block)),
               name(where) + " is bad still by failure " + std::to_string(failure), function);
}

}  // namespace

// All of a page was written, and who wrote it was told that it is. Truncation, too, has writes that
// end, of pages that it frees.
void check_write_ended(Judge& judge, kernel::FileByte where, const Ledger::WriteRecord& write) {
  if (write.failures == 0 || where.pos % kernel::PAGE_SIZE != kernel::PAGE_SIZE - 1) return;
  if (write.ended.file != where.file || write.ended.pos + 1 != where.pos) return;
  const sched::Label function = judge.machine().function_of(sched::Scheduler::current_task());
  if (function != sched::Label("xfs_file_dax_write") && function != sched::Label("dax_zero_range")) return;
  check_good(judge, {where.file, static_cast<std::uint16_t>(kernel::page_of(where.pos))}, write.failures, {});
}

// What became a block of a file since its memory failed was zeroed or written all over.
void check_memory_quiescent(Judge& judge) {
  const kernel::World& machine = judge.machine();
  if (machine.pmem.failures() == 0) return;
  for (std::uint8_t file = 0; file < machine.geometry.files; file++)
    for (std::uint64_t page = 0; page < machine.inodes[file].pages_max(); page++) {
      const kernel::xfs_bmbt_irec& at = machine.inodes[file].data_fork[page];
      if (at.hole()) continue;
      const std::uint32_t failures = judge.ledger().blocks[at.block].failures;
      check_good(judge, {file, static_cast<std::uint16_t>(page)}, failures, "quiescence");
    }
}

void check_memory_failure(Judge& judge, const FailureRecord& failure) {
  const auto pfn = static_cast<std::int64_t>(failure.pfn);
  // Who writes all of the page may have made it good meanwhile.
  const bool bad =
      failure.number != 0 && judge.machine().pmem.failure(failure.pfn) == failure.number;
  judge.ledger().each_pte([&](const PteRecord& pte) {
    if (bad && Ledger::maps(pte, failure.pfn))
      judge.report("poison-still-mapped", pfn,
                   "memory_failure() returned 0, " + name(pte.where) + " still maps the page");
  });
  for (unsigned mm = 0; mm < trace::kMmsMax; mm++)
    if ((failure.unmapped & ~failure.told) >> mm & 1u)
      judge.report("poison-not-told", pfn,
                   "address space " + std::to_string(mm) + " lost the page and was not told");
}

}  // namespace daxfuzz::oracle
