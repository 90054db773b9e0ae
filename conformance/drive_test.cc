// SPDX-License-Identifier: GPL-2.0-only
// The forced order: what is blocked and when it ends, what is left out and why, the lines that
// a guest is given.
#include "conformance/drive.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "conformance/generate.h"
#include "conformance/script.h"
#include "conformance/testing.h"
#include "conformance/watch.h"

namespace daxfuzz::conformance {
namespace {

using testing::program_of;
using testing::run;

constexpr const char* kPinned =
    "T0: write   a+0 len=2 0x11\n"
    "T0: mmap    a+0 len=2 -> m0\n"
    "T0: fault   m0+0 write 0x22\n"
    "T0: pin     m0+0 read get fast -> p0\n"
    "T1: truncate a 0\n"
    "T0: fault   m0+1 read\n"
    "T0: unpin   p0\n"
    "T1: read    a+0 len=1\n";

TEST(Drive, ATruncateWaitsForAPinUntilItsStep) {
  const Driven driven = run(program_of(kPinned));
  ASSERT_EQ(driven.log.steps.size(), 8u);
  EXPECT_TRUE(driven.log.done);
  EXPECT_EQ(driven.stopped, "");
  EXPECT_EQ(driven.log.steps[4].results.at(4).kind, Result::Kind::blocked);
  EXPECT_EQ(driven.log.steps[4].files.at(0).size, 8192u);
  EXPECT_EQ(driven.log.steps[4].pins.size(), 1u);
  EXPECT_EQ(driven.log.steps[5].results.count(4), 0u);
  EXPECT_EQ(driven.log.steps[6].results.at(4).str(), "ok 0");
  EXPECT_EQ(driven.log.steps[6].files.at(0).size, 0u);
  EXPECT_TRUE(driven.log.steps[6].entries.empty());
}

TEST(Drive, WhatStillWaitsAtTheEndIsFreedByDroppingThePins) {
  const std::string all(kPinned);
  const Driven driven = run(program_of(all.substr(0, all.find("T0: unpin"))));
  EXPECT_EQ(driven.log.steps.back().results.count(4), 0u);
  EXPECT_EQ(driven.log.end.results.at(4).str(), "ok 0");
  EXPECT_EQ(driven.log.end.files.at(0).size, 0u);
}

TEST(Drive, ReadsAreValuesAndFaultsBeyondTheEndSignals) {
  const Driven driven =
      run(program_of("T0: write   a+0 len=1 0x11\nT0: mmap    a+0 len=2 -> m0\nT0: fault   m0+0 "
                     "read\nT0: fault   m0+1 write 0x01\nT0: read    a+0 len=1\n"));
  EXPECT_EQ(driven.log.steps[2].results.at(2).str(), "ok 17");
  EXPECT_EQ(driven.log.steps[3].results.at(3).kind, Result::Kind::sig);
  EXPECT_EQ(driven.log.steps[4].results.at(4).str(), "ok 17");
}

TEST(Drive, AnEntryIsToldInTheKernelsTerms) {
  const Driven driven =
      run(program_of("T0: alloc   a+0 len=512\nT0: mmap    a+0 len=512 -> m0\nT0: fault   m0+3 "
                     "write 0x5a\nT0: pin     m0+7 read pin fast -> p0\n"));
  const Step& step = driven.log.steps.back();
  const Entry& entry = step.entries.at({0, 0});
  EXPECT_EQ(entry.kind, "pmd");
  EXPECT_EQ(entry.order, 9u);
  EXPECT_EQ(entry.marks, "D");
  EXPECT_EQ(entry.page,
            (PageState{.ref = 1, .map = -1, .mapping = step.files.at(0).mapping, .share = 0}));
  ASSERT_EQ(entry.subs.size(), 1u);
  EXPECT_EQ(entry.subs.at(7).ref, 1025);
  EXPECT_EQ(step.ptes.at({0, 0}).pmd, true);
  EXPECT_EQ(step.files.at(0).size, 512u * 4096);
  EXPECT_EQ(step.files.at(0).vmas, 1u);
}

std::string events_of(const Step& step) {
  std::string text;
  for (const Event& event : step.events) {
    text += std::to_string(event.step) + " " + event.name;
    for (const auto& [key, value] : event.fields) text += " " + key + "=" + std::to_string(value);
    text += "\n";
  }
  return text;
}

// In the order and in the words of module/events.def: a function when it is entered, with the
// entry that it returns as the kernel encodes it, a tracepoint when it is reached.
TEST(Drive, EventsAreToldAsAGuestTellsThem) {
  const Driven driven = run(program_of(
      "T0: truncate a 4\nT0: mmap    a+0 len=4 -> m0\nT0: fault   m0+1 read\n"
      "T0: fault   m0+1 write 0x11\nT0: fsync   a\nT0: pin     m0+1 read get fast -> p0\n"
      "T1: truncate a 0\nT0: unpin   p0\n"));
  EXPECT_EQ(events_of(driven.log.steps[2]),
            "2 dax_pmd_fault_done pgoff=1 ret=2048\n2 dax_insert_entry ret=" +
                std::to_string((1u << 4 | 4) << 1 | 1) +
                "\n2 dax_load_hole pgoff=1 ret=256\n2 dax_pte_fault_done pgoff=1 ret=256\n");
  const std::uint64_t pfn = driven.log.steps[3].entries.at({0, 1}).pfn;
  EXPECT_EQ(events_of(driven.log.steps[3]),
            "3 dax_insert_entry ret=" + std::to_string(pfn << 5 | 1) +
                "\n3 dax_pte_fault_done pgoff=1 ret=256\n");
  EXPECT_EQ(events_of(driven.log.steps[4]), 
            "4 dax_writeback_range first=0 last=" + std::to_string(UINT64_MAX) +
                "\n4 dax_writeback_one pgoff=1\n");
  EXPECT_EQ(events_of(driven.log.steps[6]),
            "6 dax_layout_busy_page_range ret=" + std::to_string(pfn) + "\n");
  EXPECT_EQ(events_of(driven.log.steps[7]),
            "6 dax_layout_busy_page_range ret=0\n6 __dax_invalidate_entry index=1 ret=1 trunc=1\n"
            "6 dax_disassociate_entry entry=" +
                std::to_string(pfn << 5 | 1) + " trunc=1\n");
}

// A hole of a PMD's size; a range; a MAP_SYNC store that is mapped once the journal is written.
TEST(Drive, PointsWithinAFaultAreTold) {
  const Driven driven = run(program_of(
      "T0: truncate a 1024\nT0: mmap    a+0 len=512 -> m0\nT0: fault   m0+3 read\n"
      "T0: mmap    a+512 len=8 sync -> m1\nT0: fault   m1+3 write 0x11\nT0: msync   m1+2 len=4\n"));
  const auto told = [&driven](std::size_t step) { return events_of(driven.log.steps[step]); };
  EXPECT_TRUE(told(2).ends_with("2 dax_pmd_load_hole pgoff=0\n2 dax_pmd_fault_done pgoff=3 ret=256\n"))
      << told(2);
  EXPECT_TRUE(told(4).ends_with("4 dax_pte_fault_done pgoff=515 ret=8192\n"
                                "4 dax_insert_pfn_mkwrite pgoff=515 ret=256\n"))
      << told(4);
  EXPECT_EQ(told(5), "5 dax_writeback_range first=514 last=517\n5 dax_writeback_one pgoff=515\n");
}

// What no op of a script brings about, as the model would tell it.
TEST(Drive, PointsThatNoScriptReachesAreTold) {
  using sched::EventKind;
  const auto enter = [](sched::Label name) {
    return sched::Event{.task = 0, .kind = EventKind::enter, .what = name, .a = 0, .b = 512};
  };
  const auto leave = [](sched::Label name, std::int64_t ret) {
    return sched::Event{.task = 0, .kind = EventKind::leave, .what = name, .a = ret};
  };
  Watch watch;
  const kernel::World world(kernel::protocol_value(trace::ProtocolId::legacy, {}), {}, watch);
  const std::vector<sched::Event> events = {
      enter("dax_pmd_load_hole"),      leave("dax_pmd_load_hole", kernel::VM_FAULT_FALLBACK),
      enter("dax_insert_pfn_mkwrite"), leave("dax_insert_pfn_mkwrite", kernel::VM_FAULT_NOPAGE)};
  const std::int64_t step = 7;
  Step out;
  out.events = conformance::events_of(world, events, std::span(&step, 1));
  EXPECT_EQ(events_of(out), "7 dax_pmd_load_hole_fallback pgoff=512\n"
                            "7 dax_insert_pfn_mkwrite_no_entry pgoff=512 ret=256\n");
}

// 6.1 asks a PMD that is dirty, and stays, at each of its pages; a truncation there takes a PMD that
// it cuts first, not last; and a store to a PMD of a private mapping asks for a PMD in vain.
TEST(Drive, EventsOfLinux61AreNotThoseOf612) {
  for (const auto& [protocol, asked, first, fault] :
       {std::tuple("legacy60", 512u, 510u, "dax_pmd_fault_done"),
        std::tuple("legacy", 1u, 512u, "dax_pte_fault_done")}) {
    const Driven driven = run(program_of(
        "T0: alloc   a+0 len=513\nT0: mmap    a+0 len=513 -> m0\nT0: fault   m0+0 write 0x11\n"
        "T0: fault   m0+512 write 0x22\nT0: invalidate a+0 len=512\nT0: fsync   a\n"
        "T0: truncate a 510\nT0: alloc   b+0 len=512\nT0: mmap    b+0 len=512 private -> m1\n"
        "T0: fault   m1+0 read\nT0: fault   m1+0 write 0x33\n",
        protocol));
    EXPECT_EQ(driven.log.steps[4].events.size(), asked) << protocol;
    const auto& events = driven.log.steps[6].events;
    const auto at = std::ranges::find(events, "__dax_invalidate_entry", &Event::name);
    ASSERT_NE(at, events.end());
    EXPECT_EQ(at->fields.at("index"), first) << protocol;
    ASSERT_TRUE(driven.log.steps[9].ptes.at({1, 0}).pmd);
    EXPECT_EQ(driven.log.steps[10].events.at(0).name, fault) << protocol;
  }
}

// The guest writes the journal after each op, so a MAP_SYNC fault is told to do so only for what
// it has changed itself.
TEST(Drive, AMapSyncFaultWritesTheJournalForItsOwnBlocksOnly) {
  const Driven driven = run(program_of(
      "T0: write   a+0 len=2 0x11\nT0: mmap    a+0 len=4 sync -> m0\nT0: truncate a 4\n"
      "T0: fault   m0+0 write 0x22\nT0: fault   m0+3 write 0x33\n"));
  EXPECT_EQ(driven.log.steps[3].events.back().fields.at("ret"), 0x100u);
  const auto& own = driven.log.steps[4].events;
  EXPECT_NE(std::ranges::find_if(own, [](const Event& event) {
              return event.name == "dax_pte_fault_done" && event.fields.at("ret") == 0x2000;
            }),
            own.end());
}

TEST(Drive, TheScriptHasALineAnOpInBytes) {
  const Driven driven =
      run(program_of("T0: write   a+1 len=2 inner 0x11\nT0: mmap    b+2 len=4 private at=3 mm=1 -> "
                     "m5\nT1: fault   m5+1 write 0x02\n"
                     "T0: pin     m5+0 write longterm slow -> p7\nT0: truncate b 3 early\nT0: "
                     "reflink a+0 b+1 len=2\nT0: madvise m5+2 len=9\nT0: drop_caches a\n"));
  EXPECT_EQ(driven.script,
            "daxconf-script 1\nfiles 2\nmms 2\nthreads 2\n"
            "op 0 0 0 write 0 6144 4096 17\n"
            "op 1 0 1 mmap 1 8192 16384 private 12288 5\n"
            "op 2 1 1 fault 5 4096 write 2\n"
            "op 3 0 1 pin 5 0 write longterm slow 7\n"
            "op 4 0 0 truncate 1 10240\n"
            "op 5 0 0 reflink 0 0 1 4096 8192\n"
            "op 6 0 1 madvise 5 8192 8192\n"
            "op 7 0 0 drop_caches\n"
            "end\n");
}

TEST(Drive, OpsThatDoNothingOrThatNoGuestCanDoAreLeftOutByName) {
  const Driven driven =
      run(program_of("T0: munmap  m0\nT0: unpin   p3\nT0: crash\nT0: fsync   a\nT0: fault   m1+0 "
                     "read fail_nth=2\nT0: evict   a\n"));
  EXPECT_EQ(driven.ops.size(), 1u);
  ASSERT_EQ(driven.left_out.size(), 5u);
  EXPECT_EQ(driven.left_out[0], "munmap: there is nothing for it to do");
  EXPECT_EQ(driven.left_out[2], "crash: the guest has no medium that outlives it");
  EXPECT_TRUE(driven.left_out[3].starts_with("fail_nth, fail_from: "));
}

TEST(Drive, EachOpIsRefusedOrHasALine) {
  const Driven driven = run(program_of("T0: mmap    a+0 len=8 -> m0\n"));
  EXPECT_EQ(driven.ops.size(), 1u);
  std::size_t refused = 0;
  for (std::size_t code = 0; code < trace::op_count(); code++) {
    const trace::Op op{.code = static_cast<trace::OpCode>(code)};
    const auto why = refusal(op);
    if (why.has_value())
      EXPECT_TRUE(why->starts_with(std::string(trace::info(op.code).name) + ": ")) << *why;
    refused += why.has_value() ? 1 : 0;
  }
  EXPECT_EQ(refused, 5u);
}

TEST(Generate, IsAFunctionOfItsSeed) {
  const Scene scene = long_run(trace::ProtocolId::legacy);
  const Driven one = testing::driven(scene, random_ops(scene, 300, 7)),
               same = testing::driven(scene, random_ops(scene, 300, 7));
  EXPECT_EQ(one.script, same.script);
  EXPECT_EQ(print_log(one.log), print_log(same.log));
  EXPECT_NE(one.script, testing::driven(scene, random_ops(scene, 300, 8)).script);
}

TEST(Generate, LongRunsHaveWhatTheyAreFor) {
  const Scene scene = long_run(trace::ProtocolId::legacy);
  const Driven driven = testing::driven(scene, random_ops(scene, 1000, 1));
  EXPECT_EQ(driven.ops.size(), 1000u);
  EXPECT_TRUE(driven.left_out.empty());
  std::size_t blocked = 0, signals = 0;
  std::map<std::string, std::size_t> kinds;
  for (const Step& step : driven.log.steps) {
    for (const auto& [number, result] : step.results) {
      blocked += result.kind == Result::Kind::blocked ? 1 : 0;
      signals += result.kind == Result::Kind::sig ? 1 : 0;
    }
    for (const auto& [at, entry] : step.entries) kinds[entry.kind]++;
  }
  EXPECT_GT(blocked, 5u);
  EXPECT_GT(signals, 5u);
  for (const char* kind : {"pte", "pmd", "zero", "pmdzero"}) EXPECT_GT(kinds[kind], 0u) << kind;
  std::map<trace::OpCode, std::size_t> codes;
  for (const trace::Op& op : driven.ops) codes[op.code]++;
  codes[trace::OpCode::mkwrite] = codes[trace::OpCode::fault];  // what it is called as
  for (std::size_t code = 0; code < trace::op_count(); code++)
    if (!refusal({.code = static_cast<trace::OpCode>(code)}).has_value())
      EXPECT_GT(codes[static_cast<trace::OpCode>(code)], 0u)
          << trace::info(static_cast<trace::OpCode>(code)).name;
}

}  // namespace
}  // namespace daxfuzz::conformance
