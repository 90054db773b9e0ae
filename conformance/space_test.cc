// SPDX-License-Identifier: GPL-2.0-only
// A nearly full file system: programs that run out of space, the model that fails where a kernel
// said that it had none, and nowhere else. The kernel is the model's first run, which counts its
// free blocks as XFS does.
#include <algorithm>

#include "conformance/compare.h"
#include "conformance/generate.h"
#include "conformance/testing.h"

namespace daxfuzz::conformance {
namespace {

using trace::OpCode;

struct Ran {
  Scene scene;
  Driven driven;
  std::size_t said(OpCode code, const std::string& result) const {
    std::size_t count = 0;
    for (const Step& step : driven.log.steps)
      for (const auto& [number, told] : step.results)
        count += driven.ops[number].code == code && told.str() == result ? 1 : 0;
    return count;
  }
};

Ran full(std::uint64_t seed, std::uint64_t ops) {
  Ran run{.scene = long_run_of(trace::ProtocolId::legacy, seed), .driven = {}};
  run.driven = testing::driven(run.scene, random_ops(run.scene, ops, seed));
  return run;
}

std::optional<Difference> beside(const Ran& run, const Log& kernel) {
  const kernel::testing::KernelRaces races;
  return compare(follow(run.scene, run.driven.ops, kernel), kernel).difference;
}

// The step of an op of that kind and result whose blocks are others after it than before.
std::size_t step_of(const Ran& run, OpCode code, const std::string& result, bool changes) {
  const auto& steps = run.driven.log.steps;
  for (std::size_t at = 1; at < steps.size(); at++)
    if (run.driven.ops[at].code == code && steps[at].results.contains(at) &&
        steps[at].results.size() == 1 && steps[at].results.at(at).str() == result &&
        (steps[at].extents != steps[at - 1].extents) == changes)
      return at;
  return 0;
}

TEST(Space, EveryFourthSeedRunsOutOfItAndTheOthersAreAsTheyWere) {
  const auto script = [](const Scene& scene, std::uint64_t seed) {
    return testing::driven(scene, random_ops(scene, 50, seed)).script;
  };
  for (std::uint64_t seed = 1; seed <= 8; seed++) {
    const Scene scene = long_run_of(trace::ProtocolId::legacy, seed);
    EXPECT_EQ(scene.free_blocks != 0, seed % 4 == 3) << seed;
    EXPECT_EQ(script(scene, seed).contains("\nfree "), seed % 4 == 3) << seed;
    const bool same = script(scene, seed) == script(long_run(trace::ProtocolId::legacy), seed);
    EXPECT_EQ(same, seed % 4 != 3) << seed;
  }
}

TEST(Space, EachKindOfOpFindsNone) {
  std::map<OpCode, std::size_t> failed;
  for (const std::uint64_t seed : {3u, 7u, 11u}) {
    const Ran run = full(seed, 500);
    EXPECT_TRUE(run.driven.left_out.empty());
    for (const OpCode code : {OpCode::write, OpCode::alloc, OpCode::zero, OpCode::unshare})
      failed[code] += run.said(code, "errno 28");
    failed[OpCode::pin] += run.said(OpCode::pin, "errno 14");
    EXPECT_TRUE(std::ranges::none_of(run.driven.ops,
                                     [](const auto& op) { return op.code == OpCode::unlink; }));
  }
  for (const auto& [code, times] : failed) EXPECT_GT(times, 0u) << trace::info(code).name;
}

TEST(Space, TheModelRunsOutOfItWhereTheKernelDid) {
  for (const std::uint64_t seed : {3u, 7u, 11u, 15u}) {
    const Ran run = full(seed, 400);
    const auto difference = beside(run, run.driven.log);
    EXPECT_FALSE(difference.has_value())
        << seed << ": step " << difference->step << " " << difference->where << " "
        << difference->field << " " << difference->model << " / " << difference->kernel;
  }
}

TEST(Space, AModelThatSucceedsWhereTheKernelFailsIsFound) {
  const Ran run = full(7, 400);
  const std::size_t step = step_of(run, OpCode::write, "ok 0", true);
  ASSERT_NE(step, 0u);
  Log kernel = run.driven.log;
  kernel.steps[step].results[step] = {.kind = Result::Kind::err, .value = 28};
  const auto difference = beside(run, kernel);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->step, step);
  EXPECT_EQ(difference->field, "result");
  EXPECT_EQ(difference->model, "ok 0");
}

TEST(Space, AModelThatFailsWhereTheKernelSucceedsIsFound) {
  const Ran run = full(7, 400);
  const std::size_t step = step_of(run, OpCode::write, "errno 28", false);
  ASSERT_NE(step, 0u);
  const Log& model = run.driven.log;
  Log kernel = model;
  kernel.steps[step].results[step] = {};
  const auto difference = compare(model, kernel).difference;
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->step, step);
  EXPECT_EQ(difference->model, "errno 28");
  // And the advice is no excuse: the model does not fail where the kernel does not say so.
  const auto follows = beside(run, kernel);
  ASSERT_TRUE(follows.has_value());
  EXPECT_EQ(follows->step, step);
  EXPECT_NE(follows->field, "result");
}

// A PMD's blocks were not to be had, one page's were.
TEST(Space, APmdFaultThatFindsNoneFallsBackToAPage) {
  const trace::Program program = testing::program_of(
      "T0: truncate a 1024\nT0: mmap    a+0 len=1024 -> m0\nT0: fault   m0+3 write 0x11\n");
  Ran run{.scene = {.protocol = program.protocol,
                    .settings = {},
                    .geometry = program.geometry,
                    .threads = 1,
                    .free_blocks = 100},
          .driven = {}};
  run.driven = testing::driven(run.scene, in_order(program.ops));
  const Step& last = run.driven.log.steps.back();
  EXPECT_EQ(last.results.at(2).str(), "ok 0");
  ASSERT_EQ(last.extents.at(0).size(), 1u);
  EXPECT_EQ(last.extents.at(0)[0].count, 1u);
  EXPECT_EQ(testing::event(run.driven.log.steps[2], "dax_pmd_fault_done").fields.at("ret"), 0x800u);
  EXPECT_FALSE(beside(run, run.driven.log).has_value());
}

TEST(Space, AFaultOnAHoleSignalsAndOneOnAnUnwrittenBlockDoesNot) {
  const trace::Program program = testing::program_of(
      "T0: truncate a 9\nT0: alloc   a+0 len=6\nT0: mmap    a+0 len=9 -> m0\n"
      "T0: fault   m0+7 write 0x11\nT0: fault   m0+3 write 0x22\nT0: fault   m0+7 read\n"
      "T0: pin     m0+8 write pin slow -> p0\nT0: punch   a+0 len=3\nT0: fault   m0+7 write 0x33\n");
  Ran run{.scene = {.protocol = program.protocol,
                    .settings = {},
                    .geometry = program.geometry,
                    .threads = 1,
                    .free_blocks = 10},
          .driven = {}};
  run.driven = testing::driven(run.scene, in_order(program.ops));
  const auto result = [&run](std::size_t step) {
    const Result& of = run.driven.log.steps[step].results.at(step);
    return of.kind == Result::Kind::sig ? "signal" : of.str();
  };
  EXPECT_EQ(result(3), "signal");
  EXPECT_EQ(result(4), "ok 0");
  EXPECT_EQ(result(5), "ok 0");
  EXPECT_EQ(result(6), "errno 14");
  EXPECT_EQ(result(7), "ok 0");
  EXPECT_EQ(result(8), "ok 0");
  EXPECT_FALSE(beside(run, run.driven.log).has_value());
}

// What waits for a pin that nobody drops ends after the last step, and may find no space then.
TEST(Space, AnOpThatEndsAfterTheLastStepFindsNone) {
  const trace::Program program = testing::program_of(
      "T0: alloc   a+0 len=6\nT0: mmap    a+0 len=6 -> m0\nT0: fault   m0+0 write 0x11\n"
      "T0: pin     m0+0 read get fast -> p0\nT1: zero    a+0 len=16\nT0: fsync   a\n");
  Ran run{.scene = {.protocol = program.protocol,
                    .settings = {},
                    .geometry = program.geometry,
                    .threads = 2,
                    .free_blocks = 12},
          .driven = {}};
  run.driven = testing::driven(run.scene, in_order(program.ops));
  EXPECT_EQ(run.driven.log.end.results.at(4).str(), "errno 28");
  EXPECT_TRUE(run.driven.log.end.extents.at(0).empty());
  EXPECT_FALSE(beside(run, run.driven.log).has_value());
}

}  // namespace
}  // namespace daxfuzz::conformance
