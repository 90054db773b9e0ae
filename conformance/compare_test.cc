// SPDX-License-Identifier: GPL-2.0-only
// What is a difference and what is none. Each field that is compared is changed once in a log
// that agrees, and must be the difference that is told.
#include "conformance/compare.h"

#include <functional>
#include <tuple>

#include "conformance/generate.h"
#include "conformance/table.h"
#include "conformance/testing.h"

namespace daxfuzz::conformance {
namespace {

using testing::event;
using testing::program_of;
using testing::renamed;
using testing::run;
using testing::sample;

struct Planted {
  const char* field;
  std::function<void(Log&)> change;
};

TEST(Compare, LogsThatDifferInBlocksAndAddressesAgree) {
  const Log model = sample();
  Log kernel = renamed(model);
  const auto elsewhere = [](PageState& page) {
    if (page.mapping > 8) page.mapping += 0xffff888000000000u;
  };
  const auto moved = [&elsewhere](Step& step) {
    for (auto& [at, entry] : step.entries) {
      elsewhere(entry.page);
      for (auto& [sub, page] : entry.subs) elsewhere(page);
    }
    for (auto& [pfn, page] : step.pages) elsewhere(page);
    for (auto& [number, file] : step.files) file.mapping += 0xffff888000000000u;
  };
  for (Step& step : kernel.steps) moved(step);
  moved(kernel.end);
  const Comparison same = compare(model, kernel);
  EXPECT_FALSE(same.difference.has_value())
      << same.difference->where << " " << same.difference->field << ": " << same.difference->model
      << " / " << same.difference->kernel;
  EXPECT_EQ(same.steps, model.steps.size());
  for (const char* field : {"result", "size", "nrpages", "marks", "refcount", "mapcount", "mapping",
                            "share", "order", "block", "level", "event", "event's fault"})
    EXPECT_GT(same.counts.at(field), 0u) << field;
}

TEST(Compare, ARandomRunAgreesWithItselfByAnotherAllocator) {
  const Scene scene = long_run(trace::ProtocolId::legacy);
  const Log model = testing::driven(scene, random_ops(scene, 500, 3)).log;
  EXPECT_FALSE(compare(model, renamed(model)).difference.has_value());
}

// A kernel tells of a file's blocks when they have changed.
TEST(Compare, BlocksThatChangeInTheModelOnlyAreTold) {
  Log model = sample();
  Log kernel = model;
  std::map<unsigned, std::vector<Extent>> last;
  for (Step& step : kernel.steps)
    std::erase_if(step.extents, [&](const auto& file) {
      const bool same = last.contains(file.first) && last[file.first] == file.second;
      last[file.first] = file.second;
      return same;
    });
  EXPECT_FALSE(compare(model, kernel).difference.has_value());
  ASSERT_FALSE(kernel.steps[9].extents.contains(0));
  model.steps[9].extents[0].push_back({.page = 100, .count = 1, .block = 7, .kind = "u"});
  const auto found = compare(model, kernel).difference.value_or(Difference{});
  EXPECT_EQ(found.field, "extent");
  EXPECT_EQ(found.step, 9u);
  kernel.steps[8].results[8] = {.kind = Result::Kind::blocked, .value = 0};
  model.steps[8].results[8] = kernel.steps[8].results[8];
  EXPECT_NE(compare(model, kernel).difference.value_or(Difference{}).field, "extent");
}

// The check of a kernel for hung tasks tells in other words that an op never ends.
TEST(Compare, AHungTaskIsNoDifferenceWhereTheModelHangsToo) {
  Log model = sample();
  Log kernel = model;
  kernel.end.warnings.push_back("BUG hung task of step 9");
  EXPECT_EQ(compare(model, kernel).difference.value_or(Difference{}).field, "warning");
  for (Log* log : {&model, &kernel})
    log->steps[9].results[9] = {.kind = Result::Kind::blocked, .value = 0};
  EXPECT_FALSE(compare(model, kernel).difference.has_value());
  kernel.end.warnings.push_back("BUG hung task of step 8");
  EXPECT_EQ(compare(model, kernel).difference.value_or(Difference{}).field, "warning");
}

TEST(Compare, EachFieldThatDiffersIsToldWithItsStep) {
  const Log model = sample();
  const std::vector<Planted> all = {
      {"result", [](Log& log) { log.steps[9].results[9].value++; }},
      {"returned", [](Log& log) { log.steps[9].results.clear(); }},
      {"warning",
       [](Log& log) { log.steps[9].warnings.push_back("WARN fs/dax.c:390 dax_insert_entry"); }},
      {"event", [](Log& log) { log.steps[9].events.pop_back(); }},
      {"event", [](Log& log) { std::swap(log.steps[9].events[0], log.steps[9].events[1]); }},
      {"event's entry",
       [](Log& log) { event(log.steps[9], "dax_insert_entry").fields["ret"] |= 2 << 1; }},
      {"event's fault",
       [](Log& log) { event(log.steps[9], "dax_pte_fault_done").fields["ret"] = 0x2; }},
      {"event's pgoff",
       [](Log& log) { event(log.steps[9], "dax_pte_fault_done").fields["pgoff"]++; }},
      {"block", [](Log& log) { event(log.steps[9], "dax_insert_entry").fields["ret"] += 32; }},
      {"size", [](Log& log) { log.steps[9].files[1].size += 4096; }},
      {"nrpages", [](Log& log) { log.steps[9].files[1].nrpages++; }},
      {"vmas", [](Log& log) { log.steps[9].files[1].vmas--; }},
      {"entry",
       [](Log& log) {
         log.steps[9].entries.erase({1, 0});
       }},
      {"kind",
       [](Log& log) {
         log.steps[9].entries[{1, 0}].kind = "zero";
       }},
      {"order",
       [](Log& log) {
         log.steps[9].entries[{1, 0}].order = 9;
       }},
      {"marks",
       [](Log& log) {
         log.steps[9].entries[{0, 0}].marks = "-";
       }},
      {"block",
       [](Log& log) {
         log.steps[9].entries[{1, 0}].pfn++;
       }},
      {"refcount",
       [](Log& log) {
         log.steps[9].entries[{1, 0}].page.ref++;
       }},
      {"mapcount",
       [](Log& log) {
         log.steps[9].entries[{1, 0}].page.map++;
       }},
      {"mapping",
       [](Log& log) {
         log.steps[9].entries[{1, 0}].page.mapping = log.steps[9].files[1].mapping;
       }},
      {"share",
       [](Log& log) {
         log.steps[9].entries[{1, 0}].page.share--;
       }},
      {"pincount",
       [](Log& log) {
         log.steps[9].entries[{0, 0}].pin++;
       }},
      {"page of a PMD that is not as its head",
       [](Log& log) {
         log.steps[9].entries[{0, 0}].subs.clear();
       }},
      {"pin", [](Log& log) { log.steps[9].pins.clear(); }},
      {"mapped",
       [](Log& log) {
         log.steps[9].ptes.erase({1, 0});
       }},
      {"level",
       [](Log& log) {
         log.steps[9].ptes[{0, 0}].pmd = false;
       }},
      {"writable",
       [](Log& log) {
         log.steps[9].ptes[{0, 0}].write = false;
       }},
      {"zero page",
       [](Log& log) {
         log.steps[9].ptes[{1, 0}].pfn = 0;
       }},
  };
  for (const Planted& planted : all) {
    Log kernel = renamed(model);
    planted.change(kernel);
    const Comparison found = compare(model, kernel);
    ASSERT_TRUE(found.difference.has_value()) << planted.field;
    EXPECT_EQ(found.difference->field, planted.field);
    EXPECT_EQ(found.difference->step, 9u) << planted.field;
    EXPECT_EQ(found.steps, 9u) << planted.field;
    EXPECT_NE(found.difference->model, found.difference->kernel) << planted.field;
  }
}

TEST(Compare, APageWithoutAnEntryThatOnlyOneSideHasIsADifference) {
  const Log model = sample();
  std::size_t step = 0;
  while (step < model.steps.size() && model.steps[step].pages.empty()) step++;
  ASSERT_LT(step, model.steps.size()) << "the sample has no such page";
  Log kernel = renamed(model), more = renamed(model);
  kernel.steps[step].pages.clear();
  more.steps[2].pages[0x41000] = {.ref = 2, .map = -1, .mapping = 0, .share = 0};
  for (const auto& [log, where] : {std::pair(kernel, step), std::pair(more, std::size_t{2})}) {
    const Comparison found = compare(model, log);
    ASSERT_TRUE(found.difference.has_value());
    EXPECT_EQ(found.difference->field, "not idle");
    EXPECT_EQ(found.difference->step, where);
  }
}

TEST(Compare, TwoPagesThatChangePlacesAreADifference) {
  const Driven driven =
      run(program_of("T0: write   a+0 len=2 0x11\nT0: mmap    a+0 len=2 -> m0\nT0: fault   m0+0 "
                     "read\nT0: fault   m0+1 read\nT0: fsync   a\n"));
  Log kernel = renamed(driven.log);
  std::swap(kernel.steps[4].entries[{0, 0}].pfn, kernel.steps[4].entries[{0, 1}].pfn);
  const Comparison found = compare(driven.log, kernel);
  ASSERT_TRUE(found.difference.has_value());
  EXPECT_EQ(found.difference->field, "block");
}

// Two copies of a private mapping's pages, pinned, which no page table has any more; a zero page.
Log copies() {
  return run(program_of("T0: truncate a 2\n"
                        "T0: mmap    a+0 len=2 private -> m0\n"
                        "T0: fault   m0+0 write 0x11\n"
                        "T0: fault   m0+1 write 0x22\n"
                        "T0: pin     m0+0 read pin fast -> p0\n"
                        "T0: pin     m0+1 read pin fast -> p1\n"
                        "T0: mmap    b+0 len=2 -> m1\n"
                        "T0: truncate b 2\n"
                        "T0: pin     m1+0 read pin slow -> p2\n"
                        "T0: munmap  m0\n"
                        "T0: unpin   p0\n"))
      .log;
}

TEST(Compare, PagesOfOrdinaryMemoryArePairedAsLongAsAPinHasThem) {
  const Log model = copies();
  ASSERT_EQ(model.steps.size(), 11u);
  ASSERT_EQ(model.steps[9].pins.size(), 3u);
  ASSERT_EQ(model.steps[9].ptes.size(), 1u);
  const Comparison same = compare(model, renamed(model));
  EXPECT_FALSE(same.difference.has_value()) << same.difference->where;
  Log changed = renamed(model), moved = renamed(model), no_zero = renamed(model);
  std::swap(changed.steps[9].pins.at(0), changed.steps[9].pins.at(1));
  std::swap(moved.steps[5].ptes.at({0, 0}).pfn, moved.steps[5].ptes.at({0, 4096}).pfn);
  no_zero.steps[8].pins.at(2) = 0x1234;
  for (const auto& [log, field, step] :
       {std::tuple(changed, "block", 9u), std::tuple(moved, "block", 5u),
        std::tuple(no_zero, "zero page", 8u)}) {
    const Comparison found = compare(model, log);
    ASSERT_TRUE(found.difference.has_value()) << field;
    EXPECT_EQ(found.difference->field, field);
    EXPECT_EQ(found.difference->step, step);
  }
}

TEST(Compare, AGuestThatDiesIsADifferenceInTheNumberOfSteps) {
  const Log model = sample();
  Log kernel = renamed(model);
  kernel.steps.resize(6);
  kernel.ended = kernel.done = false;
  const Comparison found = compare(model, kernel);
  ASSERT_TRUE(found.difference.has_value());
  EXPECT_EQ(found.difference->field, "steps");
  EXPECT_EQ(found.difference->step, 6u);
}

TEST(Compare, WhatIsLeftAfterTheLastPinIsComparedToo) {
  const Log model = sample();
  Log kernel = renamed(model);
  ASSERT_FALSE(kernel.end.files.empty());
  kernel.end.files[0].nrpages++;
  const Comparison found = compare(model, kernel);
  ASSERT_TRUE(found.difference.has_value());
  EXPECT_TRUE(found.difference->at_end);
}

TEST(Table, TheSummaryNamesWhatWasCompared) {
  EXPECT_EQ(summary(7, {{"fault", 2}, {"mmap", 5}}, {{"share", 1}, {"marks", 1}}),
            "compared in 7 steps that agree:\n  ops     mmap 5, fault 2\n"
            "  fields  marks 1, share 1\n");
  Counts many;
  for (char c = 'a'; c <= 'z'; c++) many[std::string(8, c)] = 100;
  const std::string text = summary(1, many, many);
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1)
    EXPECT_LE(end - at, 100u);
  EXPECT_NE(text.find("zzzzzzzz 100\n"), text.npos);
}

TEST(Log, PrintsAndParsesWhole) {
  const Log model = sample();
  const auto parsed = parse_log(print_log(model));
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(print_log(*parsed), print_log(model));
  EXPECT_TRUE(parsed->done);
  EXPECT_FALSE(compare(model, *parsed).difference.has_value());
  const auto zero = parse_log("daxconf-log 1\nstep 0\nG 3 zero\nG 4 0x1000\n");
  ASSERT_TRUE(zero.has_value()) << zero.error();
  EXPECT_EQ(zero->steps[0].pins, (std::map<unsigned, std::uint64_t>{{3, 0}, {4, 0x1000}}));
}

TEST(Log, SaysWhichLineIsNotOne) {
  EXPECT_EQ(parse_log("hello\n").error(), "line 1: expected 'daxconf-log 1', found 'hello'");
  EXPECT_EQ(parse_log("daxconf-log 1\nkernel x\nstep 1\n").error(),
            "line 3: expected 'step 0', found 'step 1'");
  EXPECT_EQ(parse_log("daxconf-log 1\nstep 0\nF 0 12 x 0x0 1\n").error(),
            "line 3: expected a line of a step, found 'F 0 12 x 0x0 1'");
  EXPECT_EQ(parse_log("daxconf-log 1\nstep 0\nR 0 great\n").error(),
            "line 3: expected a line of a step, found 'R 0 great'");
}

TEST(Log, ACutOneIsNotDone) {
  const std::string text = print_log(sample());
  const auto cut = parse_log(text.substr(0, text.size() / 2));
  ASSERT_TRUE(cut.has_value());
  EXPECT_FALSE(cut->done);
}

TEST(Sequence, APmdOfASmallWorldBecomesOneOfx86) {
  const auto parsed = trace::parse(
      "daxt 1\nprotocol    legacy\ngeometry    files=2 blocks=8 pmd_order=2 mms=1\nT0: alloc   a+0 "
      "len=8\nT0: mmap    a+2 len=4 at=2 -> m0\n"
      "T0: fault   m0+3 read\nT0: truncate a 5\nT0: reflink a+0 b+4 len=4\nschedule    replay\n",
      "test");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().str();
  const auto big = scaled(parsed->trace.program);
  ASSERT_TRUE(big.has_value()) << big.error();
  EXPECT_EQ(big->ops[0].len, 1024);
  EXPECT_EQ(trace::print(big->ops[1]), "mmap    a+2 len=512 at=2 -> m0");
  EXPECT_EQ(big->ops[2].page, 511);  // a+5 is the second page of its PMD: 513
  EXPECT_EQ(big->ops[3].len, 513);
  EXPECT_EQ(trace::print(big->ops[4]), "reflink a+0 b+512 len=512");
}

TEST(Sequence, TwoRangesThatScaleDifferentlyHaveWhatBothHave) {
  const auto parsed = trace::parse(
      "daxt 1\nprotocol    legacy\ngeometry    files=2 blocks=8 pmd_order=2 mms=1\nT0: reflink a+0 "
      "b+2 len=3\nschedule    replay\n",
      "test");
  ASSERT_TRUE(parsed.has_value());
  const auto big = scaled(parsed->trace.program);
  ASSERT_TRUE(big.has_value()) << big.error();
  EXPECT_EQ(trace::print(big->ops[0]), "reflink a+0 b+2 len=3");
}

}  // namespace
}  // namespace daxfuzz::conformance
