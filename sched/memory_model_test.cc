// SPDX-License-Identifier: GPL-2.0-only
// Store buffers are x86's: each program of litmus.h has exactly the outcomes that it may have, over
// all schedules; every strategy comes to those that sequential consistency forbids; and what it came
// to replays.
#include <gtest/gtest.h>

#include "sched/choice_random.h"
#include "sched/litmus.h"
#include "sched/store_buffer.h"
#include "sched/strategy.h"

namespace daxfuzz::sched {
namespace {

using testing::Litmus;
using testing::litmus;
using testing::Memory;
using testing::outcome;
using testing::run;
using testing::Sleep;

// Every schedule, one a run: the last decision that is not at its last possibility goes on.
class EveryChoice final : public ChoiceSource {
 public:
  TaskId next(const Choice& choice) override {
    if (at_ == path_.size()) path_.push_back({choice.runnable, 0});
    const Made& made = path_[at_++];
    return nth_task(made.runnable, made.index);
  }
  // False if all were made.
  bool again() {
    at_ = 0;
    const auto at_the_last = [](const Made& made) {
      return made.index + 1 == static_cast<std::uint32_t>(__builtin_popcount(made.runnable));
    };
    while (!path_.empty() && at_the_last(path_.back())) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().index;
    return true;
  }

 private:
  struct Made {
    std::uint32_t runnable, index;
  };
  std::vector<Made> path_;
  std::size_t at_ = 0;
};

std::set<std::string> all_outcomes(const Litmus& program, Memory memory) {
  std::set<std::string> found;
  EveryChoice choices;
  do {
    found.insert(outcome(program, choices, memory));
  } while (choices.again());
  return found;
}

TEST(MemoryModel, HasExactlyTheOutcomesOfX86) {
  for (const Litmus& program : litmus()) {
    EXPECT_EQ(all_outcomes(program, Memory::sc), program.sc) << program.name;
    EXPECT_EQ(all_outcomes(program, Memory::tso), program.tso()) << program.name;
  }
}

// Runs until the first outcome that sequential consistency forbids; 0: none in `most`.
std::uint64_t runs_to(const Litmus& program, Strategy strategy, std::uint64_t seed, std::uint64_t most) {
  Sampler sampler(strategy, seed);
  for (std::uint64_t i = 1; i <= most; ++i)
    if (!program.sc.contains(outcome(program, sampler.next_run(), Memory::tso))) return i;
  return 0;
}

// But a PCT with more changes than such a small program has steps: each change lets a buffer come first.
TEST(MemoryModel, StrategiesFindWhatOnlyTsoAllows) {
  for (std::uint32_t s = 0; s < kStrategies; ++s)
    for (const Litmus& program : litmus()) {
      const auto strategy = static_cast<Strategy>(s);
      if (strategy == Strategy::pct5 || program.tso_too.empty()) continue;
      std::uint32_t found = 0;
      for (std::uint64_t seed = 1; seed <= 5; ++seed)
        if (runs_to(program, strategy, seed, 300) != 0) ++found;
      EXPECT_EQ(found, 5u) << program.name << " by " << name(strategy);
    }
}

TEST(MemoryModel, Replays) {
  const Litmus& sb = litmus().front();
  std::uint32_t weak = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomChoice random(seed);
    testing::Result first, second;
    const std::string got = outcome(sb, random, Memory::tso, &first);
    ReplayChoice replay(testing::segments(first.schedule));
    ASSERT_EQ(outcome(sb, replay, Memory::tso, &second), got);
    ASSERT_EQ(first.digest, second.digest);
    ASSERT_TRUE(replay.complete());
    // Lenient replay finds its way by where tasks stand.
    ReplayChoice lenient(testing::segments(first.schedule), ReplayMode::lenient);
    ASSERT_EQ(outcome(sb, lenient, Memory::tso), got);
    ASSERT_EQ(lenient.resyncs(), 0u);
    weak += got == "00" ? 1 : 0;
  }
  EXPECT_GT(weak, 10u);
}

// The same schedule without its drains is another one, and is told of.
TEST(MemoryModel, ADrainThatIsMissingDiverges) {
  ReplayChoice whole({{0, 2, ""}, {4, 1, "load"}, {1, 3, "load"}, {5, 1, "exit"}, {0, 1, "exit"}});
  EXPECT_EQ(outcome(litmus().front(), whole, Memory::tso), "11");
  EXPECT_FALSE(whole.diverged()) << whole.divergence().expected << ", " << whole.divergence().found;
  EXPECT_TRUE(whole.complete());
  ReplayChoice twice({{0, 2, ""}, {4, 2, "load"}, {1, 3, "load"}});
  (void)outcome(litmus().front(), twice, Memory::tso);
  EXPECT_TRUE(twice.diverged());
}

TEST(MemoryModel, AFullBufferLetsTheOldestGo) {
  Plain<int> words[kBufferedMax + 1];
  testing::Count seen;
  ReplayChoice choices({{0, kBufferedMax + 1, ""}, {1, 2, "store"}});
  run(choices, {[&] { for (auto& word : words) word.store(1, "store"); },
                [&] { for (const auto& word : words) seen += word.peek(); yield_point("more"); }},
      1000, Memory::tso);
  EXPECT_EQ(seen, 0) << "all of them wait";
  ReplayChoice one_more({{0, kBufferedMax + 2, ""}, {1, 2, "exit"}});
  run(one_more, {[&] { for (auto& word : words) word.store(2, "store"); },
                 [&] { for (const auto& word : words) seen += word.peek() == 2; yield_point("more"); }},
      1000, Memory::tso);
  EXPECT_EQ(seen, 1) << "the seventeenth store pushes the first one out";
}

TEST(MemoryModel, WordsOfEverySize) {
  Plain<bool> flag;
  Plain<std::uint8_t> byte;
  Plain<std::uint16_t> half;
  Plain<std::uint64_t> word;
  Plain<int*> pointer;
  int target = 0;
  RandomChoice choices(1);
  run(choices, {[&] {
        flag.put(true), byte.put(0xab), half.put(0xabcd), word.put(0x0123456789abcdef), pointer.put(&target);
        CHECK(flag.peek() && byte.peek() == 0xab && half.peek() == 0xabcd && pointer.peek() == &target);
        yield_point("more");
      }},
      1000, Memory::tso);
  EXPECT_TRUE(flag.peek());
  EXPECT_EQ(byte.peek(), 0xab);
  EXPECT_EQ(half.peek(), 0xabcd);
  EXPECT_EQ(word.peek(), 0x0123456789abcdefu);
  EXPECT_EQ(pointer.peek(), &target);
}

// Harness code sees what was stored, whoever's buffer it is in; a task sees its own only.
TEST(MemoryModel, TheHarnessSeesWhatWasStored) {
  Plain<int> x;
  testing::Count task_saw, harness_saw;
  ReplayChoice choices({{0, 2, ""}, {1, 1, "exit"}});
  run(choices, {[&] { x.store(7, "store"); },
                [&] {
                  task_saw += x.peek();
                  const HarnessScope scope;
                  harness_saw += x.peek();
                }},
      1000, Memory::tso);
  EXPECT_EQ(task_saw, 0);
  EXPECT_EQ(harness_saw, 7);
}

// Of 2000 schedules; all of them: explore/memory_model_test.cc.
std::uint32_t lost(bool waiter_mb, bool waker_mb, Memory memory) {
  std::uint32_t stuck = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    RandomChoice choices(seed);
    Sleep sleep;
    sleep.waiter_mb = waiter_mb, sleep.waker_mb = waker_mb;
    const Outcome ended = run(choices, {[&] { sleep.wait(); }, [&] { sleep.wake(); }}, 1000, memory).outcome;
    EXPECT_TRUE(ended == Outcome::finished || ended == Outcome::stuck);
    if (ended == Outcome::stuck) ++stuck;
  }
  return stuck;
}

TEST(MemoryModel, AWakeUpIsLostWithoutEitherBarrier) {
  EXPECT_EQ(lost(false, false, Memory::sc), 0u);
  EXPECT_EQ(lost(true, true, Memory::tso), 0u);
  EXPECT_GT(lost(false, true, Memory::tso), 0u);
  EXPECT_GT(lost(true, false, Memory::tso), 0u);
}

// A task that is blocked on a lock goes on when the unlock comes out of the buffer.
TEST(MemoryModel, AnUnlockWakesWhenItIsSeen) {
  SpinLock lock("lock");
  testing::Order order;
  ReplayChoice choices({{0, 3, ""}, {1, 2, "after"}, {4, 1, "lock"}, {1, 1, "lock"}});
  const auto result = run(choices, {[&] {
                                      lock.lock();
                                      yield_point("held");
                                      lock.unlock();
                                      order += 'u';
                                      yield_point("after");
                                    },
                                    [&] { lock.lock(), order += 'l', lock.unlock(); }},
                          1000, Memory::tso);
  EXPECT_EQ(result.outcome, Outcome::finished);
  EXPECT_FALSE(choices.diverged()) << choices.divergence().expected << ", " << choices.divergence().found;
  EXPECT_EQ(order.str(), "ul");
}

TEST(MemoryModelDeathTest, FiveTasksAreTooMany) {
  const auto five = [] {
    RandomChoice choices(1);
    run(choices, {[] {}, [] {}, [] {}, [] {}, [] {}}, 100, Memory::tso);
  };
  EXPECT_DEATH(five(), "CHECK failed");
}

}  // namespace
}  // namespace daxfuzz::sched
