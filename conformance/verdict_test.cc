// SPDX-License-Identifier: GPL-2.0-only
// Warnings and ops that never end, told from those that wait for a pin.
#include "conformance/verdict.h"

#include <gtest/gtest.h>

namespace daxfuzz::conformance {
namespace {

using Texts = std::vector<std::string>;

Texts of(const std::string& steps) {
  const auto log = parse_log("daxconf-log 1\nkernel 6.12\n" + steps + "done\n");
  EXPECT_TRUE(log.has_value()) << log.error();
  return log ? wrongs(*log) : Texts{};
}

TEST(Verdict, NothingIsWrongWithOpsThatEndOrWait) {
  EXPECT_EQ(of("step 0\nR 0 ok 0\nstep 1\nR 1 blocked S xfs_break_dax_layouts\n"
               "step end\nR 1 ok 0\n"),
            Texts{});
  EXPECT_EQ(of("step 0\nR 0 blocked S wait\nstep 1\nR 0 ok 0\nR 1 ok 0\nstep end\n"), Texts{});
}

TEST(Verdict, AWarningHasItsStep) {
  EXPECT_EQ(of("step 0\nR 0 ok 0\nstep 1\nR 1 ok 0\nW WARN fs/dax.c:390 dax_disassociate_entry\n"
               "step end\nW WARN mm/gup.c:1 f\n"),
            (Texts{"step 1 warns: WARN fs/dax.c:390 dax_disassociate_entry",
                   "the end warns: WARN mm/gup.c:1 f"}));
}

TEST(Verdict, AnOpThatNeverEndsIsTold) {
  EXPECT_EQ(of("step 0\nR 0 blocked R __get_user_pages\nstep 1\nR 1 ok 0\nstep end\n"),
            Texts{"step 0 never ends"});
}

TEST(Verdict, OfALogWithoutAnEndTheWarningsAreKnown) {
  const auto log = parse_log("daxconf-log 1\nstep 0\nR 0 blocked S wait\nW WARN a.c:1 f\n"
                             "step 1\nR 1 ok 0\nW WARN a.c:2 g\nstep 2\nW WARN a.c:3 h\n");
  ASSERT_TRUE(log.has_value()) << log.error();
  EXPECT_EQ(log->whole_steps(), 2u);
  EXPECT_EQ(warned(*log, 2), (Texts{"step 0 warns: WARN a.c:1 f", "step 1 warns: WARN a.c:2 g"}));
}

TEST(Verdict, AStepThatIsNotTheLastIsWhole) {
  const auto whole = [](const std::string& text) {
    return parse_log("daxconf-log 1\n" + text)->whole_steps();
  };
  EXPECT_EQ(whole(""), 0u);
  EXPECT_EQ(whole("step 0\n"), 0u);
  EXPECT_EQ(whole("step 0\nstep 1\n"), 1u);
  EXPECT_EQ(whole("step 0\nstep 1\nstep end\n"), 2u);
}

}  // namespace
}  // namespace daxfuzz::conformance
