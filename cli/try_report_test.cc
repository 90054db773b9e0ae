// SPDX-License-Identifier: GPL-2.0-only
#include "cli/try_report.h"

#include <gtest/gtest.h>

namespace daxfuzz::cli {
namespace {

constexpr const char* kBefore =
    "trace\ta.daxt\tlegacy\tpass\n"
    "trace\tb.daxt\tupstream\tdeadlock in x\n"
    "hunt\tlegacy\trandom\tdeadlock in x\t3\n"
    "hunt\tlegacy\trandom\thang in z\t1\n"
    "race\tlegacy\tf at a\tg at b\t2\n"
    "program\tlegacy\t0\tpass\t0,-1\n";

TEST(TryReport, TheSameChangesNothing) {
  const auto tried = compared(kBefore, kBefore);
  ASSERT_TRUE(tried) << tried.error();
  EXPECT_EQ(tried->traces, 2u);
  EXPECT_EQ(tried->programs, 1u);
  EXPECT_TRUE(tried->changed.empty() && tried->found.empty() && tried->gone.empty() &&
              tried->races.empty() && tried->programs_changed.empty());
  EXPECT_FALSE(tried->broke());
}

TEST(TryReport, WhatChangedIsTold) {
  const auto tried = compared(kBefore,
                              "trace\ta.daxt\tlegacy\tpass\n"
                              "trace\tb.daxt\tupstream\tpass\n"
                              "hunt\tlegacy\trandom\tdeadlock in x\t9\n"
                              "hunt\tlegacy\tpct\tlost-wakeup in y\t2\n"
                              "hunt\tupstream\tpct\tlost-wakeup in y\t7\n"
                              "race\tlegacy\tf at a\tg at b\t9\n"
                              "race\tupstream\tf at a\tg at b\t9\n"
                              "race\tupstream\tf at a\th at c\t1\n"
                              "worth\tlegacy\tworth: 3 runs\n"
                              "program\tlegacy\t0\tpass\t0,-16\n");
  ASSERT_TRUE(tried) << tried.error();
  EXPECT_EQ(tried->worth, std::vector<std::string>{"legacy  worth: 3 runs"});
  ASSERT_EQ(tried->changed.size(), 1u);
  EXPECT_EQ(line(tried->changed[0]), "b.daxt  upstream  deadlock in x -> pass");
  ASSERT_EQ(tried->found.size(), 1u);
  EXPECT_EQ(tried->found[0].signature, "lost-wakeup in y");
  EXPECT_EQ(tried->found[0].protocol + tried->found[0].engine, "legacypct");
  EXPECT_EQ(tried->found[0].executions, 2u);
  ASSERT_EQ(tried->gone.size(), 1u);
  EXPECT_EQ(tried->gone[0].signature, "hang in z");
  ASSERT_EQ(tried->programs_changed.size(), 1u);
  EXPECT_EQ(tried->programs_changed[0].before, "pass: 0,-1");
  EXPECT_EQ(tried->programs_changed[0].after, "pass: 0,-16");
  ASSERT_EQ(tried->races.size(), 1u);
  EXPECT_EQ(tried->races[0].load + "/" + tried->races[0].write, "f at a/h at c");
  EXPECT_TRUE(tried->broke());  // by the new signature
}

TEST(TryReport, ATraceThatFailsNowIsBroken) {
  const auto worse = compared("trace\ta\tlegacy\tpass\n", "trace\ta\tlegacy\thang in z\n");
  const auto other = compared("trace\ta\tlegacy\tbug in y\n", "trace\ta\tlegacy\thang in z\n");
  ASSERT_TRUE(worse && other);
  EXPECT_TRUE(worse->broke());
  EXPECT_FALSE(other->broke());
}

TEST(TryReport, WhatCannotBeComparedIsRefused) {
  EXPECT_EQ(compared("trace\ta\tlegacy\tpass\n", "").error(), "the two builds were not asked the same");
  EXPECT_EQ(compared("", "program\tlegacy\t0\tpass\t\n").error(),
            "the two builds were not asked the same");
  EXPECT_EQ(compared("", "walk\ta\n").error(), "expected a line of a probe, found 'walk\ta'");
  EXPECT_EQ(compared("hunt\ta\n", "").error(), "expected a line of a probe, found 'hunt\ta'");
}

}  // namespace
}  // namespace daxfuzz::cli
