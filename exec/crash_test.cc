// SPDX-License-Identifier: GPL-2.0-only
// A run that ends in a crash: what is kept, what may be lost, what never runs, and what
// the judge says when a promise is broken.
#include <gtest/gtest.h>

#include "exec/execute.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

constexpr std::int64_t kNever = INT64_MIN;

Execution run(const std::string& ops, const std::string& protocol = "upstream") {
  const auto parsed = trace::parse("daxt 1\nprotocol    " + protocol +
                                       "\ngeometry    files=2 blocks=4 pmd_order=3 mms=1\n" + ops,
                                   "test");
  EXPECT_TRUE(parsed.has_value()) << parsed.error().str();
  return parsed.has_value() ? execute(parsed->trace.program) : Execution{};
}

TEST(Crash, EndsTheRunForAllThreads) {
  const Execution execution = run(
      "T0: write   a+0 len=1 0x11\n"
      "T0: crash\n"
      "T0: write   a+0 len=1 0x22\n"
      "T1: fsync   a\n"
      "schedule    T1*2 T0*99\n");
  EXPECT_FALSE(execution.failed()) << execution.finding.value;
  EXPECT_EQ(execution.results[0], 0);
  EXPECT_EQ(execution.results[1], 0);
  EXPECT_EQ(execution.results[2], kNever);
  EXPECT_EQ(execution.results[3], kNever);  // it was in flight
}

TEST(Crash, MayLoseWhatNobodyPromised) {
  EXPECT_EQ(run("T0: write   a+0 len=2 0x11\n"
                "T0: mmap    a+0 len=2 -> m0\n"
                "T0: fault   m0+0 write 0x22\n"
                "T0: truncate a 1\n"
                "T0: write   b+0 len=1 0x33\n"
                "T0: crash\n")
                .signature(),
            "pass");
}

TEST(Crash, KeepsWhatFsyncPromised) {
  EXPECT_EQ(run("T0: mmap    a+0 len=4 sync -> m0\n"
                "T0: write   a+0 len=4 0x11\n"
                "T0: fault   m0+0 write 0x22\n"
                "T0: fsync   a\n"
                "T0: fault   m0+0 write 0x33\n"
                "T0: crash\n")
                .signature(),
            "pass");
}

// The write had not returned when the fsync began.
TEST(Crash, AWriteInFlightIsPromisedNothing) {
  for (int steps = 1; steps < 20; steps++)
    EXPECT_EQ(run("T0: write   a+0 len=2 0x11\n"
                  "T1: fsync   a\n"
                  "T1: crash\n"
                  "schedule    T0*" + std::to_string(steps) + " T1*99\n")
                  .signature(),
              "pass");
}

TEST(Crash, WhatIsBeyondTheEndIsPromisedNothing) {
  EXPECT_EQ(run("T0: truncate a 1 early\n"
                "T0: mmap    a+0 len=1 -> m0\n"
                "T0: fault   m0+0 write 0x11\n"
                "T0: fsync   a\n"
                "T0: crash\n")
                .signature(),
            "pass");
}

TEST(Crash, AnUndoneCollapseMovesTheDataBack) {
  EXPECT_EQ(run("T0: write   a+0 len=3 0x11\n"
                "T0: fsync   a\n"
                "T0: collapse a+0 len=1\n"
                "T0: write   a+0 len=2 0x22\n"
                "T0: crash\n")
                .signature(),
            "pass");
}

}  // namespace
}  // namespace daxfuzz::exec
