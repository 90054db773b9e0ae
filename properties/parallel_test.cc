// SPDX-License-Identifier: GPL-2.0-only
// parallel.h: T0's prefix comes before all else and its suffix after, what is drawn and all that it is shrunk to is a
// valid program of those phases, and what fails is shrunk, saved and replays. The claims are of this test: they look at
// runs, not at the port.
#include "properties/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "properties/counterexample.h"
#include "properties/linearize.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using exec::Execution;
using trace::Op;
using trace::OpCode;

ParallelShape shape() {
  return {.shape = {.allowed = kinds({OpCode::read, OpCode::write, OpCode::fault, OpCode::punch}),
                    .threads_min = 2,
                    .threads_max = 4,
                    .files_max = 2,
                    .blocks_min = 32,
                    .blocks_max = 32,
                    .pins = Pins::momentary,
                    .prefix = Prefix::mapped},
          .before = kinds({OpCode::write}),
          .after = reads_of_all};
}

// Whose ops sleep for each other, and never spin: who does lets T0 make a step of its suffix (parallel.h).
ParallelShape sleepers() {
  ParallelShape sleeping = shape();
  sleeping.shape.allowed = kinds({OpCode::read, OpCode::write});
  return sleeping;
}

std::string malformed(const Parallel& parallel) {
  const std::vector<Op>& ops = parallel.program.ops;
  if (!trace::valid(parallel.program)) return "is not valid";
  if (parallel.prefix + parallel.suffix > ops.size()) return "is shorter than its phases";
  for (std::size_t i = 0; i < ops.size(); i++)
    if (const bool phase = i < parallel.prefix || i >= ops.size() - parallel.suffix; phase && ops[i].thread != 0)
      return "has another thread in T0's phases";
  return "";
}

// Of a run in which every op ended.
std::string out_of_phase(const Parallel& parallel, const Execution& execution) {
  const std::vector<Interval> when = intervals(parallel.program, execution);
  const std::size_t first = parallel.prefix, last = when.size() - parallel.suffix;
  std::uint64_t prefix_end = 0, others_begin = UINT64_MAX, others_end = 0, suffix_begin = UINT64_MAX;
  for (std::size_t i = 0; i < when.size(); i++) {
    if (i < first) {
      prefix_end = std::max(prefix_end, when[i].end);
    } else if (i < last) {
      others_begin = std::min(others_begin, when[i].begin);
      others_end = std::max(others_end, when[i].end);
    } else {
      suffix_begin = std::min(suffix_begin, when[i].begin);
    }
  }
  if (prefix_end > others_begin) return "a branch begins before the prefix ends";
  return suffix_begin < others_end ? "the suffix begins before a branch ends" : "";
}

Outcome tried(void (*body)(Trial&), std::uint64_t seed = 1) {
  const Property property{.suite = "Parallel", .name = "Test", .rule = "a rule", .citation = "a place", .body = body};
  return properties::tried(property, {.seed = seed, .max_success = 300});
}

TEST(Parallel, ThePrefixComesFirstAndTheSuffixLast) {
  static int side_by_side;
  side_by_side = 0;
  const Outcome outcome = tried([](Trial& trial) {
    expect_in_parallel(trial, sleepers(), 0, [](const Parallel& parallel, const Execution& execution) {
      const std::string wrong = malformed(parallel);
      side_by_side += parallel.program.threads() > 1 ? 1 : 0;
      return !wrong.empty() ? wrong : out_of_phase(parallel, execution);
    });
  });
  EXPECT_EQ(outcome.why, "");
  EXPECT_EQ(outcome.cases, 300);
  EXPECT_GT(side_by_side, 200);
}

// The same runs with one phase more than they have, so that the look at phases can fail.
TEST(Parallel, WhatIsOutOfPhaseIsTold) {
  const Outcome begins = tried([](Trial& trial) {
    expect_in_parallel(trial, sleepers(), 0, [](const Parallel& parallel, const Execution& execution) {
      Parallel other = parallel;
      other.prefix = std::min(parallel.prefix + 3, parallel.program.ops.size() - parallel.suffix);
      return out_of_phase(other, execution);
    });
  });
  EXPECT_EQ(begins.why, "a branch begins before the prefix ends");
  const Outcome ends = tried([](Trial& trial) {
    expect_in_parallel(trial, sleepers(), 0, [](const Parallel& parallel, const Execution& execution) {
      Parallel other = parallel;
      other.suffix = std::min(parallel.suffix + 3, parallel.program.ops.size() - parallel.prefix);
      return out_of_phase(other, execution);
    });
  });
  EXPECT_EQ(ends.why, "the suffix begins before a branch ends");
}

// A punch and a store of two threads, whatever they do.
std::string guilty(const Parallel& parallel) {
  bool punches = false, stores = false;
  for (std::size_t i = parallel.prefix; i < parallel.program.ops.size(); i++) {
    const Op& op = parallel.program.ops[i];
    punches = punches || (op.code == OpCode::punch && op.thread == 0);
    stores = stores || (op.code == OpCode::fault && op.thread == 1);
  }
  return punches && stores ? "a punch beside a store" : "";
}

TEST(Parallel, WhatItShrinksToIsValidAndReplays) {
  static std::string wrong;
  static int shrinks;
  wrong.clear(), shrinks = 0;
  for (std::uint64_t seed = 1; seed <= 8; seed++) {
    const Outcome outcome = tried(
        [](Trial& trial) {
          expect_in_parallel(trial, shape(), 0, [](const Parallel& parallel, const Execution&) {
            shrinks++;
            if (wrong.empty()) wrong = malformed(parallel);
            return guilty(parallel);
          });
        },
        seed);
    EXPECT_EQ(wrong, "") << seed;
    ASSERT_EQ(outcome.why, "a punch beside a store") << seed;
    EXPECT_TRUE(outcome.replays);
    EXPECT_EQ(not_replayed(outcome.counterexample), "") << outcome.counterexample;
    EXPECT_EQ(not_replayed(outcome.drawn), "") << outcome.drawn;
    const auto parsed = trace::parse(outcome.counterexample, "counterexample");
    ASSERT_TRUE(parsed.has_value()) << parsed.error().str();
    // One file's prefix or two files', the two, and the reads: no command besides.
    const trace::Program& program = parsed->trace.program;
    const std::size_t files = program.geometry.files;
    EXPECT_EQ(program.ops.size(), 2 * files + 2 + files * kFilePages) << outcome.counterexample;
  }
  EXPECT_GT(shrinks, 100);
}

}  // namespace
}  // namespace daxfuzz::properties
