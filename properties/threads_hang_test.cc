// SPDX-License-Identifier: GPL-2.0-only
// A hang on real threads ends as a report of what each thread does and waits for: linked with
// testdata/write_never_ends.patch. Read first: exec/threads.h.
#include <gtest/gtest.h>

#include <string>

#include "exec/threads.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;

// Three threads write to one file: one of them turns round for ever, the others wait for its lock.
TEST(ThreadsHangDeathTest, TheReportHasEveryThreadsOpAndWhatItWaitsFor) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  trace::Program program;
  for (std::uint8_t thread = 0; thread < 3; thread++)
    program.ops.push_back({.code = OpCode::write, .thread = thread, .len = 1, .value = 7});
  const auto line = [](int thread, const std::string& does) {
    return "T" + std::to_string(thread) + ": op " + std::to_string(thread) + " write in [a-z_]+, " + does + " [^\n]*\n";
  };
  std::string reports;
  for (int who = 0; who < 3; who++) {
    std::string report = "watchdog: no thread has made a step for [0-9]+ ms\n";
    for (int thread = 0; thread < 3; thread++) report += line(thread, thread == who ? "runs" : "waits for iolock");
    reports += (who == 0 ? "(" : "|(") + report + ")";
  }
  EXPECT_DEATH((void)exec::execute_on_threads(program, {.patience_ms = 3000}), reports);
}

}  // namespace
}  // namespace daxfuzz::properties
