// SPDX-License-Identifier: GPL-2.0-only
// A file whose schedule no longer fits is recorded anew with every promise kept; a
// promise that no schedule keeps is an error, not a new promise.
#include "corpus/rerecord.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "corpus/marks.h"

namespace daxfuzz::corpus {
namespace {

// Three threads, and a verdict that needs a switch in the middle of an op.
File finding() {
  const auto file = load("corpus/findings/cow-write-races-read-fault.daxt");
  EXPECT_TRUE(file.has_value()) << file.error();
  return file.value_or(File{});
}

TEST(Rerecord, KeepsWhatReplays) {
  const File file = finding();
  const auto recording = rerecord(file);
  ASSERT_TRUE(recording.has_value()) << recording.error();
  EXPECT_EQ(recording->how, Rerecorded::kept);
  EXPECT_EQ(recording->text, file.text);
}

TEST(Rerecord, FollowsAScheduleWhoseDigestIsOld) {
  File file = finding();
  const std::string text = file.text;
  *file.trace.digest ^= 1;
  const auto recording = rerecord(file);
  ASSERT_TRUE(recording.has_value()) << recording.error();
  EXPECT_EQ(recording->how, Rerecorded::followed);
  EXPECT_EQ(recording->text, text);
}

TEST(Rerecord, SearchesWhenTheScheduleShowsNothing) {
  File file = finding();
  for (trace::Segment& segment : file.trace.program.schedule.segments) {
    segment.steps = static_cast<std::uint16_t>(segment.steps + 7);  // a port that takes fewer steps
    segment.label.clear();
  }
  ASSERT_NE(broken_expectations(file), "");
  const auto recording = rerecord(file);
  ASSERT_TRUE(recording.has_value()) << recording.error();
  EXPECT_EQ(recording->how, Rerecorded::searched);
  const auto again = parse_file(file.name, recording->text);
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_EQ(again->trace.program.ops, file.trace.program.ops);
  EXPECT_EQ(broken_replay(*again), "");
  EXPECT_EQ(broken_expectations(*again), "");
}

// A seed promises to pass and to take its mark.
TEST(Rerecord, KeepsTheMarkOfASeed) {
  const auto seed = load_any("corpus/seeds/cow-cancelled.daxt");
  ASSERT_TRUE(seed.has_value()) << seed.error();
  ASSERT_EQ(broken_seed(*seed), "");
  File file = *seed;
  for (trace::Segment& segment : file.trace.program.schedule.segments) {
    segment.steps = static_cast<std::uint16_t>(segment.steps + 7);
    segment.label.clear();
  }
  const auto recording = rerecord(file);
  ASSERT_TRUE(recording.has_value()) << recording.error();
  EXPECT_NE(recording->how, Rerecorded::kept);
  const auto parsed = trace::parse(recording->text, "test");
  ASSERT_TRUE(parsed.has_value());
  file.trace = parsed->trace;
  EXPECT_EQ(broken_replay(file), "");
  EXPECT_EQ(broken_seed(file), "");
  trace::set_header(file.trace, "mark", "two-inodes-again");  // which it never takes
  EXPECT_FALSE(rerecord(file, 50).has_value());
}

// A trace of corpus/branches promises a side of a branch, and nothing that shows here.
File side() {
  const auto file = load_any("corpus/branches/pmd-before-pte.daxt");
  EXPECT_TRUE(file.has_value()) << file.error();
  return file.value_or(File{});
}

TEST(Rerecord, KeepsASideThatReplays) {
  const auto recording = rerecord(side());
  ASSERT_TRUE(recording.has_value()) << recording.error();
  EXPECT_EQ(recording->how, Rerecorded::kept);
}

// Its labels alone lead to a schedule that passes and takes the other side.
TEST(Rerecord, RefusesToGuessASide) {
  File file = side();
  file.trace.program.schedule.segments[1].steps--;
  const auto recording = rerecord(file);
  ASSERT_FALSE(recording.has_value()) << name(recording->how) << "\n" << recording->text;
  EXPECT_NE(recording.error().find("ci/operand_branches"), std::string::npos) << recording.error();
}

TEST(Rerecord, FollowsTheOneScheduleOfOneThread) {
  const auto loaded = load_any("corpus/branches/kinds-of-pins.daxt");
  ASSERT_TRUE(loaded.has_value()) << loaded.error();
  File file = *loaded;
  ASSERT_EQ(file.trace.program.threads(), 1u);
  *file.trace.digest ^= 1;
  const auto recording = rerecord(file);
  ASSERT_TRUE(recording.has_value()) << recording.error();
  EXPECT_EQ(recording->how, Rerecorded::followed);
  EXPECT_EQ(recording->text, loaded->text);
}

TEST(Rerecord, OffersSchedulesThatDifferForASide) {
  const File before = side();
  File file = before;
  file.trace.program.schedule.segments[1].steps--;
  constexpr std::size_t kMost = 40;
  const std::vector<std::string> texts = passing(file, kMost);
  EXPECT_EQ(texts.size(), kMost);
  EXPECT_NE(std::ranges::find(texts, before.text), texts.end()) << "the one that takes it";
  std::set<std::uint64_t> digests;
  for (const std::string& text : texts) {
    const auto parsed = trace::parse(text, "test");
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_TRUE(digests.insert(parsed->trace.digest.value_or(0)).second);
    file.trace = parsed->trace;
    EXPECT_EQ(broken_replay(file) + broken_seed(file), "") << text;
  }
}

TEST(Rerecord, RefusesAPromiseThatNoScheduleKeeps) {
  File file = finding();
  const auto own = std::ranges::find(file.expectations, file.trace.program.protocol,
                                     [](const Expectation& e) { return e.variant.protocol; });
  ASSERT_NE(own, file.expectations.end());
  own->verdict = "FAIL zero-page-counted in nowhere";
  const auto recording = rerecord(file, 50);
  ASSERT_FALSE(recording.has_value());
  EXPECT_NE(recording.error().find("expected FAIL zero-page-counted in nowhere"), std::string::npos)
      << recording.error();
}

}  // namespace
}  // namespace daxfuzz::corpus
