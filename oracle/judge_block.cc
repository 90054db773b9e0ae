// SPDX-License-Identifier: GPL-2.0-only
// What becomes of blocks: of which file, free or in use, gone with an inode. See judge.h; the checks are in
// lifetime_checker.cc and lock_checker.cc.
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

// The end of a block's life. Which lock that takes is the caller's to ask: a block goes back to the allocator
// under the AGF, a window of virtiofs belongs to no allocation group and has no AGF.
void end_life(Judge& judge, std::uint64_t block) {
  judge.ledger().blocks[block].allocated = false;
  check_block_freed(judge, block);
}

}  // namespace

void Judge::block_mapped(std::uint64_t block, kernel::FilePage where) {
  {
    sched::HarnessScope scope;
    check_fork_locked(*this, where);
    ledger_.set_fork(where, block);
  }
  settle();
}

void Judge::block_unmapped(std::uint64_t block, kernel::FilePage where) {
  {
    sched::HarnessScope scope;
    CHECK(ledger_.forks[ledger_.number(where)] == block);
    check_fork_locked(*this, where);
    ledger_.set_fork(where, Ledger::kNoBlock);
  }
  settle();
}

void Judge::block_allocated(std::uint64_t block) {
  {
    sched::HarnessScope scope;
    CHECK(!ledger_.blocks[block].allocated);
    check_block_locked(*this, block);
    ledger_.begin_life(block, world_->pmem.failures());
    if (world_->blocks.free_count() == 0) ledger_.excuse_faults([](const FaultRecord&) { return true; });
  }
  settle();
}

void Judge::inode_gone(std::uint8_t file, bool unlinked) {
  {
    const sched::HarnessScope scope;
    check_inode_gone(*this, file, unlinked);
  }
  settle();
}

void Judge::block_freed(std::uint64_t block) {
  {
    sched::HarnessScope scope;
    check_block_locked(*this, block);
    end_life(*this, block);
  }
  settle();
}

void Judge::block_reused(std::uint64_t block) {
  {
    sched::HarnessScope scope;
    end_life(*this, block);
  }
  settle();
  sched::HarnessScope scope;
  ledger_.begin_life(block, world_->pmem.failures());
}

}  // namespace daxfuzz::oracle
