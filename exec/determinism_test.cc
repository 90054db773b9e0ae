// SPDX-License-Identifier: GPL-2.0-only
// The same trace is the same execution: in every build, twice in one process, and
// whatever ran in between. One constant stands for 200 programs under each protocol;
// every compiler, optimisation and sanitizer must agree on it.
//
// The constant changes whenever the port changes what it does or where it yields:
// then run with DAXFUZZ_REGENERATE=1 and record what it prints, in the same commit.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "exec/execute.h"
#include "sched/choice_random.h"
#include "sched/scheduler.h"
#include "trace/bytes.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

constexpr std::uint64_t kRecorded = 0x2e3304eb937b0140u;
constexpr std::uint64_t kRecordedTso = 0x1947b316b39f7d24u;  // with store buffers
constexpr std::size_t kPrograms = 200;

const std::vector<trace::Setting> kTso = {{trace::SwitchId::memory, 1}};

// SplitMix64, written out: no std distribution is the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::uint8_t below(std::size_t bound) { return static_cast<std::uint8_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

trace::Op random_op(Random& random, std::size_t threads) {
  trace::Op op;
  op.code = static_cast<trace::OpCode>(random.below(trace::op_count()));
  op.thread = random.below(threads);
  op.file = random.below(2);
  op.file2 = random.below(2);
  op.page = random.below(3);
  op.page2 = random.below(3);
  op.len = static_cast<std::uint8_t>(1 + random.below(3));
  op.map = random.below(2);
  op.pin = random.below(3);
  op.mm = random.below(2);
  op.access = random.below(2) != 0 ? trace::Access::write : trace::Access::read;
  op.pin_kind = random.below(2) != 0 ? trace::PinKind::pin : trace::PinKind::get;
  op.pin_walk = random.below(2) != 0 ? trace::PinWalk::slow : trace::PinWalk::fast;
  op.value = random.below(256);
  op.fail_nth = random.below(8) == 0 ? static_cast<std::uint8_t>(1 + random.below(4)) : 0;
  return op;
}

// Both files are written and mapped first, so that most ops find something.
trace::Program random_program(std::uint64_t seed) {
  Random random(seed);
  trace::Program program;
  program.geometry = {.files = 2, .blocks = 6, .pmd_order = 2, .mms = 2};
  for (std::uint8_t file = 0; file < 2; file++) {
    program.ops.push_back({.code = trace::OpCode::write, .file = file, .len = 3, .value = 0x11});
    program.ops.push_back(
        {.code = trace::OpCode::mmap, .file = file, .len = 3, .map = file, .mm = file});
  }
  const std::size_t threads = 1 + random.below(4);
  for (std::size_t ops = 4 + random.below(16); ops > 0; ops--)
    program.ops.push_back(random_op(random, threads));
  program.schedule.strategy =
      random.below(4) == 0 ? trace::Strategy::bytes : trace::Strategy::random;
  program.schedule.seed = random.next();
  if (program.schedule.strategy == trace::Strategy::bytes)
    for (int i = 0; i < 64; i++) program.schedule.bytes.push_back(random.below(256));
  return trace::clamped(program);
}

// Everything that an execution tells, and not the digest of its log only.
std::uint64_t identity(const Execution& execution, std::uint64_t hash = sched::kFnvBasis) {
  std::string text = execution.signature() + " " + name(execution.verdict) + " " +
                     execution.finding.value + " " + execution.finding.waits + " " +
                     std::to_string(execution.digest) + " " + std::to_string(execution.steps);
  for (std::int64_t result : execution.results) text += " " + std::to_string(result);
  for (const trace::Segment& segment : execution.segments)
    text += " T" + std::to_string(segment.thread) + "@" + segment.label + "*" +
            std::to_string(segment.steps);
  return sched::fnv1a(text, hash);
}

// What was executed, so that the constant cannot stand for nothing.
struct Tally {
  std::uint64_t hash = sched::kFnvBasis;
  std::size_t passed = 0, failed = 0, succeeded_ops = 0;
};

Tally run_all(const std::vector<trace::Setting>& settings = {}) {
  Tally tally;
  for (std::size_t seed = 0; seed < kPrograms; seed++) {
    trace::Program program = random_program(seed);
    for (std::size_t p = 0; p < trace::protocol_count(); p++) {
      program.protocol = static_cast<trace::ProtocolId>(p);
      program.settings = settings;
      const Execution execution = execute(program);
      tally.hash = identity(execution, tally.hash);
      (execution.failed() ? tally.failed : tally.passed)++;
      for (std::int64_t result : execution.results) tally.succeeded_ops += result >= 0;
    }
  }
  return tally;
}

void expect_recorded(const char* name, const Tally& tally, std::uint64_t recorded) {
  EXPECT_GT(tally.passed, 200u);
  EXPECT_GT(tally.failed, 20u);
  EXPECT_GT(tally.succeeded_ops, 4000u);
  char constant[32];
  std::snprintf(constant, sizeof constant, "0x%016llxu",
                static_cast<unsigned long long>(tally.hash));
  if (std::getenv("DAXFUZZ_REGENERATE") != nullptr) {
    std::printf("constexpr std::uint64_t %s = %s;\n", name, constant);
    return;
  }
  EXPECT_EQ(tally.hash, recorded) << "now " << constant << "; DAXFUZZ_REGENERATE=1 prints it";
}

TEST(Determinism, EveryBuildAgrees) { expect_recorded("kRecorded", run_all(), kRecorded); }

TEST(Determinism, EveryBuildAgreesWithStoreBuffers) {
  expect_recorded("kRecordedTso", run_all(kTso), kRecordedTso);
}

// A schedule says when stores are drained, in text and in bytes.
TEST(Determinism, DrainsReplay) {
  std::size_t drained = 0;
  for (std::size_t seed = 0; seed < kPrograms; seed++) {
    trace::Program program = random_program(seed);
    program.settings = kTso;
    const Execution first = execute(program);
    const trace::Program recorded = with_schedule(program, first);
    for (const trace::Segment& segment : first.segments) drained += segment.thread >= trace::kThreadsMax;
    if (!trace::valid(recorded)) continue;  // too long for a trace
    const Execution second = execute(recorded);
    EXPECT_FALSE(second.diverged) << seed << ": " << second.divergence;
    EXPECT_EQ(identity(second), identity(first)) << seed;
    const auto text = trace::parse(trace::print({.program = recorded, .digest = {}, .comments = {}}), "text");
    ASSERT_TRUE(text.has_value()) << text.error().str();
    EXPECT_EQ(text->trace.program, recorded) << seed;
    EXPECT_EQ(execute(trace::decode(trace::encode(recorded))).digest, first.digest) << seed;
    EXPECT_EQ(execute(recorded, {.lenient = true}).digest, first.digest) << seed;
  }
  EXPECT_GT(drained, 1000u);
}

TEST(Determinism, TwiceInOneProcess) { EXPECT_EQ(run_all().hash, run_all().hash); }

// Each run has another one before it than the first time.
TEST(Determinism, WhateverRanInBetween) {
  for (std::size_t seed = 0; seed < kPrograms; seed++) {
    const trace::Program program = random_program(seed);
    const std::uint64_t first = identity(execute(program));
    trace::Program other = random_program(seed * 7 + 1000);
    other.protocol = static_cast<trace::ProtocolId>(seed % trace::protocol_count());
    (void)execute(other);
    EXPECT_EQ(identity(execute(program)), first) << seed;
  }
}

// Keeping events and watching a page are looks, not changes.
TEST(Determinism, LookingChangesNothing) {
  for (std::size_t seed = 0; seed < 50; seed++) {
    const trace::Program program = random_program(seed);
    Options options;
    options.keep_events = true;
    options.watch_pfn = 513;
    EXPECT_EQ(identity(execute(program, options)), identity(execute(program))) << seed;
  }
}

// --- the comparison can fail ------------------------------------------------------
// Choices that no schedule controls, planted in tasks: the digest must tell.

// Runs the same two tasks once more; the digest of what they did.
std::uint64_t run_tasks(void (*body)(void*), void* arg) {
  sched::RandomChoice choices(1);
  sched::EventLog log(false);
  sched::Scheduler scheduler(choices, log, 1000);
  scheduler.spawn(body, arg);
  scheduler.spawn(body, arg);
  EXPECT_EQ(scheduler.run(), sched::Outcome::finished);
  return log.digest();
}

void controlled(void*) {
  sched::yield_point("one");
  sched::note(sched::EventKind::note, "value", 1);
}

void counts_calls(void*) {
  static int calls = 0;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) > 2) sched::yield_point("extra");
  controlled(nullptr);
}

void tells_an_address(void* arg) {
  sched::note(sched::EventKind::note, "value", reinterpret_cast<std::intptr_t>(arg));
}

void branches_on_an_address(void* arg) {
  if (*static_cast<void**>(arg) > arg) sched::yield_point("extra");
  controlled(nullptr);
}

TEST(Determinism, ControlledTasksAreTheSame) {
  EXPECT_EQ(run_tasks(controlled, nullptr), run_tasks(controlled, nullptr));
}

TEST(Determinism, APlantedStaticCounterIsCaught) {
  const std::uint64_t first = run_tasks(counts_calls, nullptr);
  EXPECT_NE(run_tasks(counts_calls, nullptr), first);
}

TEST(Determinism, APlantedAddressIsCaught) {
  const auto one = std::make_unique<int>(1), two = std::make_unique<int>(2);
  EXPECT_NE(run_tasks(tells_an_address, one.get()), run_tasks(tells_an_address, two.get()));
  void* pair[2] = {&pair[1], &pair[0]};  // one above itself, one below
  EXPECT_NE(run_tasks(branches_on_an_address, &pair[0]),
            run_tasks(branches_on_an_address, &pair[1]));
}

}  // namespace
}  // namespace daxfuzz::exec
