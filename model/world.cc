// SPDX-License-Identifier: GPL-2.0-only
// Making a machine, and the current one. See world.h.
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Which machine this thread runs: what a real CPU knows by being part of it.
thread_local World* current_world = nullptr;

}  // namespace

World::World(const Protocol& protocol_value, const trace::Geometry& geometry_value,
             Observer& observer_value)
    : protocol(protocol_value), geometry(geometry_value), observer(observer_value),
      pmem(geometry_value.blocks),
      blocks(geometry_value.blocks),
      pages(geometry_value.blocks),
      anon_pages(kAnonPages),
      dax_waits(geometry_value.waits),
      var_waits(geometry_value.waits) {
  for (std::size_t block = 0; block < pages.size(); block++) {
    pages[block].pfn = block_to_pfn(block);
    // __init_zone_device_page() leaves the count at one; the conversions set it to 0.
    pages[block]._refcount.init(protocol.base_count);
  }
  for (std::size_t i = 0; i < anon_pages.size(); i++) anon_pages[i].pfn = kAnonPfn + i;
  zero_page.pfn = kZeroPfn;
  zero_page._refcount.init(1);  // PG_reserved, never freed
  huge_zero_folio.pfn = kHugeZeroPfn;
  huge_zero_folio._refcount.init(1);
  huge_zero_folio.head.init(true);
  huge_zero_folio._order.init(geometry.pmd_order);
  const std::uint64_t file_pages = trace::file_pages(geometry.pmd_order);
  for (std::size_t i = 0; i < inodes.size(); i++)
    inodes[i].init(static_cast<std::uint8_t>(i), file_pages);
  log.init(inodes);
  for (std::uint8_t i = 0; i < geometry.mms; i++) mms[i].init(i, geometry);  // ops name no others
  for (std::size_t i = 0; i < vmas.size(); i++) {
    vmas[i].slot = static_cast<std::uint8_t>(i);
    vmas[i].slot_start = i * slot_pages(geometry);
  }
}

CallStack& World::call_stack() {
  const sched::TaskId task = sched::Scheduler::current_task();
  return calls[task == sched::kNoTask ? calls.size() - 1 : task];
}

IrqState& World::irq_state() {
  const sched::TaskId task = sched::Scheduler::current_task();
  return irqs[task == sched::kNoTask ? irqs.size() - 1 : task];
}

sched::Label World::function_of(sched::TaskId task) const {
  const CallStack& stack = calls[task == sched::kNoTask ? calls.size() - 1 : task];
  return stack.depth == 0 ? sched::Label("none") : stack.names[stack.depth - 1];
}

World& world() {
  CHECK(current_world != nullptr);
  return *current_world;
}

WorldScope::WorldScope(World& world) : before_(current_world) { current_world = &world; }
WorldScope::~WorldScope() { current_world = before_; }

bool should_fail() {
  const sched::TaskId task = sched::Scheduler::current_task();
  if (task == sched::kNoTask) return false;
  std::uint8_t &nth = world().fail_nth[task], &from = world().fail_from[task];
  const bool fails = nth == 1 || from == 1;
  if (nth != 0) nth--;
  if (from > 1) from--;
  if (!fails) return false;
  sched::note(sched::EventKind::note, "should_fail");
  return true;
}

Function::Function(sched::Label name, std::int64_t a, std::int64_t b, std::int64_t c)
    : name_(name), stack_(world().call_stack()) {
  CHECK(stack_.depth < CallStack::kDepthMax);
  stack_.names[stack_.depth++] = name;
  sched::note(sched::EventKind::enter, name, a, b, c);
}

Function::~Function() {
  CHECK(stack_.depth > 0);
  stack_.depth--;
  sched::note(sched::EventKind::leave, name_, result_);
}

}  // namespace daxfuzz::kernel
