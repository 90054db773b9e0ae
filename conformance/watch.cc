// SPDX-License-Identifier: GPL-2.0-only
// Warnings, events and results in the words of a guest. See watch.h.
#include "conformance/watch.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <numeric>
#include <optional>
#include <string_view>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::conformance {

void Watch::tell(sched::Label id) {
  const sched::HarnessScope scope;  // from any task
  const sched::Label where = kernel::world().function_of(sched::Scheduler::current_task());
  std::string text = std::string(id.text()) + " in " + where.text();
  if (std::ranges::find(told_, text) == told_.end()) told_.push_back(std::move(text));
}

std::vector<std::string> Watch::take() { return std::exchange(told_, {}); }

namespace {

// The kernel's encoding of an entry, not locked: without the flag that only the 2022 series has.
std::uint64_t entry_word(kernel::entry_t entry) {
  const std::uint64_t flags = kernel::xa_to_value(entry) &
                              (kernel::DAX_PMD | kernel::DAX_ZERO_PAGE | kernel::DAX_EMPTY);
  return kernel::xa_mk_value(flags | kernel::dax_to_pfn(entry) << 4);
}

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// What dax_insert_entry() returned is what is there afterwards: the entry that it has made or, of
// another size or even of another page, the one that it has found. What the fault would have made
// if it is gone before anybody looks.
kernel::entry_t inserted(const kernel::World& world, const sched::Event& enter, bool pmd) {
  const std::uint64_t pfn = bits(enter.c), index = bits(enter.b);
  const auto& slots = world.inodes[static_cast<std::size_t>(enter.a)].i_mapping.i_pages.slots;
  const std::uint64_t head = index - index % kernel::pmd_pages(world.geometry);
  if (slots.at(index).entry != 0) return slots[index].entry;
  if (slots.at(head).entry != 0 && slots[head].order != 0) return slots[head].entry;
  const bool zero = kernel::is_zero_pfn(pfn) || kernel::is_huge_zero_pfn(pfn);
  return kernel::dax_make_entry(
      pfn, (pmd ? kernel::DAX_PMD : 0) | (zero ? kernel::DAX_ZERO_PAGE : 0));
}

// What the guest's probe of the function tells of its arguments, or of a tracepoint at its end;
// nullopt: it is not watched. pmd: within a fault of one; inserts: it came to inserting a page.
std::optional<Event> event_of(const kernel::World& world, const sched::Event& enter,
                              const sched::Event& leave, bool pmd, bool inserts) {
  const std::string_view name = enter.what.text();
  const auto event = [](const char* as, std::map<std::string, std::uint64_t> fields) {
    return std::optional(Event{.step = -1, .name = as, .fields = std::move(fields)});
  };
  if (name == "dax_insert_entry")
    return event("dax_insert_entry", {{"ret", entry_word(inserted(world, enter, pmd))}});
  if (name == "dax_disassociate_entry")
    return event("dax_disassociate_entry",
                 {{"entry", entry_word(kernel::dax_make_entry(bits(enter.b), 0))},
                  {"trunc", bits(enter.c)}});
  if (name == "__dax_invalidate_entry")
    return event("__dax_invalidate_entry",
                 {{"index", bits(enter.b)}, {"trunc", bits(enter.c)}, {"ret", bits(leave.a)}});
  if (name == "dax_layout_busy_page")
    return event("dax_layout_busy_page_range", {{"ret", leave.a < 0 ? 0 : bits(leave.a)}});
  if (name == "dax_writeback_one") return event("dax_writeback_one", {{"pgoff", bits(enter.b)}});
  if (name == "dax_iomap_pte_fault")
    return event("dax_pte_fault_done", {{"pgoff", bits(enter.b)}, {"ret", bits(leave.a)}});
  if (name == "dax_iomap_pmd_fault")
    return event("dax_pmd_fault_done", {{"pgoff", bits(enter.b)}, {"ret", bits(leave.a)}});
  if (name == "dax_load_hole")
    return event("dax_load_hole", {{"pgoff", bits(enter.b)}, {"ret", bits(leave.a)}});
  if (name == "dax_pmd_load_hole")
    return event((bits(leave.a) & kernel::VM_FAULT_FALLBACK) != 0 ? "dax_pmd_load_hole_fallback"
                                                                  : "dax_pmd_load_hole",
                 {{"pgoff", bits(enter.b)}});
  if (name == "dax_insert_pfn_mkwrite")
    return event(inserts ? "dax_insert_pfn_mkwrite" : "dax_insert_pfn_mkwrite_no_entry",
                 {{"pgoff", bits(enter.b)}, {"ret", bits(leave.a)}});
  return std::nullopt;
}

// A tracepoint that is reached before the function that it is in has done anything.
std::optional<Event> begun(const sched::Event& enter) {
  if (std::string_view(enter.what.text()) != "dax_writeback_mapping_range") return std::nullopt;
  return Event{.step = -1,
               .name = "dax_writeback_range",
               .fields = {{"first", bits(enter.b)}, {"last", bits(enter.c)}}};
}

// A tracepoint is told when it is reached, a probe's function when it was entered.
bool at_its_end(const Event& event) {
  const std::string& name = event.name;
  return name.ends_with("_done") || name == "dax_writeback_one" || name.contains("load_hole") ||
         name.starts_with("dax_insert_pfn_mkwrite");
}

// Functions that put a page into a page table.
bool inserts_page(std::string_view name) {
  return name == "insert_pfn" || name.starts_with("vmf_insert_");
}

// The events of one task, in order. A function that has not returned when the step ends is
// not told: the guest does not know what it will return.
std::vector<Event> events_of(const kernel::World& world, std::span<const sched::Event> events,
                             sched::TaskId task) {
  struct Open {
    const sched::Event* enter;
    std::size_t place;
    bool inserts = false;
  };
  std::vector<Open> stack;
  std::vector<std::optional<Event>> found;
  for (const sched::Event& event : events) {
    if (event.task != task) continue;
    if (event.kind == sched::EventKind::enter) {
      if (inserts_page(event.what.text()))
        for (Open& outer : stack) outer.inserts = true;
      stack.push_back({.enter = &event, .place = found.size()});
      found.push_back(begun(event));
    } else if (event.kind == sched::EventKind::leave && !stack.empty()) {
      const Open open = stack.back();
      stack.pop_back();
      const bool pmd = std::ranges::any_of(stack, [](const Open& outer) {
        return std::string_view(outer.enter->what.text()) == "dax_iomap_pmd_fault";
      });
      std::optional<Event> told = event_of(world, *open.enter, event, pmd, open.inserts);
      if (!told.has_value()) continue;
      if (at_its_end(*told))
        found.push_back(std::move(told));
      else
        found[open.place] = std::move(told);
    }
  }
  std::vector<Event> out;
  for (std::optional<Event>& event : found)
    if (event.has_value()) out.push_back(std::move(*event));
  return out;
}

}  // namespace

std::vector<Event> events_of(const kernel::World& world, std::span<const sched::Event> events,
                             std::span<const std::int64_t> step_of_task) {
  std::vector<std::size_t> tasks(step_of_task.size());
  std::iota(tasks.begin(), tasks.end(), 0u);
  std::ranges::sort(tasks, {}, [&](std::size_t task) { return step_of_task[task]; });
  std::vector<Event> out;
  for (const std::size_t task : tasks)
    for (Event& event : events_of(world, events, static_cast<sched::TaskId>(task))) {
      event.step = step_of_task[task];
      out.push_back(std::move(event));
    }
  return out;
}

Result result_of(const trace::Op& op, std::int64_t result) {
  using trace::OpCode;
  const bool access = op.code == OpCode::fault || op.code == OpCode::mkwrite;
  if (access && result == -EFAULT) return {.kind = Result::Kind::sig, .value = SIGBUS};
  if (result < 0) return {.kind = Result::Kind::err, .value = -result};
  const bool reads =
      op.code == OpCode::read ||
      ((op.code == OpCode::fault || op.code == OpCode::dma) && op.access == trace::Access::read);
  return {.kind = Result::Kind::ok, .value = reads ? result : 0};
}

}  // namespace daxfuzz::conformance
