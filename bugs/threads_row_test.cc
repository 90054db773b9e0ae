// SPDX-License-Identifier: GPL-2.0-only
// What a hunt's process can come to is a row: a finding, the end of the budget, a death, a hang.
#include "bugs/threads_row.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

namespace daxfuzz::bugs {
namespace {

constexpr std::uint32_t kPatience = 20;

Row hunted(std::uint32_t patience, const std::function<Stressed(int)>& run) {
  int number = 0;
  const auto row = threads_row({.bug = "300-x", .engine = "threads", .seed = 5, .budget = 9, .diverged = {},
                                .signature = ""},
                               patience, [&] { return run(++number); });
  EXPECT_TRUE(row) << row.error();
  const std::string line = text(*row);
  const auto back = parse_row(std::string_view(line).substr(0, line.size() - 1));
  EXPECT_TRUE(back) << line << back.error();
  return *row;
}

TEST(ThreadsRow, FindsNothingInItsBudget) {
  const Row row = hunted(kPatience, [](int) { return Stressed{.steps = 3, .signature = ""}; });
  EXPECT_FALSE(row.found());
  EXPECT_EQ(row.executions, 9u);
  EXPECT_EQ(row.steps, 27u);
  EXPECT_FALSE(row.repeatable());
  EXPECT_TRUE(text(row).starts_with("300-x\tthreads\t5\t9\t9\tunrepeatable\t27\t")) << text(row);
}

TEST(ThreadsRow, EndsWithTheFirstFinding) {
  const Row row = hunted(kPatience, [](int n) { return Stressed{.steps = 3, .signature = n == 4 ? "x in y" : ""}; });
  EXPECT_EQ(row.signature, "x in y");
  EXPECT_EQ(row.executions, 4u);
  EXPECT_EQ(row.steps, 12u);
}

// Deaths of the run itself, in a thread of its own.
Stressed dies(int n, const std::function<void()>& how) {
  if (n == 3) std::thread(how).join();
  return {};
}

TEST(ThreadsRow, TakesADeathForAFinding) {
  const struct {
    std::function<void()> how;
    std::string signature;
  } deaths[] = {{[] { std::raise(SIGKILL); }, "killed by SIGKILL"},
                {[] { _exit(66); }, "exit code 66"},
                {[] { std::signal(SIGABRT, SIG_DFL), std::abort(); }, "killed by SIGABRT"}};
  for (const auto& death : deaths) {
    const Row row = hunted(kPatience, [&death](int n) { return dies(n, death.how); });
    EXPECT_EQ(row.signature, death.signature);
    EXPECT_EQ(row.executions, 3u);
  }
}

TEST(ThreadsRow, TakesAHangForAFinding) {
  const Row row = hunted(1, [](int n) {
    for (volatile bool ever = n == 2; ever;) {
    }
    return Stressed{};
  });
  EXPECT_EQ(row.signature, kHang);
  EXPECT_EQ(row.executions, 2u);
  EXPECT_GT(row.microseconds, 100000u);
}

}  // namespace
}  // namespace daxfuzz::bugs
