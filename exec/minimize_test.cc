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

// An op of thread 0 is not needed, but what stays must be pre-empted where it was.
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
      "schedule    T1*2 T0@iolock*3 T1@ilock*1 T0@iolock*12 T1@gup_pmd_read*1\n"
      "schedule    T0@mmaplock*12 T1@ilock*1 T0@mmaplock*25 T1@mmap_lock*3 T0@ptl*3\n"
      "schedule    T1@compound_head_read*1 T0@ptl*4 T1@user_access*5 T0@mapcount_dec*1\n"
      "schedule    T1@mmap_lock*2 T0@ref_put*2 T1@pmd_read*2 T0@compound_head_read*2\n"
      "schedule    T1@mmaplock*1 T0@ref_read*1 T1@mmaplock*5 T0@schedule*1\n"
      "schedule    T1@i_size_read*1 T0@page_idle*23\n",
      "idle-never-reached in dax_break_layout");
  EXPECT_LE(least.program.ops.size(), 5u);
}

// All wait for one inode lock. Counted with its waits, it fits no program with an op less.
TEST(Minimize, AnOpThatHeldALockCanGo) {
  const Minimized least = minimized(
      "daxt 1\n"
      "protocol    entry_ref\n"
      "geometry    files=1 blocks=22 pmd_order=2 mms=1 waits=3\n"
      "T1: memory_failure block=3 holder\n"
      "T2: punch   a+2 len=6\n"
      "T0: writeback a\n"
      "T3: write   a+0 len=4 late 0xb5\n"
      "T2: zero    a+2 len=4 inner\n"
      "T1: unshare a+0 len=4 late\n"
      "T0: punch   a+3 len=2\n"
      "T0: mmap    a+0 len=4 -> m0\n"
      "T3: fault   m0+3 write 0x3f\n"
      "T0: drop_caches a\n"
      "T3: memory_failure block=0 holder\n"
      "T0: madvise m0+0 len=6\n"
      "T2: mkwrite m0+2 0x66\n"
      "T2: fault   m4+4 write 0xb9\n"
      "T3: alloc   a+1 len=1\n"
      "T2: fault   m0+0 read\n"
      "T2: alloc   a+0 len=4 fail_nth=3\n"
      "T1: fault   m0+3 read\n"
      "T3: unshare a+3 len=3\n"
      "T2: break_layout a\n"
      "schedule    T0*1 T2@op*1 T0@op*1 T2@mapping_tagged*1 T3@iolock*1 T2@op*1\n"
      "schedule    T0@mmaplock*1 T1@op*1 T0@op*1 T1@iolock*1 T2@badblocks_add*1\n"
      "schedule    T0@mapping_mapped*1 T3@iolock*1 T2@iolock*1 T1@mapping_tagged*1\n"
      "schedule    T2@mf_mutex*1 T1@i_mmap_rwsem*1 T2@ag_lock*1 T1@mapping_empty*1\n"
      "schedule    T2@op*1 T1@ilock*1 T3@iolock*1 T2@iolock*1 T0@op*1 T2@mmaplock*1\n"
      "schedule    T1@iolock*1 T2@iolock*1 T0@iolock*1 T3@mapping_mapped*1 T0@iolock*5\n"
      "schedule    T1@op*1 T3@mmaplock*1 T2@iolock*1 T1@iolock*2 T0@ilock*2\n"
      "schedule    T1@i_mmap_rwsem*2 T0@ilock*2 T1@find_entries*1 T0@i_size_write*4\n"
      "schedule    T1@exit*5 T2@op*2 T3@mapping_mapped*1 T2@iolock*1 T1@i_mmap_rwsem*1\n"
      "schedule    T2@user_access*1 T1@pmd_read*3 T2@mmaplock*2 T1@mapping_tagged*1\n"
      "schedule    T2@mmaplock*17 T1@op*1 T2@i_size_read*1 T1@user_access*2\n"
      "schedule    T3@pmd_read*1 T1@ilock*1 T3@ilock*2 T2@zero_blocks*1 T3@op*2\n"
      "schedule    T1@find_entries*1 T3@xa_lock*1 T1@xa_lock*1 T3@compound_head_read*1\n"
      "schedule    T2@xa_lock*1 T1@op*2 T2@head_flag_store*2 T1@mmap_lock*1\n"
      "schedule    T2@mapping_store*4 T1@xa_lock*1 T2@compound_head_store*1\n"
      "schedule    T1@xa_lock*17 T3@compound_head_read*2 T1@schedule*1\n"
      "schedule    T2@head_flag_read*1 T1@wq_lock*1 T2@order_load*2 T3@dax_entry*1\n"
      "schedule    T1@dax_entry*9 T3@exit*20\n",
      "warn-put-busy-page in dax_disassociate_entry");
  EXPECT_LE(least.program.ops.size(), 8u);
}

// Without one of the VMAs the zap of another thread has fewer steps.
TEST(Minimize, AnOpThatGivesOthersStepsCanGo) {
  const Minimized least = minimized(
      "daxt 1\n"
      "protocol    legacy\n"
      "geometry    files=2 blocks=6 pmd_order=1 mms=1\n"
      "T0: write   a+0 len=2 0x00\n"
      "T0: mmap    a+0 len=1 -> m0\n"
      "T0: mmap    a+0 len=1 -> m1\n"
      "T0: mmap    b+0 len=1 -> m2\n"
      "T1: fault   m0+0 read\n"
      "T1: fault   m2+0 read\n"
      "T2: mmap    a+0 len=1 -> m3\n"
      "T1: pin     m1+0 read get fast -> p0\n"
      "T1: read    a+0 len=1\n"
      "T1: read    a+1 len=1\n"
      "T2: read    a+1 len=1\n"
      "T0: invalidate a+0 len=1\n"
      "T0: punch   a+0 len=1\n"
      "T1: unpin   p0\n"
      "schedule    T2*1 T0@op*1 T2@op*1 T0@mmap_lock*7 T2@copy_from_iter*2 T0@op*2\n"
      "schedule    T1@i_size_write*1 T0@op*1 T2@ilock*1 T0@iolock*2 T1@mmap_lock*1\n"
      "schedule    T0@op*2 T2@op*2 T0@copy_to_iter*2 T2@i_mmap_rwsem*1 T0@exit*1\n"
      "schedule    T1@op*2 T0@gup_pmd_read*1 T1@mmap_lock*2 T0@pmd_read*1\n"
      "schedule    T1@mmap_lock*24 T0@ref_read*1 T1@mmap_lock*2 T0@op*4\n"
      "schedule    T1@mapping_empty*2 T0@iolock*18 T1@i_mmap_rwsem*1 T0@iolock*15\n",
      "freed-block-pinned in xfs_bunmapi");
  EXPECT_LE(least.program.ops.size(), 9u);
}

// Everybody waits for a pin, dropped to help them: who is woken goes on before what followed.
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
      "schedule    T3*1 T2@op*2 T0@iolock*3 T2@i_mmap_rwsem*1 T3@iolock*1 T1@iolock*1\n"
      "schedule    T0@exit*1 T2@op*2 T3@mapping_mapped*1 T0@iolock*1 T2@iolock*1\n"
      "schedule    T0@i_mmap_rwsem*1 T2@iolock*6 T0@gup_pmd_read*1 T3@mmaplock*1\n"
      "schedule    T2@iolock*2 T0@pmd_read*1 T2@ilock*1 T0@pmd_read*5\n"
      "schedule    T2@mapping_empty*1 T0@mmaplock*2 T2@copy_from_iter*1\n"
      "schedule    T0@i_size_read*6 T2@ilock*3 T0@mmaplock*1 T3@op*1 T2@iolock*1\n"
      "schedule    T0@i_size_read*1 T2@iolock*1 T3@xa_lock*1 T2@mmaplock*2 T3@ilock*1\n"
      "schedule    T0@mmaplock*1 T2@iolock*11 T3@mmap_lock*1 T2@mapping_mapped*1\n"
      "schedule    T3@pmd_read*1 T2@i_mmap_rwsem*3 T3@ref_add*1 T2@pmd_read*2\n"
      "schedule    T3@iolock*2 T2@pte_clear*1 T3@iolock*24 T0@iolock*1 T3@ilock*1\n"
      "schedule    T2@iolock*1 T0@iolock*2 T2@op*1 T0@iolock*2 T2@iolock*1\n"
      "schedule    T3@mmaplock*1 T2@iolock*29 T3@ilock*1 T2@iolock*1 T0@ilock*1\n"
      "schedule    T2@iolock*16 T0@op*1 T3@ilock*1 T2@iolock*5 T0@pmd_read*2\n"
      "schedule    T2@ag_lock*4 T0@xa_lock*1 T2@ag_lock*1 T0@pmd_read*11\n"
      "schedule    T2@copy_from_iter*1 T0@ilock*5 T2@ilock*2 T0@pmd_read*1 T2@ag_lock*1\n"
      "schedule    T0@ptl*1 T2@ilock*1 T0@pte_set*2 T2@ilock*1 T0@xa_lock*1\n"
      "schedule    T2@ag_lock*2 T0@mmap_lock*1 T2@ag_lock*3 T0@ref_read*2\n"
      "schedule    T2@copy_from_iter*1 T0@ref_add*2 T2@ilock*1 T0@exit*1 T3@op*7\n"
      "schedule    T0@pte_clear*1 T3@op*2 T0@ref_read*2 T3@iolock*37\n",
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
