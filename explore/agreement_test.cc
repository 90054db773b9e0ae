// SPDX-License-Identifier: GPL-2.0-only
// The search against two that know no states: brute force over small random programs,
// where each outcome must be the same, and random schedules of larger ones, which must
// find nothing that a complete search did not.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "explore/program.h"
#include "explore/testing.h"
#include "fuzz/draw.h"
#include "sched/choice_pct.h"
#include "sched/choice_random.h"
#include "sched/wait_queue.h"
#include "trace/text.h"

namespace daxfuzz::explore::testing {
namespace {

constexpr int kPrograms = 200;

// Tasks that each do a few drawn things to two words under two locks and a wait queue.
constexpr std::uint32_t kTasks = 3, kActions = 3;
enum class Action : std::uint8_t { put, add, get, swap, locked, reads, writes, sleeps, wakes, spins, none };
struct Plan {
  std::uint32_t tasks = 2;
  std::array<std::array<Action, kActions>, kTasks> actions{};
};

class Drawn {
 public:
  static inline Plan plan;  // of the next one that is made

  [[nodiscard]] std::uint32_t tasks() const { return plan_.tasks; }
  void task(std::uint32_t t) {
    for (std::uint32_t i = 0; i < kActions; i++) act(t, plan_.actions[t][i]);
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const int seen : seen_) text += std::to_string(seen) + " ";
    return text + std::to_string(a_.peek()) + " " + std::to_string(b_.peek());
  }

 private:
  void saw(std::uint32_t t, int value) { seen_[t] = seen_[t] * 10 + value + 1; }
  void act(std::uint32_t t, Action action) {
    const int own = static_cast<int>(t) + 1;
    switch (action) {
      case Action::put: return b_.set(own, "put");
      case Action::add: return saw(t, a_.add_return(1, "add"));
      case Action::get: return saw(t, b_.read("get"));
      case Action::swap: return saw(t, b_.xchg(own, "swap"));
      case Action::locked:
        lock_.lock();
        a_.set(a_.read("get") + 1, "put");
        return lock_.unlock();
      case Action::reads:
        semaphore_.down_read();
        saw(t, a_.read("get"));
        return semaphore_.up_read();
      case Action::writes:
        semaphore_.down_write();
        a_.set(own, "put");
        return semaphore_.up_write();
      case Action::sleeps: {
        sched::WaitQueueEntry entry{.task = static_cast<sched::TaskId>(t), .func = sched::autoremove_wake_function};
        queue_.prepare_to_wait(entry, sched::TaskState::uninterruptible);
        if (b_.read("get") == 0) sched::schedule({.what = "queue", .kind = sched::WaitReason::Kind::event});
        return queue_.finish_wait(entry);
      }
      case Action::wakes:
        b_.set(1, "put");
        return queue_.wake_up(0, nullptr);
      case Action::spins:
        while (b_.read("get") == 0) sched::spin_point("retry");
        return;
      case Action::none: return;
    }
  }

  Plan plan_ = plan;
  sched::Atomic<int> a_, b_;
  sched::SpinLock lock_{"lock"};
  sched::RwSem semaphore_{"semaphore"};
  sched::WaitQueueHead queue_;
  std::array<int, kTasks> seen_{};
};

Plan drawn_plan(fuzz::Random& random) {
  Plan plan;
  plan.tasks = random.one_in(3) ? 3 : 2;
  for (std::uint32_t t = 0; t < plan.tasks; t++)
    for (std::uint32_t i = 0; i < kActions; i++)
      plan.actions[t][i] = random.one_in(4) ? Action::none
                                            : random.number_below<Action>(10);
  return plan;
}

class Agreement : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!arena_available()) GTEST_SKIP() << "no arena under a sanitizer";
  }
};

TEST_F(Agreement, TasksHaveTheOutcomesOfBruteForce) {
  fuzz::Random random(7);
  int compared = 0, several = 0, failed = 0;
  std::uint64_t brute = 0, merged = 0;
  while (compared < kPrograms) {
    Drawn::plan = drawn_plan(random);
    Tasks<Drawn> subject;
    Limits limits;
    limits.executions = 4'000;
    limits.merge = false;
    const Report all = search(subject, limits);
    if (!all.complete()) continue;
    limits.merge = true;
    const Report report = search(subject, limits);
    ASSERT_TRUE(report.complete());
    ASSERT_EQ(keys(report), keys(all)) << "program " << compared;
    compared++;
    several += all.outcomes.size() > 1 ? 1 : 0;
    failed += all.failure() != nullptr ? 1 : 0;
    brute += all.executions;
    merged += report.executions;
  }
  EXPECT_GT(several, kPrograms / 2);
  EXPECT_GT(failed, kPrograms / 20);
  EXPECT_LT(merged * 4, brute);
}

TEST_F(Agreement, ProgramsHaveTheOutcomesOfBruteForce) {
  fuzz::Random random(1);
  int compared = 0, several = 0;
  std::uint64_t brute = 0, merged = 0;
  while (compared < kPrograms) {
    trace::Program program = fuzz::drawn({.protocol = {}, .threads = 2, .ops = 6, .focused = false}, random);
    program.ops.resize(2 + random.below(3));
    program = trace::clamped(program);
    if (program.threads() < 2) continue;
    ProgramLimits limits;
    limits.executions = 1'000;
    limits.merge = false;
    const Report all = explore(program, limits);
    if (!all.complete()) continue;
    limits.merge = true;
    const Report report = explore(program, limits);
    ASSERT_TRUE(report.complete());
    trace::Trace trace;
    trace.program = program;
    ASSERT_EQ(keys(report), keys(all)) << trace::print(trace);
    compared++;
    several += all.outcomes.size() > 1 ? 1 : 0;
    brute += all.executions;
    merged += report.executions;
  }
  EXPECT_GT(several, kPrograms / 20);
  EXPECT_LT(merged * 2, brute);
}

void expect_nothing_else(trace::Program program, const Report& report, std::uint64_t schedules) {
  for (std::uint64_t seed = 0; seed < schedules; seed++) {
    std::unique_ptr<sched::ChoiceSource> choices;
    if (seed % 2 == 0) {
      choices = std::make_unique<sched::RandomChoice>(seed);
    } else {
      choices = std::make_unique<sched::PctChoice>(seed, 2 + seed / 2 % 4, report.steps_longest);
    }
    exec::Options options;
    options.choices = choices.get();
    const std::string key = outcome_key(exec::execute(program, options));
    ASSERT_TRUE(report.outcomes.contains(key)) << key;
  }
}

// The claims of corpus/ that can be searched in a moment.
TEST_F(Agreement, RandomSchedulesFindNothingElse) {
  int searched = 0;
  for (const std::string& path : ::testing::internal::GetArgvs()) {
    if (!path.ends_with(".daxt")) continue;
    std::ifstream in(path);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto parsed = trace::parse(text, path);
    ASSERT_TRUE(parsed.has_value()) << path;
    const trace::Program& program = parsed->trace.program;
    ProgramLimits limits;
    limits.executions = 5'000;
    if (program.threads() < 2) continue;
    const Report report = explore(program, limits);
    if (!report.complete()) continue;
    SCOPED_TRACE(path);
    searched++;
    expect_nothing_else(program, report, 2'000);
  }
  EXPECT_GE(searched, 10);
}

}  // namespace
}  // namespace daxfuzz::explore::testing
