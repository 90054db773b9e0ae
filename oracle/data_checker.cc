// SPDX-License-Identifier: GPL-2.0-only
// What bytes end up where: the harm that wrong counts do. A
// store or DMA must land in a block that its file page owns alone; a read must
// return a value that the page had meanwhile; files keep what was written.
#include "oracle/judge.h"

#include <cstdio>

namespace daxfuzz::oracle {
namespace {

using kernel::loff_t;

std::string hex(std::uint8_t value) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%02x", value);
  return text;
}

// Whose is the block that `where` is about to change? Reports under `foreign` if it
// is anybody else's too, under `freed` if nobody's.
void check_owner(Judge& judge, kernel::FilePage where, std::uint64_t pfn, std::string_view foreign,
                 std::string_view freed) {
  if (!kernel::pfn_is_pmem(pfn)) return;
  const Ledger& ledger = judge.ledger();
  const std::uint64_t block = kernel::pfn_to_block(pfn);
  const auto page = static_cast<std::int64_t>(pfn);
  if (!ledger.blocks[block].allocated)
    judge.report(freed, page, "a write for " + name(where) + " reached a free block");
  const int own = ledger.forks[ledger.number(where)] == block ? 1 : 0;
  if (ledger.blocks[block].owners == own) return;
  for (std::size_t i = 0; i < ledger.forks.size(); i++)
    if (ledger.forks[i] == block && !(ledger.file_page(i) == where))
      judge.report(foreign, page, "a write for " + name(where) + " changed " + name(ledger.file_page(i)));
}

}  // namespace

bool in_progress(Judge& judge, kernel::FilePage where) {
  for (unsigned line = 0; line < kernel::kPageLines; line++)
    if (judge.history().in_progress({where.file, static_cast<std::uint32_t>(kernel::pos_of(where.page) + line)}))
      return true;
  return false;
}

bool settled_page(Judge& judge, std::uint8_t file, std::uint64_t block, std::uint64_t start,
                  std::uint64_t last) {
  const Ledger& ledger = judge.ledger();
  for (std::uint64_t page = start; page <= last; page++) {
    const kernel::FilePage where{file, static_cast<std::uint16_t>(page)};
    if (ledger.forks[ledger.number(where)] == block && !in_progress(judge, where)) return true;
  }
  return false;
}

void check_read(Judge& judge, kernel::FileByte where, std::uint64_t pfn, std::uint8_t value,
                std::uint64_t since) {
  if (judge.history().possible(where, value, since)) return;
  judge.report("stale-read", static_cast<std::int64_t>(pfn),
               name(where) + " read " + hex(value) + ", possible " +
                   judge.history().describe(where));
}

void check_copy_read(Judge& judge, kernel::FileByte where, std::uint64_t pfn, std::uint8_t value) {
  const std::uint8_t expected =
      judge.ledger().copies[pfn - kernel::kAnonPfn][where.pos % kernel::PAGE_SIZE];
  if (value == expected) return;
  judge.report("private-copy-changed", -1,
               name(where) + " of a private mapping read " + hex(value) + ", stored was " + hex(expected));
}

void check_copy_zapped(Judge& judge, const PteRecord& pte) {
  if (!kernel::pfn_is_anon(pte.pfn)) return;
  const sched::TaskId task = sched::Scheduler::current_task();
  if (judge.machine().function_of(task) != sched::Label("unmap_mapping_pages")) return;
  const loff_t size = judge.machine().inodes[pte.where.file].i_size.peek();
  if (kernel::pos_of(pte.where.page) >= size) return;  // cut off: SIGBUS is what is wanted
  judge.report("private-copy-zapped", -1,
               "the private copy of " + name(pte.where) + " is gone, the file has that page");
}

void check_copy_mapped(Judge& judge, const PteRecord& pte) {
  if (!kernel::pfn_is_anon(pte.pfn) || judge.ledger().filled[pte.pfn - kernel::kAnonPfn] != 0) return;
  judge.report("private-copy-unfilled", -1, "the private copy of " + name(pte.where) + " holds what it held before");
}

void check_store(Judge& judge, kernel::FilePage where, std::uint64_t pfn) {
  check_owner(judge, where, pfn, "store-into-foreign-block", "store-into-freed-block");
}

void check_dma(Judge& judge, const PinRecord& pin) {
  check_owner(judge, pin.where, pin.pfn, "dma-into-foreign-block", "dma-into-freed-block");
}

void check_fsync(Judge& judge, std::uint8_t file, const FsyncRecord& begun) {
  for (std::size_t block = 0; block < begun.stored_at.size(); block++) {
    const BlockRecord& now = judge.ledger().blocks[block];
    if (begun.stored_at[block] == 0 || now.flushed_at > begun.stored_at[block]) continue;
    if (!settled_page(judge, file, block, begun.start, begun.last)) continue;
    judge.report("fsync-skipped-page", static_cast<std::int64_t>(kernel::block_to_pfn(block)),
                 "fsync of file " + std::string(1, static_cast<char>('a' + file)) +
                     " returned, a page stored before it began is not flushed");
  }
}

void check_contents_quiescent(Judge& judge) {
  const kernel::World& machine = judge.machine();
  for (std::uint8_t file = 0; file < machine.geometry.files; file++) {
    for (std::uint64_t page = 0; page < machine.inodes[file].pages_max(); page++) {
      const kernel::xfs_bmbt_irec& at = machine.inodes[file].data_fork[page];
      const bool reads_zero = at.hole() || at.unwritten;
      const std::uint64_t pfn = reads_zero ? kernel::kZeroPfn : kernel::block_to_pfn(at.block);
      for (unsigned line = 0; line < kernel::kPageLines; line++) {
        const std::uint8_t value = machine.pmem.load(pfn, line);
        const kernel::FileByte where{file, static_cast<std::uint32_t>(kernel::pos_of(page) + line)};
        if (judge.history().possible(where, value)) continue;
        judge.report("file-content-lost", static_cast<std::int64_t>(pfn),
                     name(where) + " holds " + hex(value) + ", possible " +
                         judge.history().describe(where),
                     "quiescence");
      }
    }
  }
}

}  // namespace daxfuzz::oracle
