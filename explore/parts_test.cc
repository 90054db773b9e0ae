// SPDX-License-Identifier: GPL-2.0-only
// A search in parts has the outcomes of a search in one, on 20 drawn programs; a part that is
// missing, cut or dead is noticed. Processes for parts: what they say, how they end.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <set>

#include "explore/arena.h"
#include "explore/jobs.h"
#include "explore/parts.h"
#include "explore/program.h"
#include "fuzz/draw.h"

namespace daxfuzz::explore {
namespace {

constexpr int kPrograms = 20;
constexpr std::size_t kParts = 8;

std::set<std::string> keys(const Report& report) {
  std::set<std::string> all;
  for (const auto& [key, found] : report.outcomes) all.insert(key);
  return all;
}

// One part after the other, so many of them at most.
Report in_parts(const trace::Program& program, ProgramLimits limits, std::size_t most = SIZE_MAX) {
  Report all;
  for (const Decisions& first : split(program, limits, kParts)) {
    if (most-- == 0) break;
    limits.first = first;
    merge(all, explore(program, limits));
  }
  return all;
}

TEST(Parts, HaveTheOutcomesOfOneSearch) {
  ASSERT_TRUE(arena_available());
  fuzz::Random random(5);
  int compared = 0, missed = 0, several = 0;
  while (compared < kPrograms) {
    trace::Program program = fuzz::drawn({.protocol = {}, .threads = 3, .ops = 8, .focused = false}, random);
    program.ops.resize(4 + random.below(5));
    program = trace::clamped(program);
    if (program.threads() < 2) continue;
    ProgramLimits limits;
    if (compared % 4 == 3) limits.preemptions = 2;
    limits.executions = 5'000;
    const Report one = explore(program, limits);
    if (!one.complete() || one.executions < 50) continue;
    SCOPED_TRACE(compared);
    const Report parts = in_parts(program, limits);
    ASSERT_TRUE(parts.complete());
    ASSERT_EQ(keys(parts), keys(one));
    EXPECT_EQ(parts.steps_longest, one.steps_longest);
    several += one.outcomes.size() > 1 ? 1 : 0;
    missed += keys(in_parts(program, limits, 1)) != keys(one) ? 1 : 0;
    compared++;
  }
  EXPECT_GT(several, kPrograms / 4);
  EXPECT_GT(missed, 0) << "the first part has all outcomes, so the others prove nothing";
}

TEST(Parts, AreTheSameEachTimeAndDifferent) {
  fuzz::Random random(9);
  for (int i = 0; i < 5; i++) {
    const trace::Program program = fuzz::drawn({.protocol = {}, .threads = 3, .ops = 12, .focused = false}, random);
    const std::vector<Decisions> firsts = split(program, {}, kParts);
    EXPECT_EQ(firsts, split(program, {}, kParts));
    EXPECT_EQ(std::set<Decisions>(firsts.begin(), firsts.end()).size(), firsts.size());
  }
}

TEST(Parts, OneThatIsCutIsNotComplete) {
  Report whole, cut;
  whole.outcomes["pass |"].executions = 2;
  cut.outcomes["pass |"].executions = 3;
  cut.cut = Cut::executions;
  Report all;
  merge(all, whole);
  EXPECT_TRUE(all.complete());
  merge(all, cut);
  merge(all, whole);
  EXPECT_EQ(all.cut, Cut::executions);
  EXPECT_EQ(all.outcomes["pass |"].executions, 7u);
  Report lost;
  lost.cut = Cut::lost;
  merge(all, lost);
  merge(all, cut);
  EXPECT_EQ(all.cut, Cut::lost);
}

TEST(Reports, ComeBackFromTheirText) {
  Report report;
  report.cut = Cut::steps;
  report.executions = 7;
  report.steps_longest = 9;
  report.outcomes["pass | 0 -"] = {.failed = false, .executions = 3, .decisions = {}};
  report.outcomes["a in b | 4096"] = {.failed = true, .executions = 4, .decisions = {0, 1, 0}};
  const auto back = parse_report(text(report));
  ASSERT_TRUE(back.has_value()) << back.error();
  EXPECT_EQ(text(*back), text(report));
  EXPECT_EQ(back->outcomes.at("a in b | 4096").decisions, (Decisions{0, 1, 0}));
  const std::string whole = text(report);
  for (std::size_t size = 0; size < whole.size(); size++)
    EXPECT_FALSE(parse_report(whole.substr(0, size)).has_value()) << size;
  EXPECT_FALSE(parse_report(whole + "x\n").has_value());
}

std::vector<std::string> ended(std::size_t count, std::size_t at_once, const Jobs::Work& work,
                               std::size_t drops = SIZE_MAX) {
  std::vector<std::string> all(count, "none");
  Jobs* self = nullptr;
  Jobs jobs(work, [&](std::size_t piece, const std::optional<std::string>& text) {
    all[piece] = text.value_or("died");
    if (piece == drops)
      for (std::size_t other = piece + 1; other < count; other++) self->drop(other);
  });
  self = &jobs;
  EXPECT_TRUE(jobs.run(count, at_once));
  return all;
}

TEST(Processes, SayWhatTheyCameTo) {
  const auto all = ended(20, 3, [](std::size_t piece) { return std::string(piece * 20'000, 'x'); });
  for (std::size_t i = 0; i < all.size(); i++) EXPECT_EQ(all[i].size(), i * 20'000);
}

TEST(Processes, OneThatIsKilledIsNoticed) {
  const auto all = ended(5, 2, [](std::size_t piece) {
    if (piece == 3) raise(SIGKILL);
    return std::to_string(piece);
  });
  EXPECT_EQ(all, (std::vector<std::string>{"0", "1", "2", "died", "4"}));
}

TEST(Processes, WhatIsDroppedIsNotToldOf) {
  const auto all = ended(6, 2, [](std::size_t piece) {
    if (piece == 1) usleep(100'000);
    if (piece > 1) pause();
    return std::to_string(piece);
  }, 1);
  EXPECT_EQ(all, (std::vector<std::string>{"0", "1", "none", "none", "none", "none"}));
}

TEST(Processes, EndWhenTheUserWants) {
  int asked = 0;
  Jobs jobs([](std::size_t) { pause(); return std::string(); }, [](std::size_t, const auto&) { FAIL(); });
  EXPECT_FALSE(jobs.run(4, 2, [&] { return ++asked > 4; }));
}

}  // namespace
}  // namespace daxfuzz::explore
