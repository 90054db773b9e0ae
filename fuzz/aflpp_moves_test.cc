// SPDX-License-Identifier: GPL-2.0-only
// Change points and trimming: what they make is valid, they get everywhere they should, and a
// trimming ends with what an engine wants to keep and nothing beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>

#include "exec/execute.h"
#include "fuzz/change_points.h"
#include "fuzz/draw.h"
#include "fuzz/trim.h"
#include "trace/bytes.h"

// Of aflpp_mutator.cc, as AFL++ calls it.
extern "C" void* afl_custom_init(void* afl, unsigned seed);
extern "C" void afl_custom_deinit(void* mutator);
extern "C" std::size_t afl_custom_post_process(void* data, std::uint8_t* bytes, std::size_t size, std::uint8_t** out);

namespace daxfuzz::fuzz {
namespace {

using trace::OpCode;
using trace::Program;
using trace::Segment;

trace::Schedule schedule_of(std::vector<Segment> segments) {
  trace::Schedule schedule;
  schedule.strategy = trace::Strategy::replay;
  schedule.segments = std::move(segments);
  return schedule;
}

std::size_t steps(const trace::Schedule& schedule, std::uint8_t thread) {
  std::size_t sum = 0;
  for (const Segment& segment : schedule.segments) sum += segment.thread == thread ? segment.steps : 0;
  return sum;
}

TEST(ChangePoints, KeepASchedulesForm) {
  Random random(1);
  std::map<ChangePoint, int> changed;
  trace::Schedule schedule = schedule_of({{0, 9, ""}, {1, 20, ""}, {0, 5, ""}, {2, 3, ""}});
  for (int i = 0; i < 3000; i++) {
    const auto kind = random.number_below<ChangePoint>(kChangePoints);
    const trace::Schedule before = schedule;
    if (!change(schedule, 3, kind, random)) {
      EXPECT_EQ(schedule, before);
      continue;
    }
    changed[kind]++;
    EXPECT_NE(schedule, before);
    ASSERT_FALSE(schedule.segments.empty());
    for (std::size_t s = 0; s < schedule.segments.size(); s++) {
      EXPECT_GE(schedule.segments[s].steps, 1);
      EXPECT_LT(schedule.segments[s].thread, 3);
      // Two neighbours of one thread would be no change point.
      if (s > 0) EXPECT_NE(schedule.segments[s].thread, schedule.segments[s - 1].thread);
    }
    if (schedule.segments.size() > 40) schedule = schedule_of({{0, 9, ""}, {1, 20, ""}, {0, 5, ""}});
  }
  for (std::size_t kind = 0; kind < kChangePoints; kind++) EXPECT_GT(changed[static_cast<ChangePoint>(kind)], 100);
}

TEST(ChangePoints, AddLetsAnotherThreadInAndTakesNoStepAway) {
  Random random(2);
  for (int i = 0; i < 200; i++) {
    trace::Schedule schedule = schedule_of({{0, 30, ""}});
    ASSERT_TRUE(change(schedule, 2, ChangePoint::add, random));
    EXPECT_EQ(schedule.segments.size(), 3u);
    EXPECT_EQ(schedule.segments[1].thread, 1);
    EXPECT_EQ(steps(schedule, 0), 30u);
  }
}

TEST(ChangePoints, MoveKeepsTheStepsOfAThreadThatGoesOnLater) {
  Random random(3);
  int moved = 0;
  for (int i = 0; i < 200; i++) {
    trace::Schedule schedule = schedule_of({{0, 40, ""}, {1, 40, ""}, {0, 40, ""}, {1, 40, ""}});
    if (!change(schedule, 2, ChangePoint::move, random)) continue;
    const bool inside = steps(schedule, 0) == 80 && steps(schedule, 1) == 80;
    moved += inside;
    EXPECT_TRUE(inside || schedule.segments[2].steps != 40 || schedule.segments[3].steps != 40);
  }
  EXPECT_GT(moved, 50);
}

TEST(ChangePoints, ARandomScheduleIsWrittenOutAndRunsAsBefore) {
  Random random(4);
  int written = 0;
  for (int i = 0; i < 50; i++) {
    const Program program = drawn({.protocol = {}, .threads = 2, .ops = 12}, random);
    const Program explicit_one = explicit_schedule(program);
    EXPECT_TRUE(trace::valid(explicit_one));
    EXPECT_EQ(exec::execute(explicit_one).digest, exec::execute(program).digest);
    written += explicit_one.schedule.strategy == trace::Strategy::replay;
  }
  EXPECT_GT(written, 30);
}

// Trims as an engine does that wants to keep what `wanted` says; counts what it tried.
Program trimmed(Program program, const std::function<bool(const Program&)>& wanted, int& tried) {
  Trim trim(std::move(program));
  std::size_t size = trace::encode(trim.program()).size();
  while (const auto next = trim.next()) {
    tried++;
    EXPECT_TRUE(trace::valid(*next));
    EXPECT_LT(trace::encode(*next).size(), size);
    const bool keep = wanted(*next);
    trim.tell(keep);
    if (keep) size = trace::encode(*next).size();
  }
  return trim.program();
}

TEST(TrimmedProgram, KeepsWhatIsWantedAndNothingElse) {
  Random random(5);
  for (int i = 0; i < 100; i++) {
    Program program = drawn({.protocol = {}, .threads = 1, .ops = 40}, random);
    program.settings = {{.id = trace::SwitchId::scan_wait, .value = 1},
                        {.id = trace::SwitchId::break_deletes, .value = 0}};
    program.schedule = schedule_of({{0, 9, ""}, {1, 20, ""}, {0, 5, ""}, {2, 3, ""}, {1, 1, ""}});
    const trace::Op first = program.ops[7], second = program.ops[31];
    int tried = 0;
    const Program out = trimmed(
        program,
        [&](const Program& p) {
          const auto at = std::ranges::find(p.ops, first);
          return at != p.ops.end() && std::find(at + 1, p.ops.end(), second) != p.ops.end() && !p.settings.empty() &&
                 p.settings.back().id == trace::SwitchId::break_deletes && p.schedule.segments.size() >= 2;
        },
        tried);
    EXPECT_EQ(out.ops.size(), 2u);
    EXPECT_EQ(out.settings.size(), 1u);
    EXPECT_EQ(out.schedule.segments.size(), 2u);
    EXPECT_LT(tried, 200);
  }
}

TEST(TrimmedProgram, EndsWhetherAllOrNothingIsKept) {
  Random random(6);
  const Program program = drawn({.protocol = {}, .threads = 2, .ops = 20}, random);
  int tried = 0;
  EXPECT_TRUE(trimmed(program, [](const Program&) { return true; }, tried).ops.empty());
  EXPECT_EQ(trimmed(program, [](const Program&) { return false; }, tried), program);
  EXPECT_EQ(trimmed({}, [](const Program&) { return true; }, tried), Program{});
}

// AFL++ 4.04c calls munmap(2) of what it was given after an import: it segfaulted when that was a page of the heap.
TEST(AflppMutator, GivesNothingAtTheStartOfAPage) {
  Random random(7);
  std::vector<std::uint8_t> bytes = trace::encode(drawn({.protocol = {}, .threads = 2, .ops = 9}, random));
  std::vector<void*> mutators;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    mutators.push_back(afl_custom_init(nullptr, seed));
    std::uint8_t* out = nullptr;
    const std::size_t size = afl_custom_post_process(mutators.back(), bytes.data(), bytes.size(), &out);
    ASSERT_EQ(std::vector<std::uint8_t>(out, out + size), bytes);
    // It keeps as many bytes as the file has that it imported, however few were given back.
    std::vector<std::uint8_t> longer = bytes;
    longer.resize(bytes.size() + 300, 0xff);
    std::uint8_t* more = nullptr;
    const std::size_t kept = afl_custom_post_process(mutators.back(), longer.data(), longer.size(), &more);
    ASSERT_LT(kept, longer.size());
    ASSERT_TRUE(std::all_of(more + kept, more + longer.size(), [](std::uint8_t b) { return b == 0; }));
    out = more;
    ASSERT_NE(reinterpret_cast<std::uintptr_t>(out) % 4096, 0u) << "mutator " << seed;
  }
  for (void* mutator : mutators) afl_custom_deinit(mutator);
}

}  // namespace
}  // namespace daxfuzz::fuzz
