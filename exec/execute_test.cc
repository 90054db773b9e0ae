// SPDX-License-Identifier: GPL-2.0-only
// What one run tells: verdicts, results, counts, schedules, and how it ends when
// tasks are stuck, out of steps or told an impossible schedule.
#include "exec/execute.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "model/pmem.h"
#include "oracle/invariant.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

constexpr std::int64_t kNever = INT64_MIN;
constexpr std::int64_t kFirstPfn = kernel::kPmemPfn;  // of the first block

// From the lines of a trace, without its first one.
trace::Program program(const std::string& text) {
  const auto parsed = trace::parse("daxt 1\n" + text, "test");
  EXPECT_TRUE(parsed.has_value()) << parsed.error().str();
  return parsed.has_value() ? parsed->trace.program : trace::Program{};
}

// A program on one thread, or a schedule that runs it so.
const std::string kGeometry = "geometry    files=2 blocks=4 pmd_order=2 mms=1\n";
std::string head(const std::string& protocol, const std::string& settings = "") {
  return "protocol    " + protocol + "\n" + settings + kGeometry;
}
const std::string kPinned =
    "T0: write   a+0 len=1 0x11\n"
    "T0: mmap    a+0 len=1 -> m0\n"
    "T0: pin     m0+0 write pin fast -> p0\n";

struct Mapped {
  const char* name;
  std::string text;
  Verdict verdict;
  std::string signature;
};

class VerdictOf : public ::testing::TestWithParam<Mapped> {};

TEST_P(VerdictOf, IsItsInvariantsKind) {
  const Execution execution = execute(program(GetParam().text));
  EXPECT_EQ(execution.verdict, GetParam().verdict);
  EXPECT_EQ(execution.signature(), GetParam().signature);
  EXPECT_EQ(execution.failed(), GetParam().verdict != Verdict::pass);
  if (!execution.failed()) return;
  const oracle::Invariant& row = oracle::invariant(execution.finding.id);
  EXPECT_EQ(execution.finding.rule, row.rule);
  EXPECT_EQ(execution.finding.citation, row.citation);
  EXPECT_GT(execution.finding.step, 0u);
  EXPECT_LE(execution.finding.step, execution.steps);
}

void PrintTo(const Mapped& mapped, std::ostream* out) { *out << mapped.name; }

// No program is known that ends in a deadlock or a BUG_ON; oracle/judge_test.cc has
// hand-made tasks that do.
INSTANTIATE_TEST_SUITE_P(
    Verdicts, VerdictOf,
    ::testing::Values(
        Mapped{"pass", head("upstream") + kPinned + "T0: unpin   p0\nT0: truncate a 0\n",
               Verdict::pass, "pass"},
        Mapped{"invariant",
               head("upstream", "set         busy_test=ref_gt_one\n") +
                   "T0: write   a+0 len=1 0x11\n"
                   "T0: mmap    a+0 len=1 -> m0\n"
                   "T0: pin     m0+0 write get fast -> p0\n"
                   "T0: truncate a 0\n",
               Verdict::invariant, "freed-block-pinned in xfs_bunmapi"},
        Mapped{"warn", head("legacy") + kPinned + "T0: munmap  m0\nT0: truncate a 0\n",
               Verdict::warn, "warn-truncate-busy-page in dax_disassociate_entry"},
        Mapped{"lost_wakeup",
               head("legacy", "set         wake_transition=to_zero\n") + kPinned +
                   "T0: truncate a 0\n",
               Verdict::lost_wakeup, "lost-wakeup in dax_break_layout"},
        Mapped{"hang",
               head("legacy", "set         idle_count=0\n") + kPinned + "T0: truncate a 0\n",
               Verdict::hang, "idle-never-reached in dax_break_layout"}),
    [](const ::testing::TestParamInfo<Mapped>& info) { return std::string(info.param.name); });

TEST(Execute, EveryVerdictHasAName) {
  EXPECT_STREQ(name(Verdict::pass), "pass");
  EXPECT_STREQ(name(Verdict::invariant), "invariant");
  EXPECT_STREQ(name(Verdict::warn), "warn");
  EXPECT_STREQ(name(Verdict::bug), "bug");
  EXPECT_STREQ(name(Verdict::deadlock), "deadlock");
  EXPECT_STREQ(name(Verdict::lost_wakeup), "lost-wakeup");
  EXPECT_STREQ(name(Verdict::hang), "hang");
  EXPECT_STREQ(name(Verdict::livelock), "livelock");
}

TEST(Execute, ResultsAreOfEachOpByItsNumber) {
  const Execution execution =
      execute(program(head("upstream") +
                      "T0: write   a+0 len=2 0x11\nT1: unpin   p3\nT0: read    a+1 len=1\n"
                      "T0: mmap    a+0 len=1 -> m0\nT0: mmap    a+0 len=1 -> m0\n"
                      "T0: fault   m0+0 read\nT1: read    b+0 len=1\n"));
  EXPECT_EQ(execution.results, (std::vector<std::int64_t>{0, -EINVAL, 0x11, 0, -EINVAL, 0x11, 0}));
  EXPECT_EQ(execution.signature(), "pass");
}

TEST(Execute, OpsThatNeverEndHaveNoResult) {
  const Execution execution = execute(
      program(head("legacy") + kPinned + "T0: munmap  m0\nT0: truncate a 0\nT0: unpin   p0\n"));
  ASSERT_TRUE(execution.failed());
  EXPECT_EQ(execution.results, (std::vector<std::int64_t>{0, 0, 0, 0, kNever, kNever}));
}

// The thread that pins waits itself, so nobody unpins: the pins of a process that is
// gone go, the lowest slot first and no more than are in the way.
TEST(Execute, DrainsPinsWhenAllTasksAreStuck) {
  Options options;
  options.keep_events = true;
  const Execution execution = execute(program(head("upstream") + kPinned +
                                              "T0: pin     m0+0 read get fast -> p1\n"
                                              "T0: truncate a 0\nT0: unpin   p1\n"),
                                      options);
  EXPECT_EQ(execution.signature(), "pass");
  EXPECT_EQ(execution.results, (std::vector<std::int64_t>{0, 0, 0, 0, 0, -EINVAL}));
  int drained = 0;
  for (const sched::Event& event : execution.events)
    drained += event.task == sched::kNoTask && event.kind == sched::EventKind::enter &&
               event.what == sched::Label("unpin_user_page");
  EXPECT_EQ(drained, 2);
}

TEST(Execute, DrainsNoPinThatNobodyWaitsFor) {
  const Execution execution =
      execute(program(head("upstream") + kPinned +
                      "T0: write   b+0 len=1 0x22\nT0: mmap    b+0 len=1 -> m1\n"
                      "T0: pin     m1+0 read get fast -> p1\nT0: truncate a 0\nT0: unpin   p1\n"));
  EXPECT_EQ(execution.signature(), "pass");
  EXPECT_EQ(execution.results.back(), 0);
}

// A write fault allocates an XArray node (and again after xas_nomem()), a block and
// a page table: the N-th of these fails, later ones and later ops do not.
TEST(Execute, FailNthCountsTheAllocationsOfItsOp) {
  const std::int64_t expected[] = {0, 0, -EFAULT, -ENOMEM, 0, 0};
  for (int n = 0; n < 6; n++) {
    const std::string fail = n == 0 ? "" : " fail_nth=" + std::to_string(n);
    const Execution execution = execute(program(head("entry_ref") +
                                                "T0: truncate a 2\nT0: mmap    a+0 len=2 -> m0\n"
                                                "T0: fault   m0+0 write 0x11" +
                                                fail + "\nT0: fault   m0+1 write 0x22\n"));
    EXPECT_EQ(execution.signature(), "pass") << n;
    EXPECT_EQ(execution.results[2], expected[n]) << n;
    EXPECT_EQ(execution.results[3], 0) << n;
  }
}

// From the first on: the node that xas_nomem() asks for is not there either.
TEST(Execute, FailFromFailsEachAllocationFromThere) {
  const std::int64_t expected[] = {-ENOMEM, -EFAULT, -ENOMEM, 0};
  for (int n = 1; n <= 4; n++) {
    const Execution execution = execute(program(head("entry_ref") +
                                                "T0: truncate a 2\nT0: mmap    a+0 len=2 -> m0\n"
                                                "T0: fault   m0+0 write 0x11 fail_from=" +
                                                std::to_string(n) + "\nT0: fault   m0+1 write 0x22\n"));
    EXPECT_EQ(execution.signature(), "pass") << n;
    EXPECT_EQ(execution.results[2], expected[n - 1]) << n;
    EXPECT_EQ(execution.results[3], 0) << n;
  }
}

// Its address was right when it began to wait for mmap_lock; then the slot is mapped anew,
// a page further up.
TEST(Execute, AnAccessToAMappingThatMovedMeanwhileIsSigsegv) {
  const Execution execution = execute(program("protocol    upstream\n" + kGeometry +
                                              "T0: mmap    a+0 len=1 -> m0\n"
                                              "T0: write   a+0 len=1 0x11\n"
                                              "T1: fault   m0+0 read\n"
                                              "T0: munmap  m0\n"
                                              "T0: mmap    a+0 len=1 at=1 -> m0\n"
                                              "schedule    T0*12 T1*3 T0*60\n"));
  EXPECT_EQ(execution.signature(), "pass");
  EXPECT_EQ(execution.results[2], -EFAULT);
}

// xfs_free_file_space() zeroes no part of a page beyond the end of the file.
TEST(Execute, APunchLeavesWhatIsStoredBeyondTheEnd) {
  const Execution execution = execute(program(head("upstream") +
                                              "T0: mmap    a+0 len=1 -> m0\n"
                                              "T0: truncate a 1 early\n"
                                              "T0: fault   m0+0 write 0x11\n"
                                              "T0: punch   a+0 len=1 late\n"));
  EXPECT_EQ(execution.signature(), "pass");
  EXPECT_EQ(execution.results[3], 0);
}

TEST(Execute, FailNthOfAWrite) {
  const Execution execution =
      execute(program(head("upstream") + "T0: write   a+1 len=1 0x11\n"
                                         "T0: write   a+0 len=3 0x22 fail_nth=2\n"
                                         "T0: write   a+0 len=3 0x33\n"));
  EXPECT_EQ(execution.results, (std::vector<std::int64_t>{0, -ENOSPC, 0}));
}

// With the first checker off, the next harm is the finding; with all off, none is.
TEST(Execute, ACheckerThatIsOffFindsNothing) {
  const trace::Program p = program(
      head("upstream", "set         busy_test=ref_gt_one\n") +
      "T0: write   a+0 len=1 0x11\nT0: mmap    a+0 len=1 -> m0\n"
      "T0: pin     m0+0 write get fast -> p0\nT0: truncate a 0\nT0: dma     p0 write 0x5a\n");
  const auto with = [&p](std::uint32_t checkers) {
    Options options;
    options.checkers = checkers;
    return execute(p, options).signature();
  };
  EXPECT_EQ(with(kCheckAll), "freed-block-pinned in xfs_bunmapi");
  EXPECT_EQ(with(kCheckLifetime), "freed-block-pinned in xfs_bunmapi");
  EXPECT_EQ(with(kCheckAll & ~kCheckLifetime), "dma-into-freed-block in dma");
  EXPECT_EQ(with(kCheckData), "dma-into-freed-block in dma");
  EXPECT_EQ(with(kCheckAll & ~kCheckLifetime & ~kCheckData), "pass");
  EXPECT_EQ(with(0), "pass");
}

TEST(Execute, CheckersAreTheOraclesBits) {
  const auto bit = [](oracle::Checker checker) { return 1u << static_cast<unsigned>(checker); };
  EXPECT_EQ(bit(oracle::Checker::reference), kCheckReference);
  EXPECT_EQ(bit(oracle::Checker::lifetime), kCheckLifetime);
  EXPECT_EQ(bit(oracle::Checker::entry_lock), kCheckEntryLock);
  EXPECT_EQ(bit(oracle::Checker::association), kCheckAssociation);
  EXPECT_EQ(bit(oracle::Checker::data), kCheckData);
  EXPECT_EQ(bit(oracle::Checker::wakeup), kCheckWakeup);
  EXPECT_EQ(bit(oracle::Checker::warn), kCheckWarn);
  for (const oracle::Invariant& row : oracle::invariants())
    EXPECT_NE(bit(row.checker) & kCheckAll, 0u) << row.id;
}

TEST(Execute, ClampsWhatIsNotValid) {
  trace::Program wild = program(head("upstream") + kPinned);
  wild.geometry.files = 200;
  wild.geometry.blocks = 0;
  wild.ops.push_back(
      {.code = trace::OpCode::punch, .thread = 77, .file = 99, .page = 250, .len = 9});
  ASSERT_FALSE(trace::valid(wild));
  const Execution execution = execute(wild);
  EXPECT_EQ(execution.digest, execute(trace::clamped(wild)).digest);
  EXPECT_EQ(execution.results.size(), trace::clamped(wild).ops.size());
}

TEST(Execute, PageStatesFollowTheWatchedPage) {
  Options options;
  options.keep_events = true;
  options.watch_pfn = kFirstPfn;  // the first block
  const Execution execution =
      execute(program(head("upstream") + kPinned +
                      "T0: pin     m0+0 write get fast -> p1\nT0: munmap  m0\n"),
              options);
  ASSERT_EQ(execution.signature(), "pass");
  ASSERT_EQ(execution.page_states.size(), execution.events.size());
  const PageState after[] = {{}, {}, {1025, 1, 1, 0}, {1026, 1, 2, 0}, {1025, 0, 2, 0}};
  for (std::size_t i = 0; i < execution.events.size(); i++) {
    const sched::Event& event = execution.events[i];
    if (event.kind != sched::EventKind::op_end) continue;
    const PageState& state = execution.page_states[i];
    EXPECT_EQ(state, after[event.a]) << "ref " << state.ref << " map " << state.map << " pin "
                                     << state.pin << " after op " << event.a;
  }
  EXPECT_EQ(execution.page_states.front(), PageState{});
  // A state is that after its event: the step in which GUP takes the reference has it.
  std::size_t pinned = 0;
  while (execution.page_states[pinned].ref < 1024) pinned++;
  EXPECT_EQ(execution.events[pinned].kind, sched::EventKind::step);
  EXPECT_EQ(execution.events[pinned].what, sched::Label("ref_add"));
}

TEST(Execute, PageStatesAreOfTheFindingsPageUnlessToldOtherwise) {
  Options options;
  options.keep_events = true;
  const std::string fine = head("upstream") + kPinned;
  EXPECT_TRUE(execute(program(fine), options).page_states.empty());
  const trace::Program bad = program(head("upstream", "set         busy_test=ref_gt_one\n") +
                                     "T0: write   a+0 len=1 0x11\nT0: mmap    a+0 len=1 -> m0\n"
                                     "T0: pin     m0+0 write get fast -> p0\nT0: truncate a 0\n");
  const Execution execution = execute(bad, options);
  ASSERT_EQ(execution.finding.pfn, kFirstPfn);
  ASSERT_EQ(execution.page_states.size(), execution.events.size());
  EXPECT_EQ(execution.page_states.back().pin, 1);
  const Execution quiet = execute(bad);
  EXPECT_EQ(quiet.digest, execution.digest);
  EXPECT_TRUE(quiet.events.empty());
  EXPECT_TRUE(quiet.page_states.empty());
}

const std::string kTwoThreads =
    "T0: write   a+0 len=2 0x11\nT0: mmap    a+0 len=2 -> m0\nT0: fault   m0+0 write 0x22\n"
    "T0: pin     m0+1 write pin fast -> p0\nT1: punch   a+0 len=1\nT1: read    a+0 len=2\n"
    "T1: reflink a+0 b+0 len=1\nT0: unpin   p0\n";

TEST(Execute, AScheduleThatWasRecordedReplays) {
  for (int seed = 1; seed <= 20; seed++) {
    const trace::Program p = program(head("upstream") + kTwoThreads +
                                     "schedule    random seed=" + std::to_string(seed) + "\n");
    const Execution first = execute(p);
    const trace::Program replay = with_schedule(p, first);
    EXPECT_EQ(replay.schedule.strategy, trace::Strategy::replay);
    const Execution second = execute(replay);
    EXPECT_EQ(second.digest, first.digest) << seed;
    EXPECT_EQ(second.results, first.results) << seed;
    EXPECT_EQ(second.segments, first.segments) << seed;
    EXPECT_FALSE(second.diverged) << second.divergence;
    EXPECT_TRUE(second.divergence.empty());
  }
}

// Of a random schedule: T0's first ops are over before another thread makes a step, and what
// comes after is any interleaving.
TEST(Execute, TheSetUpComesFirst) {
  trace::Program p = program(head("upstream") + kPinned + "T0: fsync   a\nT1: fsync   a\n");
  int before = 0, among = 0;
  for (p.schedule.seed = 0; p.schedule.seed < 50; p.schedule.seed++) {
    p.schedule.set_up = 0;
    before += execute(p).segments.front().thread == 1 ? 1 : 0;
    p.schedule.set_up = 3;
    const Execution execution = execute(p);
    ASSERT_EQ(execution.segments.front().thread, 0) << p.schedule.seed;
    ASSERT_GE(execution.segments.front().steps, execution.op_steps[2].last) << p.schedule.seed;
    among += execution.segments.size() > 3 ? 1 : 0;
    EXPECT_EQ(execute(with_schedule(p, execution)).digest, execution.digest);
  }
  EXPECT_GT(before, 10);
  EXPECT_GT(among, 10);
}

// A set-up that waits for others lets them run; one that is all that T0 does ends with it.
TEST(Execute, ASetUpThatWaitsIsNotWaitedFor) {
  trace::Program p = program(head("legacy") + kPinned + "T0: truncate a 0\nT1: unpin   p0\n");
  p.schedule.set_up = 4;
  const Execution execution = execute(p);
  EXPECT_EQ(execution.signature(), "pass");
  EXPECT_GE(execution.segments.front().steps, execution.op_steps[2].last);
}

TEST(Execute, AnImpossibleScheduleIsADivergence) {
  trace::Program p = program(head("upstream") + kPinned);
  p.schedule = {.strategy = trace::Strategy::replay,
                .seed = 0,
                .bytes = {},
                .segments = {{0, 2, ""}, {1, 3, ""}}};
  const Execution execution = execute(p);
  EXPECT_TRUE(execution.diverged);
  EXPECT_EQ(execution.divergence.rfind("segment 1 at step 2: expected ", 0), 0u)
      << execution.divergence;
  EXPECT_EQ(execution.signature(), "pass");  // it goes on, and says so
  p.schedule.segments = {{0, 2, ""}};
  EXPECT_FALSE(execute(p).diverged);
}

// The program changed: a thread has one more op in front. The label finds the place
// where the switch belongs, and the run says that it did not follow the counts.
TEST(Execute, ALenientReplayResynchronisesOnLabelsAndSaysSo) {
  trace::Program p = program(head("upstream") + kTwoThreads);
  p.schedule = {.strategy = trace::Strategy::replay, .seed = 0, .bytes = {}, .segments = {}};
  p.schedule.segments = {{0, 20, ""}, {1, 1, ""}};
  const Execution first = execute(p);
  ASSERT_GE(first.segments.size(), 2u);
  trace::Program changed = with_schedule(p, first);
  changed.ops.insert(changed.ops.begin(),
                     {.code = trace::OpCode::read, .thread = 0, .file = 1, .len = 1});
  Options options;
  options.lenient = true;
  const Execution lenient = execute(changed, options);
  EXPECT_EQ(lenient.segments[1].thread, 1);
  EXPECT_EQ(lenient.segments[1].label, first.segments[1].label);
  EXPECT_GT(lenient.segments[0].steps, 20);
  const std::string expected = "segment 1 at step 20: expected T0@" + first.segments[1].label;
  EXPECT_EQ(lenient.divergence.rfind(expected + ", found T0@", 0), 0u) << lenient.divergence;
  EXPECT_EQ(lenient.signature(), "pass");

  const Execution strict = execute(changed);
  EXPECT_TRUE(strict.diverged);
  EXPECT_NE(strict.segments[1].label, first.segments[1].label);
}

}  // namespace
}  // namespace daxfuzz::exec
