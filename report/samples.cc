// SPDX-License-Identifier: GPL-2.0-only
// The hand-made executions. See samples.h.
#include "report/samples.h"

#include <limits>

#include "sched/check.h"

namespace daxfuzz::report {
namespace {

using exec::PageState;
using sched::EventKind;
using sched::Label;
using sched::TaskId;

struct Script {
  exec::Execution run;
  PageState page;

  void add(std::uint64_t step, TaskId task, EventKind kind, Label what, std::int64_t a = 0,
           std::int64_t b = 0, std::int64_t c = 0) {
    run.events.push_back({step, task, kind, what, a, b, c});
    run.page_states.push_back(page);
    run.steps = step;
  }
};

trace::Trace parsed(std::string_view text) {
  auto result = trace::parse(text, "sample");
  CHECK(result.has_value());
  return result->trace;
}

// A fast pin meets a punch: the shape that most findings have.
Sample pinned() {
  Sample out{.name = "pinned",
             .trace = parsed("daxt 1\n"
                             "protocol v1\n"
                             "set share=none\n"
                             "geometry files=1 blocks=4 pmd_order=1 mms=1\n"
                             "T0: mmap a+0 len=1 mm=0 -> m0\n"
                             "T0: pin m0+0 write pin fast -> p0\n"
                             "T1: punch a+0 len=1\n"
                             "schedule T0*9 T1*8 T0*2\n"),
             .run = {}};
  Script s;
  s.add(1, 0, EventKind::op_begin, "mmap", 0);
  s.add(2, 0, EventKind::enter, "dax_mmap", 0, 1);
  s.add(2, 0, EventKind::step, "vma_link");
  s.add(3, 0, EventKind::leave, "dax_mmap", 0);
  s.add(3, 0, EventKind::op_end, "mmap", 0, 0);
  s.add(4, 0, EventKind::op_begin, "pin", 1);
  s.add(4, 0, EventKind::enter, "get_user_pages_fast", 0, 1);
  s.page = {.ref = 1, .map = 1, .pin = 0, .share = 0};
  s.add(6, 0, EventKind::note, "pte_value", 3);
  s.add(7, 0, EventKind::block, "i_pages");
  s.add(8, 1, EventKind::op_begin, "punch", 2);
  s.add(9, 1, EventKind::enter, "dax_layout_busy_page_range", 0, 1);
  s.add(9, 1, EventKind::enter, "dax_busy_page", 3);
  s.add(10, 1, EventKind::leave, "dax_busy_page", 0);
  s.add(10, 1, EventKind::leave, "dax_layout_busy_page_range", -1);
  s.add(11, 1, EventKind::enter, "unmap_mapping_pages", 0, 1);
  s.add(11, 1, EventKind::enter, "zap_pte_range", 3);
  s.page = {.ref = 0, .map = 0, .pin = 0, .share = 0};
  s.add(12, 1, EventKind::step, "page_remove_rmap");
  s.add(13, 1, EventKind::leave, "zap_pte_range", 0);
  s.add(13, 1, EventKind::leave, "unmap_mapping_pages", 0);
  s.add(14, 1, EventKind::wake, "i_pages", 0);
  s.add(15, 1, EventKind::op_end, "punch", 2, -11);
  s.page.ref = 1024;
  s.page.pin = 1;
  s.add(17, 0, EventKind::enter, "try_grab_folio", 3);
  out.run = std::move(s.run);
  out.run.verdict = exec::Verdict::invariant;
  out.run.finding = {
      .id = "freed-folio-pinned",
      .function = "try_grab_folio",
      .rule = "A pin implies that the block under it still has an owner.",
      .citation =
          "mm/gup.c, gup_fast_pte_range(): the PTE is read again after the reference was taken",
      .value = "page frame 3: reference count 1 -> 1024 at step 17, owner of block 3: none",
      .waits = {},
      .pfn = 3,
      .step = 17,
      .task = 0};
  out.run.digest = 0x5f1c9a02;
  out.run.segments = {{0, 9, ""}, {1, 8, "i_pages"}, {0, 2, "wake"}};
  out.run.results = {0, std::numeric_limits<std::int64_t>::min(), -11};
  return out;
}

// Four threads and the exit of the process: the widest table.
Sample five() {
  Sample out{.name = "five",
             .trace = parsed("daxt 1\n"
                             "protocol upstream\n"
                             "geometry files=2 blocks=8 pmd_order=1 mms=1\n"
                             "T0: mmap a+0 len=8 mm=0 -> m0\n"
                             "T1: reflink a+0 b+1 len=2\n"
                             "T2: write a+0 len=8 0x5a\n"
                             "T3: fsync b\n"
                             "schedule random seed=1\n"),
             .run = {}};
  Script s;
  s.add(1, sched::kNoTask, EventKind::note, "world", 8, 2);
  for (TaskId t = 0; t < 4; ++t) {
    const Label ops[] = {"mmap", "reflink", "write", "fsync"};
    s.add(2u + t, t, EventKind::op_begin, ops[t], t);
    s.add(2u + t, t, EventKind::enter, "a_function_with_a_name_of_32_byte", 123456789, -2, t);
    if (t % 2 == 1) s.page.share = t;
    s.add(3u + t, t, EventKind::leave, "a_function_with_a_name_of_32_byte", 0);
    s.add(3u + t, t, EventKind::op_end, ops[t], t, t == 3 ? -5 : 0);
  }
  s.page = {.ref = -123456, .map = 1, .pin = 0, .share = 3};
  s.add(123456, 4, EventKind::enter, "unpin_user_page", 5);
  out.run = std::move(s.run);
  out.run.verdict = exec::Verdict::warn;
  out.run.finding = {.id = "folio-ref-underflow",
                     .function = "unpin_user_page",
                     .rule = "A reference that is put was taken.",
                     .citation = "include/linux/mm.h, folio_put()",
                     .value = "count -123456",
                     .waits = {},
                     .pfn = 5,
                     .step = 123456,
                     .task = 4};
  out.run.results = {0, 0, 0, -5};
  return out;
}

Sample deadlock() {
  Sample out{.name = "deadlock",
             .trace = parsed("daxt 1\n"
                             "protocol legacy\n"
                             "geometry files=1 blocks=2 pmd_order=1 mms=1\n"
                             "T0: truncate a 0\n"
                             "T1: fsync a\n"
                             "schedule random seed=7\n"),
             .run = {}};
  Script s;
  s.add(1, 0, EventKind::op_begin, "truncate", 0);
  s.add(2, 1, EventKind::op_begin, "fsync", 1);
  s.add(3, 0, EventKind::block, "dax_entry");
  s.add(4, 1, EventKind::block, "i_rwsem");
  out.run = std::move(s.run);
  out.run.page_states.clear();  // about no page
  out.run.verdict = exec::Verdict::deadlock;
  out.run.finding = {
      .id = "deadlock",
      .function = "dax_lock_entry",
      .rule = "Tasks do not wait for each other in a circle.",
      .citation = "fs/dax.c, get_next_unlocked_entry()",
      .value = "2 tasks wait",
      .waits = "T0 waits for dax_entry 0, held by T1\nT1 waits for i_rwsem 0, held by T0\n",
      .pfn = -1,
      .step = 4,
      .task = 0};
  out.run.results.assign(2, std::numeric_limits<std::int64_t>::min());
  return out;
}

// Strings that came from a stranger: control bytes, quotes, words without end.
Sample hostile() {
  Sample out = deadlock();
  out.name = "hostile";
  out.run.verdict = exec::Verdict::invariant;
  out.run.finding.value =
      "\x1b[31mred\x1b[0m \"quoted\\\" \xff\x80 tab\there " + std::string(200, 'w');
  out.run.finding.rule = std::string(90, 'r') + "\n\n" + std::string(90, 's');
  out.run.finding.waits = std::string(300, 'x') + "\n\nlast";
  out.run.diverged = true;
  out.run.divergence = "line one\nline two\x7f";
  return out;
}

Sample pass() {
  Sample out = pinned();
  out.name = "pass";
  out.run.verdict = exec::Verdict::pass;
  out.run.finding = {};
  return out;
}

}  // namespace

std::vector<Sample> samples() { return {pinned(), five(), deadlock(), hostile(), pass()}; }

}  // namespace daxfuzz::report
