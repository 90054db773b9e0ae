// SPDX-License-Identifier: GPL-2.0-only
// What bytes end up where: the harm that wrong counts do. A
// store or DMA must land in a block that its file page owns alone; a read must
// return a value that the page had meanwhile; files keep what was written.
#include "oracle/judge.h"

#include <cstdio>

namespace daxfuzz::oracle {
namespace {

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
  const std::uint64_t block = kernel::pfn_to_block(pfn);
  const BlockRecord& record = judge.ledger().blocks[block];
  const auto page = static_cast<std::int64_t>(pfn);
  if (!record.allocated)
    judge.report(freed, page, "a write for " + name(where) + " reached a free block");
  for (std::size_t i = 0; i < kFilePageCount; i++) {
    const kernel::FilePage owner = file_page(i);
    if ((record.owners & bit(owner)) != 0 && !(owner == where))
      judge.report(foreign, page, "a write for " + name(where) + " changed " + name(owner));
  }
}

// The file's pages that a block still is, bar those that are being written or cut off.
FilePages settled_pages(Judge& judge, std::uint8_t file, std::size_t block) {
  FilePages pages = judge.ledger().blocks[block].owners & pages_of(file);
  for (std::uint8_t page = 0; page < trace::kFilePagesMax; page++)
    if (judge.history().in_progress({file, page})) pages &= ~bit({file, page});
  return pages;
}

}  // namespace

void check_read(Judge& judge, kernel::FilePage where, std::uint64_t pfn, std::uint8_t value,
                std::uint64_t since) {
  if (judge.history().possible(where, value, since)) return;
  judge.report("stale-read", static_cast<std::int64_t>(pfn),
               name(where) + " read " + hex(value) + ", possible " +
                   judge.history().describe(where));
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
    if (settled_pages(judge, file, block) == 0) continue;
    judge.report("fsync-skipped-page", static_cast<std::int64_t>(kernel::block_to_pfn(block)),
                 "fsync of file " + std::string(1, static_cast<char>('a' + file)) +
                     " returned, a page stored before it began is not flushed");
  }
}

void check_contents_quiescent(Judge& judge) {
  const kernel::World& machine = judge.machine();
  for (std::uint8_t file = 0; file < machine.geometry.files; file++) {
    for (std::uint8_t page = 0; page < trace::kFilePagesMax; page++) {
      const std::uint64_t block = machine.inodes[file].data_fork[page];
      const std::uint64_t pfn =
          block == kernel::HOLESTARTBLOCK ? kernel::kZeroPfn : kernel::block_to_pfn(block);
      const std::uint8_t value = machine.pmem.load(pfn);
      const kernel::FilePage where{file, page};
      if (judge.history().possible(where, value)) continue;
      judge.report("file-content-lost", static_cast<std::int64_t>(pfn),
                   name(where) + " holds " + hex(value) + ", possible " +
                       judge.history().describe(where),
                   "quiescence");
    }
  }
}

}  // namespace daxfuzz::oracle
