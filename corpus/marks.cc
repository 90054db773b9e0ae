// SPDX-License-Identifier: GPL-2.0-only
// The table of marks. A mark is a question about the functions that a task was in when an
// event of it happened; what several tasks do to each other is asked in marks_of_two.cc.
// See marks.h.
#include "corpus/marks.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "corpus/marks_of_two.h"
#include "model/mm.h"
#include "model/xarray.h"

namespace daxfuzz::corpus {
namespace {

using sched::Event;
using sched::EventKind;
using sched::Label;
using Events = std::vector<Event>;

// Calls look(event, functions that the event's task is in, innermost last) for each event
// until it returns true; did it ever?
template <class Look>
bool any(const Events& events, Look&& look) {
  std::array<std::vector<Label>, 256> stacks;
  for (const Event& event : events) {
    std::vector<Label>& stack = stacks[event.task];
    if (event.kind == EventKind::leave && !stack.empty()) stack.pop_back();
    if (look(event, stack)) return true;
    if (event.kind == EventKind::enter) stack.push_back(event.what);
  }
  return false;
}

bool in(const std::vector<Label>& stack, Label function) {
  return std::ranges::find(stack, function) != stack.end();
}

// A step from the yield point `label` within `function` (also in what that calls).
bool step_in(const Events& events, Label function, Label label) {
  return any(events, [&](const Event& e, const std::vector<Label>& stack) {
    return e.kind == EventKind::step && e.what == label && in(stack, function);
  });
}

bool enters(const Events& events, Label outer, Label inner) {
  return any(events, [&](const Event& e, const std::vector<Label>& stack) {
    return e.kind == EventKind::enter && e.what == inner && in(stack, outer);
  });
}

bool returns(const Events& events, Label function, std::int64_t value) {
  return any(events, [&](const Event& e, const std::vector<Label>&) {
    return e.kind == EventKind::leave && e.what == function && e.a == value;
  });
}

bool noted_in(const Events& events, Label function, Label note) {
  return any(events, [&](const Event& e, const std::vector<Label>& stack) {
    return e.kind == EventKind::note && e.what == note && in(stack, function);
  });
}

// `first`, then `second`, by one task within one call of `function`.
bool then_in(const Events& events, Label function, Label first, Label second) {
  std::array<bool, 256> seen{};
  return any(events, [&](const Event& e, const std::vector<Label>& stack) {
    if (!in(stack, function)) seen[e.task] = false;
    if (e.kind != EventKind::step || !in(stack, function)) return false;
    if (e.what == second && seen[e.task]) return true;
    if (e.what == first) seen[e.task] = true;
    return false;
  });
}

// The last step within `function` was one from `label`, and the function returns 0.
bool ends_after(const Events& events, Label function, Label label) {
  std::array<Label, 256> last{};
  return any(events, [&](const Event& e, const std::vector<Label>&) {
    if (e.kind == EventKind::step) last[e.task] = e.what;
    return e.kind == EventKind::leave && e.what == function && e.a == 0 && last[e.task] == label;
  });
}

constexpr std::int64_t kFallbackEntry =
    static_cast<std::int64_t>(kernel::xa_mk_internal(kernel::VM_FAULT_FALLBACK));

const Mark kMarks[] = {
    {"fault-waits-for-entry", "a fault sleeps until somebody unlocks the entry",
     "fs/dax.c: get_unlocked_entry()",
     [](const Events& e) { return step_in(e, "grab_mapping_entry", "dax_entry"); }},
    {"fault-waits-again", "a fault that was woken finds the entry locked again, and sleeps again",
     "fs/dax.c: get_unlocked_entry(), its loop", fault_waits_again},
    {"lock-is-handed-over", "an exclusive waiter is woken, takes the lock and wakes the next",
     "fs/dax.c: dax_unlock_entry(), WAKE_NEXT", lock_is_handed_over},
    {"scan-waits-for-entry", "a busy scan waits for a locked entry",
     "fs/dax.c: dax_layout_busy_page_range(), wait_entry_unlocked_exclusive()",
     [](const Events& e) { return step_in(e, "dax_layout_busy_page", "dax_entry"); }},
    {"delete-waits-for-entry", "a deletion waits for a locked entry",
     "fs/dax.c: dax_delete_mapping_range()",
     [](const Events& e) { return step_in(e, "dax_delete_mapping_range", "dax_entry"); }},
    {"invalidate-waits-for-entry", "an invalidation waits for a locked entry",
     "fs/dax.c: __dax_invalidate_entry()",
     [](const Events& e) { return step_in(e, "__dax_invalidate_entry", "dax_entry"); }},
    {"break-waits-for-pin", "a layout breaker sleeps until a page is idle",
     "fs/dax.c: dax_break_layout(), wait_page_idle()",
     [](const Events& e) { return step_in(e, "dax_break_layout", "page_idle"); }},
    {"busy-by-gup-loser", "a layout breaker sleeps for a reference that a fast GUP drops again",
     "mm/gup.c: gup_fast_pte_range(); fs/dax.c: dax_busy_page()", busy_by_gup_loser},
    {"two-inodes-again", "the second file is busy, so both locks are dropped",
     "fs/xfs/xfs_inode.c: xfs_mmaplock_two_inodes_and_break_dax_layout()",
     [](const Events& e) {
       return step_in(e, "xfs_mmaplock_two_inodes_and_break_dax_layout", "two_inodes_again");
     }},
    {"conflict-falls-back", "a PMD fault finds an entry of a page",
     "fs/dax.c: grab_mapping_entry(), fallback",
     [](const Events& e) { return returns(e, "grab_mapping_entry", kFallbackEntry); }},
    {"downgrade-of-zero-pmd", "a fault of a page unmaps a hole's PMD and removes its entry",
     "fs/dax.c: grab_mapping_entry(), pmd_downgrade",
     [](const Events& e) { return enters(e, "grab_mapping_entry", "unmap_mapping_pages"); }},
    {"node-retry", "an entry's node is allocated after the store failed for want of it",
     "lib/xarray.c: xas_nomem()",
     [](const Events& e) { return noted_in(e, "grab_mapping_entry", "should_fail"); }},
    {"huge-zero-page", "a PMD of a hole maps the huge zero folio", "fs/dax.c: dax_pmd_load_hole()",
     [](const Events& e) { return returns(e, "dax_pmd_load_hole", kernel::VM_FAULT_NOPAGE); }},
    {"no-huge-zero-page", "there is no memory for the huge zero folio",
     "fs/dax.c: dax_pmd_load_hole(), fallback",
     [](const Events& e) { return returns(e, "dax_pmd_load_hole", kernel::VM_FAULT_FALLBACK); }},
    {"pmd-split", "a PMD that is mapped is split, that is, zapped",
     "mm/huge_memory.c: __split_huge_pmd()",
     [](const Events& e) {
       return enters(e, "handle_mm_fault", "__split_huge_pmd") ||
              enters(e, "unmap_mapping_pages", "__split_huge_pmd");
     }},
    {"pmd-becomes-writable", "a write fault finds its PMD mapped read-only",
     "mm/memory.c: wp_huge_pmd()",
     [](const Events& e) { return step_in(e, "dax_iomap_pmd_fault", "pmd_mkwrite"); }},
    {"pte-becomes-writable", "a write fault finds its PTE mapped read-only",
     "mm/memory.c: do_wp_page()",
     [](const Events& e) { return step_in(e, "do_wp_page", "pte_mkwrite"); }},
    {"folio-made-of-pmd", "the pages of a PMD become one folio", "fs/dax.c: dax_folio_init()",
     [](const Events& e) { return step_in(e, "dax_associate_entry", "compound_head_store"); }},
    {"folio-split-again", "a folio is split when its last entry goes", "fs/dax.c: dax_folio_put()",
     [](const Events& e) { return step_in(e, "dax_disassociate_entry", "compound_head_store"); }},
    {"fast-gup-loses-pte", "fast GUP sees the PTE change and drops its reference",
     "mm/gup.c: gup_fast_pte_range()",
     [](const Events& e) {
       return then_in(e, "gup_fast_pte_range", "gup_pte_recheck", "ref_put");
     }},
    {"fast-gup-loses-pmd", "fast GUP sees the PMD change and drops its reference",
     "mm/gup.c: gup_fast_pmd_leaf()",
     [](const Events& e) {
       return then_in(e, "gup_fast_pte_range", "gup_pmd_recheck", "ref_put");
     }},
    {"fast-gup-finds-free-page", "fast GUP finds a page with no reference and goes the slow way",
     "mm/gup.c: try_get_folio()",
     [](const Events& e) { return ends_after(e, "gup_fast_pte_range", "ref_try_add"); }},
    {"pin-of-large-folio", "a pin of a large folio is counted in its pincount",
     "mm/gup.c: try_grab_folio()",
     [](const Events& e) {
       return any(e, [](const Event& x, const std::vector<Label>&) {
         return x.kind == EventKind::step && x.what == Label("pincount_add");
       });
     }},
    {"long-term-pin-refused", "a long-term pin of fs-dax is refused", "mm/gup.c: check_vma_flags()",
     [](const Events& e) { return returns(e, "__get_user_pages", -95); }},
    {"cow-fault", "a write fault copies a shared block", "fs/dax.c: dax_iomap_copy_around()",
     [](const Events& e) { return step_in(e, "handle_mm_fault", "copy_around"); }},
    {"cow-write-copies-edge", "a write(2) of a part of a shared page copies the rest",
     "fs/dax.c: dax_iomap_copy_around()",
     [](const Events& e) { return step_in(e, "xfs_file_dax_write", "copy_around"); }},
    {"cow-cancelled", "a copy that is not used goes",
     "fs/xfs/xfs_iomap.c: xfs_dax_write_iomap_end()",
     [](const Events& e) { return enters(e, "handle_mm_fault", "xfs_reflink_cancel_cow_range"); }},
    {"zeroed-edge", "what truncation or hole punching leaves of a page is zeroed",
     "fs/dax.c: dax_memzero()",
     [](const Events& e) { return step_in(e, "dax_zero_range", "memzero"); }},
    {"truncate-finds-entry", "truncation deletes an entry that breaking layouts left",
     "mm/truncate.c: truncate_folio_batch_exceptionals()",
     [](const Events& e) {
       return enters(e, "truncate_inode_pages_range", "__dax_invalidate_entry");
     }},
    {"invalidation-refused", "a dirty entry is not invalidated",
     "mm/truncate.c: invalidate_inode_pages2_range()",
     [](const Events& e) { return returns(e, "invalidate_inode_pages2_range", -16); }},
    {"mkclean-of-pmd", "writeback write-protects a PMD", "mm/rmap.c: page_vma_mkclean_one()",
     [](const Events& e) { return step_in(e, "dax_writeback_one", "pmd_wrprotect"); }},
    {"mkclean-of-ptes-under-pmd-entry", "writeback of a PMD entry write-protects PTEs",
     "mm/rmap.c: pfn_mkclean_range()",
     [](const Events& e) { return step_in(e, "dax_writeback_one", "pte_wrprotect"); }},
    {"write-fault-during-remap", "a write fault during a remap takes MMAPLOCK exclusively",
     "fs/xfs/xfs_file.c: xfs_write_fault()",
     [](const Events& e) { return then_in(e, "handle_mm_fault", "iremapping_test", "mmaplock"); }},
    {"dirty-zap-flushes", "a dirty PTE forces the flush before the lock is dropped",
     "mm/memory.c: zap_pte_range(), force_flush",
     [](const Events& e) { return then_in(e, "unmap_mapping_pages", "pte_clear", "tlb_flush"); }},
    {"sync-fault-finds-no-entry", "a MAP_SYNC fault finds its entry gone after the fsync",
     "fs/dax.c: dax_insert_pfn_mkwrite(), dax_insert_pfn_mkwrite_no_entry",
     sync_fault_finds_no_entry},
    {"scan-pauses", "a busy scan gives the lock up after XA_CHECK_SCHED entries",
     "fs/dax.c: dax_layout_busy_page_range(), cond_resched()",
     [](const Events& e) { return step_in(e, "dax_layout_busy_page", "cond_resched"); }},
    {"writeback-pauses", "writeback gives the lock up after XA_CHECK_SCHED entries",
     "fs/dax.c: dax_writeback_mapping_range(), cond_resched()",
     [](const Events& e) { return step_in(e, "dax_writeback_mapping_range", "cond_resched"); }},
    {"scan-zaps-entry", "a scan takes an entry's reference away",
     "drivers/dax/mapping.c, v3 of 2022-10-14: dax_zap_pages()",
     [](const Events& e) { return enters(e, "dax_layout_busy_page", "dax_zap_pages"); }},
};

}  // namespace

std::span<const Mark> marks() { return kMarks; }

std::optional<trace::Trace> load_trace(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const auto parsed = trace::parse(text, path);
  if (!parsed.has_value()) return std::nullopt;
  return parsed->trace;
}

std::expected<File, std::string> load_any(const std::string& path) {
  const auto seed = load_trace(path);
  if (!seed || !trace::headers(*seed, "expect").empty()) return load(path);
  File file;
  file.name = std::filesystem::path(path).stem().string();
  file.text = trace::print(*seed);
  file.trace = *seed;
  return file;
}

std::string broken_seed(const File& file) {
  exec::Options options;
  options.keep_events = true;
  const exec::Execution execution = exec::execute(file.trace.program, options);
  if (execution.failed()) return verdict(execution) + ", not PASS\n";
  const std::string_view name = trace::header(file.trace, "mark");
  if (name.empty()) return "";
  const Mark* named = mark(name);
  return named != nullptr && named->seen(execution.events) ? "" : "does not take its mark\n";
}

const Mark* mark(std::string_view name) {
  for (const Mark& row : kMarks)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace daxfuzz::corpus
