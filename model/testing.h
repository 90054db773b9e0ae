// SPDX-License-Identifier: GPL-2.0-only
// For tests of the port: a machine to drive by hand and what it told its observer.
// Off a task nothing yields, so a test reads as a list of system calls; what must
// interleave runs on two tasks, switched at a place that the test names.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "model/dax.h"
#include "model/world.h"
#include "sched/testing.h"
#include "sched/tsan_reports.h"

namespace daxfuzz::kernel::testing {

// Files of four pages have no room for a PMD of eight: every fault is of one page.
inline constexpr trace::Geometry kNoPmd{.pmd_order = 3};

// Facts that tests look at, one word each, in order.
class Recorder : public Observer {
 public:
  std::vector<std::string> facts;

  void pte_set(PteAt, std::uint64_t, bool, std::uint64_t) override {}
  void pte_cleared(PteAt) override {}
  void vmas_changed(std::uint8_t) override {}
  void i_mmap_changed(std::uint8_t) override {}
  void pin_taken(int, std::uint64_t, FilePage, bool, bool) override { note("pin_taken"); }
  void pin_dropped(int) override { note("pin_dropped"); }
  void entry_stored(FilePage, std::uint64_t, std::uint64_t, std::uint64_t) override {}
  void count_changed(std::uint64_t) override {}
  void association_changed(std::uint64_t) override {}
  void block_mapped(std::uint64_t, FilePage) override {}
  void block_unmapped(std::uint64_t, FilePage) override {}
  void block_freed(std::uint64_t block) override { note("freed:" + std::to_string(block)); }
  void block_reused(std::uint64_t block) override { note("reused:" + std::to_string(block)); }
  void block_allocated(std::uint64_t) override {}
  void inode_gone(std::uint8_t, bool) override {}
  void write_begin(FileByte, std::uint8_t) override {}
  void write_end(FileByte, std::uint8_t) override {}
  void wrote(FilePage, std::uint64_t, std::uint8_t) override {}
  void cloned(FilePage, FilePage) override {}
  void copied_privately(FilePage, std::uint64_t, std::uint64_t) override {}
  void flushed(std::uint64_t) override {}
  void fsync_begin(std::uint8_t, std::uint64_t, std::uint64_t) override {}
  void fsync_end(std::uint8_t) override {}
  void crashed() override { note("crashed"); }
  std::uint64_t read_begin() override { return 0; }
  void was_read(FileByte, std::uint64_t, std::uint8_t, std::uint64_t) override {}
  void dma_wrote(int, std::uint8_t) override {}
  void fault_begin(FilePage, bool) override {}
  void fault_end(bool) override {}
  void memory_failure_begin(std::uint64_t) override {}
  void killed(std::uint8_t mm, FilePage where) override {
    note("killed:" + std::to_string(mm) + ":" + std::string(1, static_cast<char>('a' + where.file)) +
         "+" + std::to_string(where.page));
  }
  void memory_failure_end(std::uint64_t, int) override {}
  void warned(sched::Label id, std::uint64_t) override { note(id.text()); }
  void bug(sched::Label id) override { note(id.text()); }

 private:
  void note(std::string fact) {
    const sched::HarnessScope scope;  // from any task
    facts.push_back(std::move(fact));
  }
};

// Task 0 runs until it stands at `label` for the nth time, in `function` if one is
// named; then task 1 as far as it can; then task 0 again.
class SwitchAt final : public sched::ChoiceSource {
 public:
  explicit SwitchAt(sched::Label label, sched::Label function = {}, int nth = 1)
      : label_(label), function_(function), left_(nth) {}

  sched::TaskId next(const sched::Choice& choice) override {
    const sched::HarnessScope scope;
    const bool there = choice.current == 0 && choice.at == label_ &&
                       (function_ == sched::Label() || world().function_of(0) == function_);
    if (there && left_ > 0) left_--;
    const sched::TaskId wanted = left_ == 0 ? 1 : 0;
    return (choice.runnable >> wanted & 1u) != 0 ? wanted : sched::nth_task(choice.runnable, 0);
  }
  [[nodiscard]] bool went_over() const { return left_ == 0; }

 private:
  sched::Label label_, function_;
  int left_;
};

// Always the lowest task that can run.
class InOrder final : public sched::ChoiceSource {
 public:
  sched::TaskId next(const sched::Choice& choice) override {
    return sched::nth_task(choice.runnable, 0);
  }
};

// Around what makes the port of a kernel that races race: TSan's reports meanwhile are no
// failure of the test. What races are there is judged where traces are replayed.
class KernelRaces {
 public:
  KernelRaces() { CHECK(sched::tsan_unanswered_reports() == 0); }
  ~KernelRaces() { (void)sched::tsan_report_count(); }
  KernelRaces(const KernelRaces&) = delete;
  KernelRaces& operator=(const KernelRaces&) = delete;
};

// Runs one task a body.
inline sched::Outcome on_tasks(sched::ChoiceSource& choices,
                               std::vector<std::function<void()>> bodies,
                               sched::StuckHook* hook = nullptr) {
  sched::EventLog log(false);
  sched::testing::Bodies tasks{std::move(bodies)};
  sched::Scheduler scheduler(choices, log, 10000);
  tasks.spawn(scheduler);
  return scheduler.run(hook);
}

// System calls on a machine, by file (0 is a), page and slot. `Watch` is its observer.
template <class Watch>
struct Machine {
  Watch watch;
  World world;
  WorldScope scope;

  template <class... Args>
  explicit Machine(const Protocol& protocol, const trace::Geometry& geometry, Args&&... args)
      : watch(std::forward<Args>(args)...), world(protocol, geometry, watch), scope(world) {}

  inode& file(int number) { return world.inodes[static_cast<std::size_t>(number)]; }
  folio& page(std::uint64_t block) { return world.pages[block]; }
  // Slot `slot` maps the whole file, which becomes that many pages long.
  vm_area_struct& map(int number, int slot, std::uint64_t pages = 4) {
    vm_area_struct& vma = world.vmas[static_cast<std::size_t>(slot)];
    if (file(number).i_size.peek() < pos_of(pages))
      CHECK(xfs_setattr_size(file(number), pos_of(pages)) == 0);
    CHECK(do_mmap(world.mms[0], vma, file(number), 0, pages, VM_SHARED, 0) == 0);
    return vma;
  }
  int store(int slot, std::uint64_t index, std::uint8_t value) {
    return user_access(world.vmas[static_cast<std::size_t>(slot)], index, true, &value);
  }
  // The value, or -errno.
  int load(int slot, std::uint64_t index) {
    std::uint8_t value = 0;
    const int ret = user_access(world.vmas[static_cast<std::size_t>(slot)], index, false, &value);
    return ret != 0 ? ret : value;
  }
  int pin(int number, int slot, std::uint64_t index, bool foll_pin, bool fast, bool write = true) {
    return gup(world.pins[static_cast<std::size_t>(number)], number,
               world.vmas[static_cast<std::size_t>(slot)], index, write,
               foll_pin ? Foll::pin : Foll::get, fast);
  }
  int unpin(int number) {
    return gup_release(world.pins[static_cast<std::size_t>(number)], number);
  }
  int unmap(int slot) { return do_munmap(world.vmas[static_cast<std::size_t>(slot)]); }

  [[nodiscard]] entry_t entry(int number, std::uint64_t index) {
    return file(number).i_mapping.i_pages.slot(index).entry;
  }
  [[nodiscard]] unsigned marks(int number, std::uint64_t index) {
    return file(number).i_mapping.i_pages.slot(index).marks;
  }
  [[nodiscard]] pte_t pte(int slot, std::uint64_t index) {
    const vm_area_struct& vma = world.vmas[static_cast<std::size_t>(slot)];
    return world.mms[0].ptes[vma.start() + index].peek();
  }
};

}  // namespace daxfuzz::kernel::testing
