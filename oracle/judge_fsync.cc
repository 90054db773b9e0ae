// SPDX-License-Identifier: GPL-2.0-only
// What an fsync(2) finds dirty and promises when it returns, and what is looked at after a
// crash. See judge.h; read next: persistence_checker.cc.
#include <algorithm>

#include "oracle/judge.h"

namespace daxfuzz::oracle {

FsyncRecord& Judge::running_fsync() {
  return ledger_.fsyncs[current_row()];
}

void Judge::fsync_begin(std::uint8_t file, std::uint64_t start, std::uint64_t last) {
  sched::HarnessScope scope;
  FsyncRecord& record = running_fsync();
  record.start = start;
  record.last = std::min<std::uint64_t>(last, ledger_.file_pages() - 1);
  const sched::Bookkeeping memory;
  record.stored_at.assign(ledger_.blocks.size(), 0);
  record.since = history_.now();
  record.size = world_->inodes[file].i_size.peek();
  for (std::uint64_t page = start; page <= record.last; page++) {
    const std::uint64_t block =
        ledger_.forks[ledger_.number({file, static_cast<std::uint16_t>(page)})];
    if (block == Ledger::kNoBlock) continue;
    const BlockRecord& b = ledger_.blocks[block];
    if (b.stored_by == file && b.stored_at > b.flushed_at) record.stored_at[block] = b.stored_at;
  }
}

void Judge::fsync_end(std::uint8_t file) {
  {
    sched::HarnessScope scope;
    const FsyncRecord& record = running_fsync();
    check_fsync(*this, file, record);
    for (std::uint64_t page = record.start; page <= record.last; page++)
      for (std::uint64_t pos = kernel::pos_of(page); pos < kernel::pos_of(page + 1); pos++)
        if (pos < record.size)
          history_.promise({file, static_cast<std::uint32_t>(pos)}, record.since);
  }
  settle();
}

void Judge::crashed() {
  {
    sched::HarnessScope scope;
    check_map_sync(*this);
    check_survivors(*this);
  }
  settle();
}

}  // namespace daxfuzz::oracle
