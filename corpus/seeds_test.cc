// SPDX-License-Identifier: GPL-2.0-only
// Each rare path that has a name is taken by a trace of corpus/seeds, and each of these
// takes the one that it names, passes and replays to its digest. So do those of
// corpus/branches, which ci/operand_branches and ci/coverage need.
#include <gtest/gtest.h>

#include <set>

#include "corpus/expectations.h"
#include "corpus/marks.h"

namespace daxfuzz::corpus {
namespace {

const std::string kFolder = "corpus/seeds";

trace::Trace loaded(const std::string& path) {
  const auto seed = load_trace(path);
  EXPECT_TRUE(seed.has_value()) << path;
  return seed.value_or(trace::Trace{});
}

exec::Execution watched(const trace::Program& program) {
  exec::Options options;
  options.keep_events = true;
  return exec::execute(program, options);
}

TEST(Marks, AreNamedOnceAndSayWhatTheyAre) {
  std::set<std::string_view> names;
  for (const Mark& row : marks()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.what.empty() || row.citation.empty()) << row.name;
    EXPECT_EQ(mark(row.name), &row);
  }
  EXPECT_EQ(mark("no-such-mark"), nullptr);
}

TEST(Marks, AreNotSeenWhereNothingHappens) {
  for (const Mark& row : marks()) EXPECT_FALSE(row.seen({})) << row.name;
  // A program that runs straight through takes none of them.
  const auto parsed = trace::parse("daxt 1\nT0: truncate a 1\nT0: read    a+0 len=1\n", "test");
  ASSERT_TRUE(parsed.has_value());
  const exec::Execution plain = watched(parsed->trace.program);
  for (const Mark& row : marks()) EXPECT_FALSE(row.seen(plain.events)) << row.name;
}

TEST(Marks, AreEachTakenByASeed) {
  std::set<std::string_view> missing;
  for (const Mark& row : marks()) missing.insert(row.name);
  for (const std::string& path : list(kFolder)) {
    const exec::Execution execution = watched(loaded(path).program);
    for (const Mark& row : marks())
      if (row.seen(execution.events)) missing.erase(row.name);
  }
  EXPECT_EQ(missing, std::set<std::string_view>{}) << "bazel run //ci:seeds -- $PWD/corpus/seeds";
}

class Seed : public testing::TestWithParam<std::string> {};

TEST_P(Seed, TakesItsMarkAndPasses) {
  const trace::Trace seed = loaded(GetParam());
  const Mark* named = mark(trace::header(seed, "mark"));
  ASSERT_NE(named, nullptr);
  const exec::Execution execution = watched(seed.program);
  EXPECT_TRUE(named->seen(execution.events));
  EXPECT_EQ(execution.signature(), "pass");
  EXPECT_FALSE(execution.diverged);
  EXPECT_EQ(execution.digest, seed.digest);
}

class Branch : public testing::TestWithParam<std::string> {};

TEST_P(Branch, PassesAndReplays) {
  const trace::Trace kept = loaded(GetParam());
  EXPECT_FALSE(trace::header(kept, "what").empty());
  ASSERT_EQ(kept.program.schedule.strategy, trace::Strategy::replay);
  const exec::Execution execution = exec::execute(kept.program);
  EXPECT_EQ(execution.signature(), "pass");
  EXPECT_FALSE(execution.diverged);
  EXPECT_EQ(execution.digest, kept.digest);
}

INSTANTIATE_TEST_SUITE_P(Sides, Branch, testing::ValuesIn(list("corpus/branches")),
                         [](const auto& info) { return test_name(info.param); });

INSTANTIATE_TEST_SUITE_P(Rare, Seed, testing::ValuesIn(list(kFolder)),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace daxfuzz::corpus
