// SPDX-License-Identifier: GPL-2.0-only
// A census counts each program once, finds what one of them does, and says nothing of the
// same programs under a protocol that does it right.
#include "explore/census.h"

#include <gtest/gtest.h>

#include <set>

#include "trace/text.h"

namespace daxfuzz::explore {
namespace {

std::string text_of(const trace::Program& program) {
  trace::Trace trace;
  trace.program = program;
  return trace::print(trace);
}

// The same with the threads' names exchanged, after the set-up.
trace::Program exchanged(const Space& space, const trace::Program& program) {
  trace::Program other = program;
  const std::size_t set_up = space.set_up.size();
  for (std::uint32_t i = 0; i < space.ops; i++) {
    other.ops[set_up + i] = program.ops[set_up + space.ops + i];
    other.ops[set_up + space.ops + i] = program.ops[set_up + i];
  }
  for (std::size_t i = set_up; i < other.ops.size(); i++)
    other.ops[i].thread = i < set_up + space.ops ? 0 : 1;
  return other;
}

TEST(Census, CountsProgramsThatDifferInThreadNamesOnce) {
  Space space = one_page(trace::ProtocolId::upstream, 2);
  space.alphabet = {"fsync a", "read a+0 len=1", "truncate a 0"};  // of no thread
  ASSERT_EQ(programs(space), 9u * 10 / 2);
  std::set<std::string> seen;
  for (std::uint64_t number = 0; number < programs(space); number++) {
    const trace::Program made = program(space, number);
    EXPECT_TRUE(trace::valid(made));
    EXPECT_EQ(made.threads(), 2u);
    EXPECT_TRUE(seen.insert(text_of(made)).second) << text_of(made);
    const std::string other = text_of(exchanged(space, made));
    if (other != text_of(made)) EXPECT_FALSE(seen.contains(other)) << other;
  }
}

TEST(Census, EveryLetterIsAnOp) {
  const Space space = one_page(trace::ProtocolId::upstream, 1);
  for (std::uint64_t number = 0; number < programs(space); number++)
    EXPECT_EQ(program(space, number).ops.size(), space.set_up.size() + 2);
}

Space wake_ups(std::vector<trace::Setting> settings) {
  Space space = one_page(trace::ProtocolId::legacy, 1);
  space.settings = std::move(settings);
  space.set_up.emplace_back("pin m0+0 read get fast -> p0");
  space.alphabet = {"unpin p0", "truncate a 0", "fsync a"};
  return space;
}

TEST(Census, TellsARuleThatIsBrokenFromOneThatIsKept) {
  const Census kept = census(wake_ups({}), {}, 0, 1);
  EXPECT_EQ(kept.programs, 6u);
  EXPECT_EQ(kept.complete, 6u);
  EXPECT_TRUE(kept.violated.empty());

  const std::string text = "daxt 1\nprotocol legacy\nset wake_transition=to_zero\n";
  const auto parsed = trace::parse(text + "geometry files=1 blocks=1 pmd_order=2 mms=1\nT0: fsync a\n", "test");
  ASSERT_TRUE(parsed.has_value());
  const Census broken = census(wake_ups(parsed->trace.program.settings), {}, 0, 1);
  EXPECT_EQ(broken.complete, 6u);
  ASSERT_TRUE(broken.violated.contains("lost-wakeup in dax_break_layout"));
  const Violated& lost = broken.violated.at("lost-wakeup in dax_break_layout");
  EXPECT_GT(lost.programs, 0u);
  EXPECT_LT(lost.programs, 6u);
  const trace::Program first = example(wake_ups(parsed->trace.program.settings), {}, lost);
  EXPECT_EQ(exec::execute(first).signature(), "lost-wakeup in dax_break_layout");
}

TEST(Census, PartsAreTheWhole) {
  const Space space = wake_ups({});
  const Census whole = census(space, {}, 0, 1), one = census(space, {}, 0, 2), two = census(space, {}, 1, 2);
  EXPECT_EQ(one.programs + two.programs, whole.programs);
  EXPECT_EQ(one.executions + two.executions, whole.executions);
  Census merged = two;
  merge(merged, one);
  EXPECT_EQ(text(merged), text(whole));
  int told = 0;
  EXPECT_EQ(census(space, {}, 0, 1, [&](const Census&) { return ++told < 2; }).programs, 2u);
}

TEST(Census, ComesBackFromItsText) {
  const Census broken = census(one_page(trace::ProtocolId::v1, 1), {}, 0, 20);
  ASSERT_FALSE(broken.violated.empty());
  const std::string whole = text(broken);
  const auto back = parse_census(whole);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(text(*back), whole);
  for (std::size_t size = 0; size < whole.size(); size++)
    EXPECT_FALSE(parse_census(whole.substr(0, size)).has_value()) << size;
}

// Of parts that break the same rule in either order the first program stays the first.
TEST(Census, MergesToTheFirstProgram) {
  Census one, two;
  one.violated["a in b"] = {.programs = 2, .number = 7, .decisions = {1}};
  two.violated["a in b"] = {.programs = 3, .number = 4, .decisions = {0}};
  Census there = one, back = two;
  merge(there, two);
  merge(back, one);
  EXPECT_EQ(text(there), text(back));
  EXPECT_EQ(there.violated["a in b"].programs, 5u);
  EXPECT_EQ(there.violated["a in b"].decisions, Decisions{0});
}

}  // namespace
}  // namespace daxfuzz::explore
