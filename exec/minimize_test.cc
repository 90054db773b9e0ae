// SPDX-License-Identifier: GPL-2.0-only
// The minimiser on a toy executor: that it reaches the known minimum of known
// failures, whatever surrounds them, and keeps its promises at the edges. Laws
// that hold for any program: minimize_properties_test.cc.
#include "exec/minimize.h"

#include <gtest/gtest.h>

#include "exec/execute.h"
#include "exec/minimize_fake.h"
#include "exec/minimize_moves.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;
using trace::Segment;

Op op(std::uint8_t thread, OpCode code, const trace::Geometry& geometry, Op rest = {}) {
  rest.code = code;
  rest.thread = thread;
  return trace::canonical(rest, geometry);
}

Runner runner(FakeCondition condition, bool tell_segments = true) {
  return [=](const Program& program, const Options&) { return fake_execute(program, condition, tell_segments); };
}

// `copies` times a lot of harmless work around one truncate under a pin.
Program noisy_pin(std::size_t rounds) {
  Program p;
  p.geometry = {.files = 3, .blocks = 16, .pmd_order = 2, .mms = 2};
  p.settings = {{trace::SwitchId::base_count, 1}, {trace::SwitchId::share, 2}};
  auto add = [&](std::uint8_t t, OpCode code, Op rest = {}) { p.ops.push_back(op(t, code, p.geometry, rest)); };
  for (std::size_t i = 0; i < rounds; ++i) {
    add(3, OpCode::write, {.file = 2, .page = 5, .len = 2, .value = 9});
    add(2, OpCode::fsync, {.file = 2});
  }
  add(2, OpCode::mmap, {.file = 1, .page = 3, .len = 4, .map = 5, .mm = 1});
  add(2, OpCode::fault, {.page = 2, .map = 5, .access = trace::Access::write, .value = 0x77});
  add(2, OpCode::pin, {.page = 2, .map = 5, .pin = 6, .access = trace::Access::write,
                       .pin_kind = trace::PinKind::pin, .pin_walk = trace::PinWalk::slow});
  for (std::size_t i = 0; i < rounds; ++i) add(2, OpCode::dma, {.pin = 6, .access = trace::Access::write, .value = 3});
  add(1, OpCode::truncate, {.file = 1, .len = 3});
  add(2, OpCode::unpin, {.pin = 6});
  for (std::size_t i = 0; i < rounds; ++i) add(1, OpCode::read, {.file = 0, .len = 1});
  return p;
}

// The first seed under which the program fails.
Program with_failing_seed(Program p, const Runner& run) {
  p.schedule.strategy = trace::Strategy::random;
  for (p.schedule.seed = 0; p.schedule.seed < 100000; ++p.schedule.seed)
    if (run(p, {}).failed()) return p;
  ADD_FAILURE() << "no seed fails";
  return p;
}

TEST(Minimize, ReachesTheThreeOpsThatTruncateUnderAPinNeeds) {
  const Runner run = runner(truncated_under_pin);
  const Program p = with_failing_seed(noisy_pin(5), run);
  const Minimized min = minimize(p, run);
  const trace::Geometry g{.files = 1, .blocks = 1, .pmd_order = 1, .mms = 1};
  Program want;
  want.geometry = g;
  want.ops = {op(0, OpCode::mmap, g), op(0, OpCode::pin, g), op(1, OpCode::truncate, g)};
  want.schedule = {.strategy = trace::Strategy::replay, .seed = 0, .bytes = {},
                   .segments = {{0, 4, ""}, {1, 2, "leave"}}};
  EXPECT_EQ(min.program, want);
  EXPECT_TRUE(min.complete);
  EXPECT_EQ(min.execution.signature(), "truncated-under-pin in fake");
}

TEST(Minimize, ReachesTheThreeSwitchesThatAnOverlapNeedsFromEverySeed) {
  const Runner run = runner(overlapping);
  Program p;
  for (int i = 0; i < 6; ++i)
    for (std::uint8_t t = 0; t < 3; ++t)
      p.ops.push_back(op(t, (i + t) % 2 ? OpCode::write : OpCode::read, p.geometry, {.file = 1, .len = 1}));
  int failed = 0;
  for (p.schedule.seed = 0; p.schedule.seed < 50; ++p.schedule.seed) {
    if (!run(p, {}).failed()) continue;
    ++failed;
    const Minimized min = minimize(p, run);
    ASSERT_EQ(min.program.ops.size(), 2u) << p.schedule.seed;
    const std::uint8_t reader = min.program.ops[0].code == OpCode::read ? 0 : 1;
    const std::uint8_t writer = 1 - reader;
    EXPECT_EQ(min.program.schedule.segments,
              (std::vector<Segment>{{reader, 1, ""}, {writer, 1, "enter"}, {reader, 1, "enter"}, {writer, 1, "leave"}}))
        << p.schedule.seed;
  }
  EXPECT_GT(failed, 15);
}

TEST(Minimize, KeepsWhatTheFailureNeedsOfSettingsOperandsAndGeometry) {
  const Runner run = runner(failed_insert);
  Program p = noisy_pin(2);
  p.ops[5].fail_nth = 2;
  p.ops[5].page = 1;
  ASSERT_EQ(p.ops[5].code, OpCode::fault);
  const Minimized min = minimize(p, run);
  ASSERT_EQ(min.program.ops.size(), 1u);
  EXPECT_EQ(min.program.ops[0].fail_nth, 2);
  EXPECT_EQ(min.program.ops[0].page, 1);
  EXPECT_EQ(min.program.ops[0].value, 0);
  EXPECT_EQ(min.program.ops[0].map, 0);
  EXPECT_EQ(min.program.ops[0].thread, 0);
  EXPECT_EQ(min.program.settings.size(), 1u);
  EXPECT_EQ(min.program.geometry, (trace::Geometry{.files = 1, .blocks = 3, .pmd_order = 1, .mms = 1}));
}

TEST(Minimize, LeavesOneOpOfAFailureThatNeedsNothing) {
  const Runner run = runner([](const Program&, const auto&) { return std::string("always"); });
  const Minimized min = minimize(noisy_pin(1), run);
  EXPECT_EQ(min.program.ops.size(), 1u);  // no less can be written down
  EXPECT_TRUE(min.program.settings.empty());
  EXPECT_TRUE(min.complete);
}

// The smaller program fails too, but otherwise: slipping to another bug is the
// classic error of minimisers.
TEST(Minimize, DoesNotSlipToAnotherSignature) {
  const Runner run = runner([](const Program& p, const std::vector<FakeStep>& steps) -> std::string {
    if (steps.size() < 2 * p.ops.size()) return "";
    return p.ops.size() >= 4 ? "wanted" : "other";
  });
  const Minimized min = minimize(noisy_pin(2), run);
  EXPECT_EQ(min.execution.signature(), "wanted in fake");
  EXPECT_EQ(min.program.ops.size(), 4u);
}

TEST(Minimize, WorksWithoutSegments) {
  const Runner run = runner(truncated_under_pin, false);
  const Minimized min = minimize(with_failing_seed(noisy_pin(3), run), run);
  EXPECT_EQ(min.program.ops.size(), 3u);
  EXPECT_TRUE(run(min.program, {}).failed());
}

TEST(Minimize, SaysWhenTheBudgetEndedFirst) {
  std::uint64_t runs = 0;
  const Runner run = [&](const Program& p, const Options&) { ++runs; return fake_execute(p, truncated_under_pin); };
  const Program p = with_failing_seed(noisy_pin(5), run);
  runs = 0;
  const std::uint64_t cost = minimize(p, run).executions;
  EXPECT_EQ(runs, cost);
  for (std::uint64_t budget : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, cost / 2, cost - 1}) {
    runs = 0;
    const Minimized min = minimize(p, run, budget);
    EXPECT_EQ(runs, budget);
    EXPECT_EQ(min.executions, budget);
    EXPECT_FALSE(min.complete);
    EXPECT_TRUE(run(min.program, {}).failed());
  }
  EXPECT_TRUE(minimize(p, run, cost).complete);
}

TEST(MinimizeDeathTest, RefusesAProgramThatDoesNotFail) {
  const Runner run = runner([](const Program&, const auto&) { return std::string(); });
  EXPECT_DEATH((void)minimize(noisy_pin(1), run), "failed");
}

TEST(MinimizeMoves, SegmentsMoveUpOrDown) {
  const std::vector<Segment> s = {{0, 1, ""}, {1, 2, ""}, {0, 3, ""}, {2, 4, ""}};
  EXPECT_EQ(joined(s, 2, 0), (std::vector<Segment>{{0, 4, ""}, {1, 2, ""}, {2, 4, ""}}));
  EXPECT_EQ(joined(s, 0, 2), (std::vector<Segment>{{1, 2, ""}, {0, 4, ""}, {2, 4, ""}}));
  EXPECT_EQ(regrouped(s, 0, 4, Regroup::up), joined(s, 2, 0));
  EXPECT_EQ(regrouped(s, 0, 3, Regroup::down), joined(s, 0, 2));
  EXPECT_EQ(regrouped(s, 1, 4, Regroup::up), s);
}

TEST(MinimizeMoves, AJoinThatBringsNeighboursTogetherJoinsThemToo) {
  const std::vector<Segment> s = {{0, 1, ""}, {1, 1, ""}, {0, 1, ""}, {1, 1, ""}, {2, 1, ""}};
  EXPECT_EQ(joined(s, 2, 0), (std::vector<Segment>{{0, 2, ""}, {1, 2, ""}, {2, 1, ""}}));
}

TEST(MinimizeMoves, StepsStayWithinTheLimit) {
  const std::uint16_t most = trace::kSegmentStepsMax;
  const std::vector<Segment> s = {{0, most, ""}, {1, 1, ""}, {0, most, ""}};
  EXPECT_EQ(joined(s, 2, 0)[0].steps, most);
}

TEST(MinimizeMoves, AThreadWithoutOpsHasNoSegments) {
  Program p = noisy_pin(1);
  p.schedule.strategy = trace::Strategy::replay;
  p.schedule.segments = {{3, 1, ""}, {2, 1, ""}, {3, 1, ""}};
  std::vector<bool> drop(p.ops.size());
  for (std::size_t i = 0; i < drop.size(); ++i) drop[i] = p.ops[i].thread == 3;
  EXPECT_EQ(without_ops(p, {}, drop).schedule.segments, (std::vector<Segment>{{2, 1, ""}}));
}

// Op 1 is thread 0's second, its steps 3..5. Thread 1 is pre-empted where it was.
TEST(MinimizeMoves, AnOpTakesExactlyItsStepsAlong) {
  Program p;
  p.ops = {{.thread = 0}, {.thread = 0}, {.thread = 1}, {.thread = 0}};
  p.schedule.strategy = trace::Strategy::replay;
  p.schedule.segments = {{0, 4, ""}, {1, 2, ""}, {0, 1, ""}, {1, 3, ""}, {0, 9, ""}};
  const std::vector<OpSteps> steps = {{2, 2}, {3, 5}, {2, UINT32_MAX}, {6, 14}};
  EXPECT_EQ(without_steps(p, steps, {false, true, false, false}),
            (std::vector<Segment>{{0, 2, ""}, {1, 5, ""}, {0, 9, ""}}));
  EXPECT_EQ(without_steps(p, steps, {false, false, true, false}),
            (std::vector<Segment>{{0, 4, ""}, {1, 1, ""}, {0, 10, ""}}));
}

// A candidate may run with far fewer switches than it asks for; then there is nothing
// left of the window for the other way of regrouping. Fails with all 16 segments, with a
// few less, which run as two, and as those two.
TEST(Minimize, AWindowMayGoWithTheFirstOfItsTwoWays) {
  Program p;
  p.ops = {{.code = OpCode::fsync, .thread = 0}, {.code = OpCode::fsync, .thread = 1}};
  p = trace::clamped(p);
  p.schedule.strategy = trace::Strategy::replay;
  for (int i = 0; i < 8; ++i)
    for (std::uint8_t thread : {0, 1}) p.schedule.segments.push_back({thread, 1, ""});
  const std::vector<Segment> all = p.schedule.segments, two = {{0, 7, ""}, {1, 7, ""}};
  const Runner run = [&](const Program& candidate, const Options&) {
    const std::vector<Segment>& asked = candidate.schedule.segments;
    Execution execution;
    execution.segments = execution.progress = asked == all ? all : two;
    if (candidate.ops == p.ops && (asked == all || asked == two || (asked.size() > 2 && asked.size() < 16))) {
      execution.verdict = Verdict::invariant;
      execution.finding.id = "shrinks";
    }
    return execution;
  };
  EXPECT_EQ(minimize(p, run).program.schedule.segments, two);
}

// Minimises a trace that fails with `signature`, which the result has too.
Minimized minimized(const char* text, const std::string& signature) {
  const auto parsed = trace::parse(text, "inline");
  EXPECT_TRUE(parsed.has_value()) << parsed.error().str();
  EXPECT_EQ(execute(parsed->trace.program).signature(), signature);
  Minimized least = minimize(parsed->trace.program, execute);
  EXPECT_EQ(least.execution.signature(), signature);
  return least;
}

// An op of thread 0 is not needed, but what stays must be pre-empted where it was: no
// seed that is tried finds that place again.
TEST(Minimize, FindsThePreemptionAgainWhenAnOpBeforeItGoes) {
  const Minimized least = minimized(
      "daxt 1\n"
      "protocol    upstream\n"
      "geometry    files=1 blocks=1 pmd_order=1 mms=1\n"
      "T0: write   a+0 len=1 0x11\n"
      "T0: mmap    a+0 len=1 -> m0\n"
      "T0: pin     m0+0 read get fast -> p0\n"
      "T1: truncate a 0\n"
      "T0: fault   m0+0 read\n"
      "T0: unpin   p0\n"
      "schedule    T0*38 T1@op*18 T0@page_idle*22\n",
      "idle-never-reached in dax_break_layout");
  EXPECT_LE(least.program.ops.size(), 5u);
}

// All wait for one inode lock. Counted with its waits, the schedule fits no program
// with an op less: a campaign's minimiser stopped here.
TEST(Minimize, AnOpThatHeldALockCanGo) {
  const Minimized least = minimized(
      "daxt 1\n"
      "protocol    entry_ref\n"
      "geometry    files=2 blocks=5 pmd_order=1 mms=1\n"
      "T0: mmap    a+0 len=1 -> m0\n"
      "T1: truncate a 1\n"
      "T1: invalidate a+0 len=1\n"
      "T2: punch   a+1 len=1\n"
      "T2: break_layout a\n"
      "T0: mmap    a+0 len=2 -> m1\n"
      "T0: mmap    a+0 len=2 -> m2\n"
      "T2: punch   a+0 len=1\n"
      "T3: write   a+1 len=5 0x00\n"
      "T2: fault   m0+0 write 0x00\n"
      "T2: punch   a+1 len=1\n"
      "T3: pin     m0+0 read get fast -> p0\n"
      "T2: truncate b 1\n"
      "T0: reflink b+0 a+0 len=1\n"
      "T3: reflink b+0 a+0 len=1\n"
      "schedule    T0*5 T2@mmap_lock*11 T1@ilock*3 T3@iolock*3 T0@iolock*7 T2@iolock*3\n"
      "schedule    T1@mmaplock*1 T2@iolock*7 T1@op*1 T0@mmaplock*1 T2@iolock*2\n"
      "schedule    T3@iolock*1 T1@iolock*13 T2@op*3 T1@i_mmap_rwsem*2 T3@iolock*1\n"
      "schedule    T0@iolock*1 T2@iolock*12 T0@op*10 T3@mapping_mapped*1 T1@iolock*1\n"
      "schedule    T2@iolock*5 T0@mmaplock*1 T3@exit*2 T1@ag_lock*1 T2@iolock*5\n"
      "schedule    T3@ilock*1 T2@mapping_empty*18 T3@iolock*27 T2@op*8\n"
      "schedule    T1@mapcount_dec*1 T2@iolock*33 T1@exit*3 T3@xa_lock*23 T1@iolock*16\n"
      "schedule    T3@exit*25\n",
      "freed-block-pinned in xfs_reflink_remap_extent");
  EXPECT_LE(least.program.ops.size(), 8u);
}

// Without one of the VMAs the zap of another thread has fewer steps.
TEST(Minimize, AnOpThatGivesOthersStepsCanGo) {
  const Minimized least = minimized(
      "daxt 1\n"
      "protocol    legacy\n"
      "geometry    files=2 blocks=6 pmd_order=1 mms=1\n"
      "T0: write   a+0 len=4 0x00\n"
      "T0: mmap    a+0 len=1 -> m0\n"
      "T0: mmap    a+0 len=1 -> m1\n"
      "T0: mmap    b+0 len=1 -> m2\n"
      "T1: fault   m0+0 read\n"
      "T1: fault   m2+0 read\n"
      "T2: mmap    a+0 len=1 -> m3\n"
      "T2: write   a+2 len=4 0x00\n"
      "T2: reflink a+0 b+0 len=1\n"
      "T0: invalidate a+0 len=1\n"
      "schedule    T2*24 T0@iolock*22 T2@mmap_lock*24 T0@exit*3 T1@iolock*38\n"
      "schedule    T0@index_store*15 T1@exit*6\n",
      "entry-without-association in dax_insert_entry");
  EXPECT_LE(least.program.ops.size(), 9u);
}

// Everybody waits for a pin, which is dropped to help them: who is woken so must go on
// before the segments that followed.
TEST(Minimize, AWaitThatOthersEndIsNotAPreemption) {
  const Minimized least = minimized(
      "daxt 1\n"
      "protocol    legacy60\n"
      "geometry    files=3 blocks=29 pmd_order=2 mms=3\n"
      "T3: reflink b+0 a+1 len=3\n"
      "T2: reflink a+2 b+0 len=2\n"
      "T0: mmap    a+2 len=2 -> m0\n"
      "T0: write   a+2 len=6 0xea\n"
      "T0: read    a+2 len=1\n"
      "T0: write   a+2 len=6 0xea\n"
      "T2: pin     m0+0 read pin fast -> p0\n"
      "T0: mmap    a+2 len=2 -> m0\n"
      "T0: write   a+2 len=6 0xea\n"
      "T0: punch   b+2 len=3\n"
      "T2: reflink a+2 b+0 len=4\n"
      "T3: reflink b+0 a+1 len=3\n"
      "T2: pin     m0+0 read pin slow -> p0\n"
      "schedule    T3*4 T0@mmaplock*4 T3@op*3 T1@ptl*1 T0@exit*1 T3@iolock*4 T2@op*1\n"
      "schedule    T3@op*1 T0@iolock*4 T2@copy_from_iter*1 T0@iolock*22 T2@op*3\n"
      "schedule    T0@mapping_mapped*1 T2@iolock*16 T0@ag_lock*4 T2@iolock*7 T0@op*8\n"
      "schedule    T2@ag_lock*2 T0@mmap_lock*2 T2@copy_from_iter*3 T0@mmaplock*2\n"
      "schedule    T2@ag_lock*2 T0@xa_lock*1 T2@ilock*2 T0@xa_lock*2\n"
      "schedule    T2@copy_from_iter*5 T0@pte_set*1 T2@ilock*3 T0@mmap_lock*1\n"
      "schedule    T2@ilock*3 T0@op*14 T2@iolock*12 T3@ref_read*1 T2@iolock*2\n"
      "schedule    T0@page_idle*1 T2@iolock*54 T0@ilock*11 T2@ilock*2 T0@ptl*1\n"
      "schedule    T2@ag_lock*1 T0@pte_set*2 T2@ag_lock*2 T0@waitqueue_active*2\n"
      "schedule    T2@copy_from_iter*1 T0@mmap_lock*1 T2@ilock*1 T0@ptl*1 T2@ag_lock*1\n"
      "schedule    T0@ref_try_add*25 T2@exit*1 T3@exit*44\n",
      "freed-block-pinned in xfs_reflink_remap_extent");
  EXPECT_LE(least.program.ops.size(), 8u);
  EXPECT_LE(least.program.schedule.segments.size(), 10u);
}

TEST(MinimizeMoves, ANudgeMovesOneEnd) {
  const trace::Schedule schedule{.strategy = trace::Strategy::replay, .seed = 0, .bytes = {},
                                 .segments = {{0, 2, ""}, {1, 40, ""}, {0, 9, ""}}};
  const std::vector<trace::Schedule> all = nudged(schedule);
  ASSERT_GE(all.size(), 4u);
  EXPECT_EQ(all[0].segments[0].steps, 1);
  EXPECT_EQ(all[1].segments[0].steps, 3);
  EXPECT_EQ(all[2].segments[1].steps, 39);
  EXPECT_EQ(all[3].segments[1].steps, 41);
  for (const trace::Schedule& s : all) {
    EXPECT_EQ(s.segments[2], schedule.segments[2]) << "the last has no end to move";
    EXPECT_GT(s.segments[0].steps, 0);
  }
}

}  // namespace
}  // namespace daxfuzz::exec
