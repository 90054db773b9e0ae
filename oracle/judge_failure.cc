// SPDX-License-Identifier: GPL-2.0-only
// What memory_failure() tells. Whose mappings it takes is seen as they go (judge.cc); the
// checks are in lifetime_checker.cc.
#include "oracle/judge.h"

namespace daxfuzz::oracle {

void Judge::memory_failure_begin(std::uint64_t block) {
  const sched::HarnessScope scope;
  CHECK(!ledger_.failure.running);
  ledger_.failure = {.running = true,
                     .number = world_->pmem.failure(kernel::block_to_pfn(block)),
                     .pfn = kernel::block_to_pfn(block),
                     .task = sched::Scheduler::current_task()};
}

void Judge::killed(std::uint8_t mm, kernel::FilePage) {
  const sched::HarnessScope scope;
  ledger_.failure.told |= 1u << mm;
}

void Judge::memory_failure_end(std::uint64_t block, int result) {
  {
    const sched::HarnessScope scope;
    CHECK(ledger_.failure.running && ledger_.failure.pfn == kernel::block_to_pfn(block));
    ledger_.failure.running = false;
    if (result == 0) {
      ledger_.failed[block] = ledger_.failure.number;
      check_memory_failure(*this, ledger_.failure);
    }
  }
  settle();
}

}  // namespace daxfuzz::oracle
