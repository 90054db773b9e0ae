// SPDX-License-Identifier: GPL-2.0-only
// What the model tells while an op runs, in the words of a guest's log: warnings of its
// observer, events of its functions, the result of the op. Read next: watch.cc.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "conformance/log.h"
#include "model/observer.h"
#include "model/world.h"
#include "sched/event_log.h"
#include "trace/program.h"

namespace daxfuzz::conformance {

// Listens for WARN_ON_ONCE() and BUG_ON(), and to nothing else.
class Watch final : public kernel::Observer {
 public:
  // "warn-truncate-busy-page in dax_disassociate_entry", each once; then forgets them.
  [[nodiscard]] std::vector<std::string> take();

  void pte_set(kernel::PteAt, std::uint64_t, bool, std::uint64_t) override {}
  void pte_cleared(kernel::PteAt) override {}
  void vmas_changed(std::uint8_t) override {}
  void i_mmap_changed(std::uint8_t) override {}
  void pin_taken(int, std::uint64_t, kernel::FilePage, bool, bool) override {}
  void pin_dropped(int) override {}
  void entry_stored(kernel::FilePage, std::uint64_t, std::uint64_t, std::uint64_t) override {}
  void count_changed(std::uint64_t) override {}
  void association_changed(std::uint64_t) override {}
  void block_mapped(std::uint64_t, kernel::FilePage) override {}
  void block_unmapped(std::uint64_t, kernel::FilePage) override {}
  void block_freed(std::uint64_t) override {}
  void block_reused(std::uint64_t) override {}
  void block_allocated(std::uint64_t) override {}
  void inode_gone(std::uint8_t, bool) override {}
  void write_begin(kernel::FileByte, std::uint8_t) override {}
  void write_end(kernel::FileByte, std::uint8_t) override {}
  void wrote(kernel::FilePage, std::uint64_t, std::uint8_t) override {}
  void cloned(kernel::FilePage, kernel::FilePage) override {}
  void copied_privately(kernel::FilePage, std::uint64_t, std::uint64_t) override {}
  void flushed(std::uint64_t) override {}
  void fsync_begin(std::uint8_t, std::uint64_t, std::uint64_t) override {}
  void fsync_end(std::uint8_t) override {}
  void crashed() override {}
  std::uint64_t read_begin() override { return 0; }
  void was_read(kernel::FileByte, std::uint64_t, std::uint8_t, std::uint64_t) override {}
  void dma_wrote(int, std::uint8_t) override {}
  void fault_begin(kernel::FilePage, bool) override {}
  void fault_end(bool) override {}
  void memory_failure_begin(std::uint64_t) override {}
  void killed(std::uint8_t, kernel::FilePage) override {}
  void memory_failure_end(std::uint64_t, int) override {}
  void warned(sched::Label id, std::uint64_t) override { tell(id); }
  void bug(sched::Label id) override { tell(id); }

 private:
  void tell(sched::Label id);
  std::vector<std::string> told_;
};

// What a guest's probes would have told (module/events.def), an op's events together, the op
// that began first before the others; `step_of_task`: of each task the step of its op.
[[nodiscard]] std::vector<Event> events_of(const kernel::World& world,
                                           std::span<const sched::Event> events,
                                           std::span<const std::int64_t> step_of_task);

// What run_op() returned, as user space sees it: a fault's -EFAULT is a signal, most ops have
// no value.
[[nodiscard]] Result result_of(const trace::Op& op, std::int64_t result);

}  // namespace daxfuzz::conformance
