// SPDX-License-Identifier: GPL-2.0-only
// One machine: owns one instance of everything the kernel would keep in globals
// (inodes, page structs, address spaces, wait tables, the pmem device). A World
// is made fresh for each execution; the port reaches it through world(), as the
// kernel reaches its globals. Read next: dax.h (the port proper), fs.h, mm.h.
#pragma once

#include <array>
#include <cstdint>

#include "model/folio.h"
#include "model/fs.h"
#include "model/gup.h"
#include "model/mm.h"
#include "model/observer.h"
#include "model/pmem.h"
#include "model/protocol.h"
#include "model/wait.h"
#include "model/xfs_log.h"
#include "sched/run_memory.h"
#include "trace/program.h"

namespace daxfuzz::kernel {

// The functions that a task is in, for reports and signatures.
struct CallStack {
  static constexpr std::size_t kDepthMax = 32;
  std::array<sched::Label, kDepthMax> names;
  std::size_t depth = 0;
};

// Are interrupts off on the processor that a task runs on? They are while it walks page tables without locks, so
// who has sent an interrupt to all has waited for the walks that had begun. Odd: off. A state of the processor,
// which no store buffer holds back.
class IrqState {
 public:
  void local_irq_save() { flip(false); }
  void local_irq_restore() { flip(true); }
  [[nodiscard]] std::uint32_t flips() const {
    if (sched::access_watcher != nullptr) sched::report_acquire(&flips_);
    return __atomic_load_n(&flips_, __ATOMIC_SEQ_CST);
  }

 private:
  void flip(bool was_off) {
    if (sched::access_watcher != nullptr) sched::report_release(&flips_);
    const std::uint32_t before = __atomic_load_n(&flips_, __ATOMIC_RELAXED);  // nobody else writes it
    CHECK((before % 2 == 1) == was_off);
    __atomic_store_n(&flips_, (before + 1) % kWraps, __ATOMIC_SEQ_CST);
  }
  // A walk that is retried for ever comes back to a state that it was in (explore/). Who looks at each of his laps
  // and takes the eighth walk after for the same waits for that one, too.
  static constexpr std::uint32_t kWraps = 16;
  std::uint32_t flips_ = 0;
};

class World {
 public:
  World(const Protocol& protocol, const trace::Geometry& geometry, Observer& observer);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Protocol protocol;
  const trace::Geometry geometry;
  Observer& observer;

  Pmem pmem;
  BlockAllocator blocks;
  fuse_conn_dax fuse;
  xlog log;
  bool crashed = false;           // power_failure(): nothing may run any more
  sched::RunVector<folio> pages;       // struct page of each block
  sched::RunVector<folio> anon_pages;  // of ordinary memory
  folio zero_page;
  folio huge_zero_folio;          // one struct page stands for all of it
  std::array<inode, trace::kFilesMax> inodes;
  std::array<mm_struct, trace::kMmsMax> mms;
  std::array<vm_area_struct, trace::kMapsMax> vmas;  // by slot
  std::array<gup_pin, trace::kPinsMax> pins;         // by slot
  DaxWaitTable dax_waits;
  VarWaitTable var_waits;
  sched::RwSem mf_mutex{"mf_mutex"};

  // fail_nth of the op that a task runs: allocations left until one fails.
  std::array<std::uint8_t, sched::kTasksMax> fail_nth{};
  // fail_from of it: the same, and from then on 1.
  std::array<std::uint8_t, sched::kTasksMax> fail_from{};
  // By task; the last is for code that runs on no task.
  std::array<CallStack, sched::kTasksMax + 1> calls;
  std::array<sched::RunVector<mmu_gather::Batch>, sched::kTasksMax + 1> tlb_batches;
  std::array<IrqState, sched::kTasksMax + 1> irqs;

  CallStack& call_stack();
  IrqState& irq_state();
  // The innermost ported function of `task`, or `none` outside of all.
  [[nodiscard]] sched::Label function_of(sched::TaskId task) const;
};

// Which machine this thread runs: what a real CPU knows by being part of it. By world() and WorldScope only.
extern DAXFUZZ_HOT_THREAD_LOCAL World* current_world;

// The machine that the calling thread runs. CHECKs that there is one.
inline World& world() {
  CHECK(current_world != nullptr);
  return *current_world;
}
inline const Protocol& protocol() { return world().protocol; }

// Makes a World the current one for the life of the scope.
class WorldScope {
 public:
  explicit WorldScope(World& world);
  ~WorldScope();
  WorldScope(const WorldScope&) = delete;
  WorldScope& operator=(const WorldScope&) = delete;

 private:
  World* before_;
};

// True if the allocation that the caller is about to make must fail.
bool should_fail();

// Marks that a ported function runs: on the report, and in signatures.
class Function {
 public:
  explicit Function(sched::Label name, std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0);
  ~Function();
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;
  // Notes the value that the function returns, and returns it.
  template <class T>
  T ret(T value) {
    result_ = static_cast<std::int64_t>(value);
    return value;
  }

 private:
  sched::Label name_;
  CallStack& stack_;
  std::int64_t result_ = 0;
};

}  // namespace daxfuzz::kernel

// As in the kernel, but told to the observer: id is a row of invariant.def; then, if
// it is about a page, its pfn.
#define WARN_ON_ONCE(condition, id, ...) \
  ((condition) ? (::daxfuzz::kernel::world().observer.warned(id __VA_OPT__(, ) __VA_ARGS__), true) \
               : false)
#define BUG_ON(condition, id) \
  ((condition) ? ::daxfuzz::kernel::world().observer.bug(id) : void())
