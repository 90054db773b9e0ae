// SPDX-License-Identifier: GPL-2.0-only
// Which faults must succeed: of a page within the file, as long as there are memory, space and no bad
// page from its begin to its end. What may be in want meanwhile excuses it: a write that changes the size
// tells of each byte that it cuts off (judge.cc), the last free block is taken there, too.
#include <algorithm>
#include <span>

#include "model/fs.h"
#include "oracle/judge.h"

namespace daxfuzz::oracle {
namespace {

bool within(const kernel::World& machine, kernel::FilePage where) {
  return kernel::pos_of(where.page) < machine.inodes[where.file].i_size.peek();
}

// The allocation that an op's fail_nth is for may be one of this fault.
bool memory_fails(const kernel::World& machine, sched::TaskId task) {
  return task != sched::kNoTask && (machine.fail_nth[task] != 0 || machine.fail_from[task] != 0);
}

bool any_bad(const kernel::World& machine) {
  if (machine.pmem.failures() == 0) return false;
  for (std::uint64_t block = 0; block < machine.geometry.blocks; block++)
    if (machine.pmem.bad(kernel::block_to_pfn(block))) return true;
  return false;
}

}  // namespace

// Copies are of ordinary memory, of which there are some pages only.
void Judge::fault_begin(kernel::FilePage where, bool copies) {
  const sched::HarnessScope scope;
  const bool excused = copies || !within(*world_, where) || any_bad(*world_) || world_->blocks.free_count() == 0 ||
                       memory_fails(*world_, sched::Scheduler::current_task()) || in_progress(*this, where);
  FaultRecord& fault = ledger_.faults[current_row()];
  CHECK(!fault.running);
  ledger_.faults_running++;
  fault = {
      .running = true, .excused = excused, .where = where, .failures = world_->pmem.failures()};
}

void Judge::fault_end(bool failed) {
  {
    const sched::HarnessScope scope;
    FaultRecord& fault = ledger_.faults[current_row()];
    CHECK(fault.running);
    fault.running = false;
    ledger_.faults_running--;
    if (failed && !fault.excused && within(*world_, fault.where) && world_->pmem.failures() == fault.failures)
      report("fault-refused", -1, "a fault of " + name(fault.where) + " failed, which nothing was in the way of");
  }
  settle();
}

}  // namespace daxfuzz::oracle
