// SPDX-License-Identifier: GPL-2.0-only
// Watches an execution and finds the first broken invariant. Owns the ledger and
// the history, feeds them from the port's observations, and asks the checkers: one
// file each, all functions of what is declared here. See invariant.def.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/observer.h"
#include "model/world.h"
#include "oracle/history.h"
#include "oracle/invariant.h"
#include "oracle/ledger.h"
#include "sched/run_memory.h"
#include "sched/scheduler.h"

namespace daxfuzz::oracle {

// Counts of the watched page after a change, at the log position `at`.
struct Sample {
  std::uint64_t at = 0;  // events in the log when it changed
  std::int32_t ref = 0, map = 0, pin = 0, share = 0;
};

class Judge final : public kernel::Observer {
 public:
  // enabled: bit (1 << Checker). watch: the pfn to sample, -1 for none.
  Judge(std::uint32_t enabled, std::int64_t watch);
  void attach(kernel::World& world);

  // The first violation, if any.
  [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }

  // An operation of this task has returned, others may be in flight.
  void op_ended(sched::TaskId task);
  // Between operations, with none in flight: everything that must agree then.
  void quiescent();
  // No task can go on: why? Asked while the tasks' stacks still exist, because what
  // they wait for is on them; stuck() takes the answer if the run ends so.
  [[nodiscard]] std::optional<Violation> diagnose(const sched::Scheduler& scheduler);
  void stuck(const Violation& diagnosis);
  // What of its records decides later verdicts, while there is no violation.
  void fingerprint(sched::Fingerprint& out) const;
  // The step budget ended (livelock; task: who ran last).
  void out_of_steps(sched::TaskId task);

  // --- model/observer.h ------------------------------------------------------
  void pte_set(kernel::PteAt at, std::uint64_t pfn, bool write, std::uint64_t pages) override;
  void pte_cleared(kernel::PteAt at) override;
  void vmas_changed(std::uint8_t mm) override;
  void i_mmap_changed(std::uint8_t file) override;
  void pin_taken(int slot, std::uint64_t pfn, kernel::FilePage where, bool foll_pin,
                 bool write) override;
  void pin_dropped(int slot) override;
  void entry_stored(kernel::FilePage where, std::uint64_t before, std::uint64_t after,
                    std::uint64_t pages) override;
  void count_changed(std::uint64_t pfn) override;
  void association_changed(std::uint64_t pfn) override;
  void block_mapped(std::uint64_t block, kernel::FilePage where) override;
  void block_unmapped(std::uint64_t block, kernel::FilePage where) override;
  void block_freed(std::uint64_t block) override;
  void block_reused(std::uint64_t block) override;
  void block_allocated(std::uint64_t block) override;
  void inode_gone(std::uint8_t file, bool unlinked) override;
  void write_begin(kernel::FileByte where, std::uint8_t value) override;
  void write_end(kernel::FileByte where, std::uint8_t value) override;
  void wrote(kernel::FilePage where, std::uint64_t pfn, std::uint8_t value) override;
  void cloned(kernel::FilePage from, kernel::FilePage to) override;
  void copied_privately(kernel::FilePage where, std::uint64_t from, std::uint64_t to) override;
  std::uint64_t read_begin() override;
  void was_read(kernel::FileByte where, std::uint64_t pfn, std::uint8_t value,
                std::uint64_t since) override;
  void dma_wrote(int slot, std::uint8_t value) override;
  void fault_begin(kernel::FilePage where, bool copies) override;
  void fault_end(bool failed) override;
  void flushed(std::uint64_t pfn) override;
  void fsync_begin(std::uint8_t file, std::uint64_t start, std::uint64_t last) override;
  void fsync_end(std::uint8_t file) override;
  void memory_failure_begin(std::uint64_t block) override;
  void killed(std::uint8_t mm, kernel::FilePage where) override;
  void memory_failure_end(std::uint64_t block, int result) override;
  void crashed() override;
  void warned(sched::Label id, std::uint64_t pfn = kNoPage) override;
  void bug(sched::Label id) override;

  // --- for the checkers ---------------------------------------------------------
  [[nodiscard]] const kernel::World& machine() const { return *world_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] History& history() { return history_; }
  // A zero a block, for a checker to count in.
  [[nodiscard]] sched::RunVector<int>& named();
  // Takes the violation if it is the first and its checker is on. function: empty
  // for the function that runs now. CHECKs that the row, if it is no
  // WARN, holds under the protocol.
  void report(std::string_view id, std::int64_t pfn, std::string value,
              std::string_view function = {});

 private:
  FsyncRecord& running_fsync();
  // Of the running task, an index into what is kept by task.
  static std::size_t current_row();
  // What the port holds of a page, and what the ledger says that it should.
  [[nodiscard]] std::string state_of(std::uint64_t pfn) const;
  void settle();  // ends the run if something was reported on a task
  void sample(std::uint64_t pfn);

  std::uint32_t enabled_;
  std::int64_t watch_;
  kernel::World* world_ = nullptr;
  Ledger ledger_;
  History history_;
  std::optional<Violation> violation_;
  std::vector<Sample> samples_;
  // By task; the last: on none. When the read that goes on began, 0 if none does.
  std::array<std::uint64_t, sched::kTasksMax + 1> read_since_{};
  sched::RunVector<int> named_;
};

// reference_checker.cc
void check_reference(Judge& judge, std::uint64_t pfn);       // at any time
void check_reference_quiescent(Judge& judge);
void check_zero_page_mapped(Judge& judge, const PteRecord& pte);
// lifetime_checker.cc
void check_block_freed(Judge& judge, std::uint64_t block);
void check_blocks_quiescent(Judge& judge);
void check_inode_gone(Judge& judge, std::uint8_t file, bool unlinked);
void check_pinned(Judge& judge, const PinRecord& pin);
void check_mapped(Judge& judge, const PteRecord& pte);
void check_memory_quiescent(Judge& judge);
void check_write_ended(Judge& judge, kernel::FileByte where, const Ledger::WriteRecord& write);
void check_memory_failure(Judge& judge, const FailureRecord& failure);  // it has returned 0
// entry_lock_checker.cc
void check_entry_stored(Judge& judge, kernel::FilePage where, const EntryRecord& before,
                        std::uint64_t after);
void check_entries_unlocked(Judge& judge, sched::TaskId task);
// lock_checker.cc; of the running task, at the step of the change
void check_pte_locked(Judge& judge, kernel::PteAt at);
void check_entry_locked(Judge& judge, kernel::FilePage where);
void check_fork_locked(Judge& judge, kernel::FilePage where);
void check_block_locked(Judge& judge, std::uint64_t block);
// association_checker.cc
void check_anon(Judge& judge, std::uint64_t pfn);            // at any time
void check_place(Judge& judge, kernel::PteAt at, const PteRecord& pte);  // when a page table gains it
void check_association_quiescent(Judge& judge);
// data_checker.cc
void check_read(Judge& judge, kernel::FileByte where, std::uint64_t pfn, std::uint8_t value,
                std::uint64_t since);
void check_store(Judge& judge, kernel::FilePage where, std::uint64_t pfn);
void check_dma(Judge& judge, const PinRecord& pin);
void check_fsync(Judge& judge, std::uint8_t file, const FsyncRecord& begun);
// Has a write of the page begun that has not ended?
bool in_progress(Judge& judge, kernel::FilePage where);
// A page of the file that a block still is, bar those that are being written or cut off.
bool settled_page(Judge& judge, std::uint8_t file, std::uint64_t block, std::uint64_t start,
                  std::uint64_t last);
void check_contents_quiescent(Judge& judge);
// private_checker part of data_checker.cc: copies of ordinary memory.
void check_copy_read(Judge& judge, kernel::FileByte where, std::uint64_t pfn, std::uint8_t value);
void check_copy_zapped(Judge& judge, const PteRecord& pte);
void check_copy_mapped(Judge& judge, const PteRecord& pte);
// persistence_checker.cc; after recovery
void check_map_sync(Judge& judge);
void check_survivors(Judge& judge);
// wakeup_checker.cc
void check_stuck(Judge& judge, const sched::Scheduler& scheduler);

// "a+0"; "a+0" or "a+0.5"
std::string name(kernel::FilePage where);
std::string name(kernel::FileByte where);

}  // namespace daxfuzz::oracle
