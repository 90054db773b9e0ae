// SPDX-License-Identifier: GPL-2.0-only
// Every row of invariant.def is broken once and kept once. A new row without a case
// fails here, and so does a checker that stays silent, speaks out of turn or leans
// on another one. The machines are in <checker>_cases.cc.
#include "oracle/judge.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "oracle/cases.h"
#include "sched/tsan_reports.h"

namespace daxfuzz::oracle {
namespace {

constexpr std::uint32_t kAll = ~0u;

std::uint32_t bit_of(Checker checker) { return 1u << static_cast<unsigned>(checker); }

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (std::span<const Case> cases :
       {reference_cases(), lifetime_cases(), entry_lock_cases(), lock_cases(), association_cases(),
        data_cases(), wakeup_cases(), warn_cases(), persistence_cases()})
    all.insert(all.end(), cases.begin(), cases.end());
  return all;
}

std::optional<Violation> run(const Case& c, bool broken, std::uint32_t checkers) {
  std::vector<trace::Setting> settings;
  if (broken) settings = c.broken;
  Bench bench(kernel::protocol_value(c.protocol, settings), checkers, c.geometry);
  c.run(bench, broken);
  // Some of these machines race as the kernel does; TSan may say so, and it is not
  // what is tested here.
  (void)sched::tsan_report_count();
  return bench.judge().violation();
}

std::string id_of(const std::optional<Violation>& violation) {
  return violation.has_value() ? std::string(violation->invariant->id) : "none";
}

class EveryInvariant : public ::testing::TestWithParam<Case> {};

TEST_P(EveryInvariant, IsFoundByItsCheckerAlone) {
  const Checker checker = invariant(GetParam().id).checker;
  const std::optional<Violation> violation = run(GetParam(), true, bit_of(checker));
  ASSERT_EQ(id_of(violation), GetParam().id);
  EXPECT_EQ(violation->function, GetParam().function);
  EXPECT_FALSE(violation->value.empty());
  EXPECT_NE(violation->value.find(GetParam().says), std::string::npos) << violation->value;
}

TEST_P(EveryInvariant, IsNotFoundWithItsCheckerOff) {
  const Checker checker = invariant(GetParam().id).checker;
  EXPECT_NE(id_of(run(GetParam(), true, kAll & ~bit_of(checker))), GetParam().id);
  EXPECT_EQ(id_of(run(GetParam(), true, 0)), "none");
}

TEST_P(EveryInvariant, IsKeptByTheTwin) {
  const std::optional<Violation> violation = run(GetParam(), false, kAll);
  EXPECT_EQ(id_of(violation), "none")
      << (violation.has_value() ? violation->value + " in " + violation->function : "");
}

std::string test_name(const ::testing::TestParamInfo<Case>& info) {
  std::string name(info.param.id);
  if (!info.param.says.empty()) name.append("_").append(info.param.function).append("_").append(info.param.says);
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

// A window of virtiofs that goes to another file.
void reuse_pinned(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)b.pin(0, 0, 0, true, true);
  (void)b.unmap(0);
  if (!broken) (void)b.unpin(0);
  (void)kernel::fuse_reclaim_dmap(b.file(0), 0, b.file(1), 0, 1);
}

TEST(Lifetime, ABlockThatIsReusedIsJudgedAsOneThatIsFreed) {
  const Case reuse{"freed-block-pinned", "reclaim_one_dmap_locked", trace::ProtocolId::legacy, {}, reuse_pinned};
  EXPECT_EQ(id_of(run(reuse, true, kAll)), "freed-block-pinned");
  EXPECT_EQ(run(reuse, true, kAll)->function, "reclaim_one_dmap_locked");
  EXPECT_EQ(id_of(run(reuse, false, kAll)), "none");
}

INSTANTIATE_TEST_SUITE_P(Row, EveryInvariant, ::testing::ValuesIn(all_cases()), test_name);

TEST(Lifetime, AHugeZeroFolioMapsNoBlock) {
  const PteRecord zero{.present = true, .write = false, .pfn = kernel::kHugeZeroPfn, .pages = 512, .where = {}};
  EXPECT_TRUE(Ledger::maps(zero, kernel::kHugeZeroPfn));
  EXPECT_FALSE(Ledger::maps(zero, kernel::block_to_pfn(0)));
  const PteRecord pmd{.present = true, .write = false, .pfn = kernel::block_to_pfn(0), .pages = 512, .where = {}};
  EXPECT_TRUE(Ledger::maps(pmd, kernel::block_to_pfn(511)));
  EXPECT_FALSE(Ledger::maps(pmd, kernel::block_to_pfn(512)));
}

TEST(Invariants, EveryRowHasACase) {
  std::multiset<std::string_view> rows, cases;
  for (const Invariant& row : invariants()) rows.insert(row.id);
  for (const Case& c : all_cases())
    if (c.says.empty()) cases.insert(c.id);
  EXPECT_EQ(cases, rows);
}

// Not a word of a rule where the table says that it does not hold.
TEST(InvariantsDeathTest, AreNotReportedWhereTheyDoNotHold) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::legacy), kAll);
  EXPECT_DEATH(bench.judge().report("mapcount-mismatch", 0, "1, not 2", "nobody"), "holds");
}

TEST(Invariants, SayWhatTheyAre) {
  for (const Invariant& row : invariants()) {
    EXPECT_FALSE(row.rule.empty()) << row.id;
    EXPECT_FALSE(row.citation.empty()) << row.id;
    EXPECT_EQ(row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << row.id;
    EXPECT_EQ(&invariant(row.id), &row);
  }
}

// The fsync has flushed the page; then it is punched and gets the same block again.
TEST(Judge, AnFsyncOwesNothingToTheNextLifeOfABlock) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::upstream), bit_of(Checker::data));
  bench.map(0, 0);
  ASSERT_EQ(bench.store(0, 0, 1), 0);
  bench.judge().fsync_begin(0, 0, UINT64_MAX);
  bench.judge().flushed(kernel::block_to_pfn(0));
  ASSERT_EQ(kernel::xfs_punch_hole(bench.file(0), 0, kernel::PAGE_SIZE), 0);
  ASSERT_EQ(kernel::xfs_file_write(bench.file(0), 0, kernel::PAGE_SIZE, 2), 0);
  ASSERT_EQ(bench.file(0).data_fork[0].block, 0u);
  bench.judge().fsync_end(0);
  EXPECT_EQ(id_of(bench.judge().violation()), "none");
}

// The first violation is the finding; what follows from it is not.
TEST(Judge, KeepsTheFirstViolation) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::upstream), kAll);
  bench.judge().warned("warn-entry-not-a-value");
  bench.judge().bug("bug-unlock-to-locked");
  bench.judge().quiescent();
  EXPECT_EQ(id_of(bench.judge().violation()), "warn-entry-not-a-value");
}

TEST(Judge, RunningOutOfStepsIsALivelock) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::upstream), bit_of(Checker::wakeup));
  bench.judge().out_of_steps(sched::kNoTask);
  EXPECT_EQ(id_of(bench.judge().violation()), "livelock");
  EXPECT_EQ(bench.judge().violation()->function, "none");
}

// Of all reasons to be stuck, the one that says most is told: task 1 sleeps in vain,
// task 0 waits for a page that stays busy, task 2 for a lock of task 1.
TEST(Judge, PrefersALostWakeUpToAllElse) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::upstream), kAll);
  bench.map(1, 0);
  (void)bench.store(0, 0, 1);
  kernel::folio_get(&bench.page(0));
  kernel::testing::InOrder choices;
  kernel::inode &file = bench.file(0), &other = bench.file(1);
  const auto breaker = [&other] { (void)kernel::xfs_break_layouts_whole(other); };
  const auto sleeper = [&file] {
    kernel::Function function("grab_mapping_entry");
    file.i_rwsem.down_write();
    kernel::wait_exceptional_entry_queue ewait;
    ewait.key = {&file.i_mapping.i_pages, 0};
    sched::set_current_state(sched::TaskState::uninterruptible);
    kernel::sleep_on_entry(ewait);
  };
  const auto waiter = [&file] { file.i_rwsem.down_write(); };
  EXPECT_EQ(bench.on_tasks(choices, {breaker, sleeper, waiter}), sched::Outcome::stuck);
  EXPECT_EQ(id_of(bench.judge().violation()), "lost-wakeup");
  EXPECT_EQ(bench.judge().violation()->function, "grab_mapping_entry");
}

// Task 1 breaks a layout in vain; task 0 only waits for its lock.
TEST(Judge, PrefersAPageThatNeverIsIdleToWhoWaitsForItsWaiter) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::upstream), kAll);
  bench.map(0, 0);
  (void)bench.store(0, 0, 1);
  kernel::folio_get(&bench.page(0));
  kernel::inode& file = bench.file(0);
  kernel::testing::SwitchAt choices("before");
  const auto waiter = [&file] {
    sched::yield_point("before");
    file.i_rwsem.down_write();
  };
  const auto breaker = [&file] { (void)kernel::xfs_break_layouts_whole(file); };
  EXPECT_EQ(bench.on_tasks(choices, {waiter, breaker}), sched::Outcome::stuck);
  EXPECT_EQ(id_of(bench.judge().violation()), "idle-never-reached");
  EXPECT_EQ(bench.judge().violation()->pfn, static_cast<std::int64_t>(kernel::kPmemPfn));
}

// Task 1 waits for a lock of task 0, which spins: that is no circle.
TEST(Judge, PrefersALivelockToWhoWaitsForIt) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::upstream), kAll);
  kernel::testing::SwitchAt choices("retry");
  kernel::inode& file = bench.file(0);
  const auto spinner = [&file] {
    kernel::Function function("dax_break_layout");
    file.i_rwsem.down_write();
    for (;;) sched::spin_point("retry");
  };
  const auto waiter = [&file] { file.i_rwsem.down_write(); };
  EXPECT_EQ(bench.on_tasks(choices, {spinner, waiter}), sched::Outcome::stuck);
  EXPECT_EQ(id_of(bench.judge().violation()), "livelock");
  EXPECT_EQ(bench.judge().violation()->function, "dax_break_layout");
}

// Entries, PTEs, FOLL_GETs and FOLL_PINs of a shared page: every protocol's count is
// what its rules add up to.
TEST(Judge, EveryProtocolsCountsAddUp) {
  for (std::size_t p = 0; p < trace::protocol_count(); p++) {
    // Alone: v1 leaves shared pages unassociated, which is another checker's to say.
    Bench bench(kernel::protocol_value(static_cast<trace::ProtocolId>(p)),
                bit_of(Checker::reference));
    bench.map(0, 0);
    (void)bench.store(0, 0, 1);
    EXPECT_EQ(kernel::xfs_remap_range(bench.file(0), 0, bench.file(1), 0, kernel::pos_of(1)), 0);
    bench.map(1, 1);
    bench.map(0, 2);
    for (int slot : {0, 1, 2}) EXPECT_EQ(bench.load(slot, 0), 1);
    // Under legacy FOLL_PIN never returns: corpus/findings/read-pin-of-shared-page-spins.daxt.
    const bool foll_pin = kernel::protocol().share != kernel::Share::magic_0x1;
    EXPECT_EQ(bench.pin(0, 0, 0, foll_pin, true, false), 0);
    EXPECT_EQ(bench.pin(1, 1, 0, false, true, false), 0);
    bench.judge().quiescent();
    EXPECT_EQ(id_of(bench.judge().violation()), "none") << p;
    bench.page(0)._refcount.init(bench.page(0)._refcount.peek() - 1);
    bench.judge().quiescent();
    EXPECT_EQ(id_of(bench.judge().violation()), "refcount-mismatch") << p;
  }
}

// A violation on a task ends the run there; nothing after it runs.
TEST(Judge, StopsTheRunAtTheViolation) {
  Bench bench(kernel::protocol_value(trace::ProtocolId::upstream), kAll);
  kernel::testing::InOrder choices;
  bool went_on = false;
  EXPECT_EQ(bench.on_tasks(choices, {[&] {
                             bench.judge().warned("warn-entry-not-a-value");
                             went_on = true;
                           }}),
            sched::Outcome::stopped);
  EXPECT_FALSE(went_on);
}

TEST(Judge, SamplesTheWatchedPage) {
  const trace::Geometry geometry = kernel::testing::kNoPmd;
  kernel::testing::Machine<Judge> machine(kernel::protocol_value(trace::ProtocolId::upstream),
                                          geometry, kAll, kernel::kPmemPfn);
  machine.watch.attach(machine.world);
  machine.map(0, 0);
  (void)machine.store(0, 0, 1);
  (void)machine.pin(0, 0, 0, true, true);
  ASSERT_FALSE(machine.watch.samples().empty());
  const Sample& last = machine.watch.samples().back();
  EXPECT_EQ(last.ref, 1 + geometry.bias);
  EXPECT_EQ(last.map, 1);
  EXPECT_EQ(last.pin, 1);
  EXPECT_EQ(last.share, 0);
}

}  // namespace

sched::Outcome Bench::on_tasks(sched::ChoiceSource& choices,
                               std::vector<std::function<void()>> bodies) {
  struct Hook final : sched::StuckHook {
    Judge& judge;
    std::optional<Violation> diagnosis;
    explicit Hook(Judge& j) : judge(j) {}
    bool stuck() override {
      diagnosis = judge.diagnose(*sched::Scheduler::current());
      return false;
    }
  };
  Hook hook(watch);
  const sched::Outcome outcome = kernel::testing::on_tasks(choices, std::move(bodies), &hook);
  if (outcome == sched::Outcome::stuck && hook.diagnosis.has_value()) watch.stuck(*hook.diagnosis);
  if (outcome == sched::Outcome::budget) watch.out_of_steps(0);
  return outcome;
}

}  // namespace daxfuzz::oracle
