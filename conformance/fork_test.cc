// SPDX-License-Identifier: GPL-2.0-only
// A fork for a guest: its line, the process that makes it, when a process can be a child's, what
// random programs do with it.
#include <array>
#include <cerrno>

#include "conformance/generate.h"
#include "conformance/script.h"
#include "conformance/testing.h"

namespace daxfuzz::conformance {
namespace {

using testing::program_of;
using testing::run;

constexpr const char* kPrivate =
    "T0: write   a+0 len=2 0x11\n"
    "T0: mmap    a+0 len=2 private mm=1 -> m3\n"
    "T0: fault   m3+0 write 0x22\n"
    "T1: fork    m3 mm=0 -> m5\n"
    "T0: fault   m5+0 read\n"
    "T0: fault   m5+0 write 0x33\n"
    "T0: fault   m3+0 read\n";

TEST(Fork, IsMadeByTheProcessThatHasTheMapping) {
  const Driven driven = run(program_of(kPrivate));
  EXPECT_TRUE(driven.left_out.empty());
  EXPECT_TRUE(driven.script.contains("op 3 1 1 fork 3 0 5\nop 4 0 0 fault 5 0 read\n"))
      << driven.script;
}

TEST(Fork, AChildSharesTheCopyUntilItWrites) {
  const Driven driven = run(program_of(kPrivate));
  const Step &forked = driven.log.steps[3], &written = driven.log.steps[5];
  const Pte parent = forked.ptes.at({3, 0}), child = forked.ptes.at({5, 0});
  EXPECT_EQ(parent.pfn, child.pfn);
  EXPECT_FALSE(parent.write || child.write);
  EXPECT_EQ(forked.files.at(0).vmas, 2u);
  EXPECT_EQ(driven.log.steps[4].results.at(4).str(), "ok 34");
  EXPECT_NE(written.ptes.at({5, 0}).pfn, parent.pfn);
  EXPECT_TRUE(written.ptes.at({5, 0}).write);
  EXPECT_EQ(driven.log.steps[6].results.at(6).str(), "ok 34");
}

constexpr const char* kWhy =
    "fork: one of the two processes is in an op, or the child's has mappings";

TEST(Fork, AProcessThatHasMappingsIsNotGivenUp) {
  const Driven driven = run(program_of(
      "T0: mmap    a+0 len=2 mm=1 -> m0\nT0: mmap    b+0 len=2 -> m1\nT0: fork    m0 mm=0 -> m2\n"
      "T0: munmap  m1\nT0: fork    m0 mm=0 -> m2\nT0: fork    m0 mm=0 -> m2\n"
      "T0: fork    m0 mm=1 -> m3\n"));
  EXPECT_EQ(driven.ops.size(), 4u);
  EXPECT_EQ(driven.ops.back().code, trace::OpCode::fork);
  EXPECT_EQ(driven.left_out,
            (std::vector<std::string>{kWhy, "fork: there is nothing for it to do"}));
}

// The truncate is an op of process 0 that waits for the pin.
TEST(Fork, AProcessThatIsInAnOpNeitherForksNorIsGivenUp) {
  const std::string waits =
      "T0: truncate a 2\nT0: mmap    a+0 len=2 mm=1 -> m0\nT0: fault   m0+0 write 0x11\n"
      "T0: pin     m0+0 write pin fast -> p0\n";
  const std::string forks = "T0: fork    m0 mm=0 -> m1\n";
  EXPECT_TRUE(run(program_of(waits + forks)).left_out.empty());
  const Driven child = run(program_of(waits + "T1: truncate a 0\n" + forks));
  EXPECT_EQ(child.log.steps[4].results.at(4).kind, Result::Kind::blocked);
  EXPECT_EQ(child.left_out, std::vector<std::string>{kWhy});
  const Driven parent = run(program_of("T0: mmap    b+0 len=2 -> m2\n" + waits +
                                       "T1: truncate a 0\nT0: fork    m2 mm=1 -> m1\n"));
  EXPECT_EQ(parent.left_out, std::vector<std::string>{kWhy});
  const Driven after = run(program_of(waits + "T1: truncate a 0\nT0: unpin   p0\n" + forks));
  EXPECT_TRUE(after.left_out.empty());
}

// With a kernel's blocks other ops may wait than those that were seen when the ops were chosen.
TEST(Fork, WhatAGuestRefusesTheModelRefuses) {
  const trace::Program program = program_of(
      "T0: mmap    a+0 len=2 mm=1 -> m0\nT0: mmap    b+0 len=2 -> m1\nT0: fork    m0 mm=0 -> m2\n"
      "T0: fork    m0 mm=0 -> m1\n");
  const Scene scene{.protocol = program.protocol,
                    .settings = program.settings,
                    .geometry = program.geometry,
                    .threads = program.threads()};
  const kernel::testing::KernelRaces races;
  const Log log = follow(scene, program.ops, Log{});
  ASSERT_EQ(log.steps.size(), 4u);
  EXPECT_EQ(log.steps[2].results.at(2).str(), "errno " + std::to_string(EBUSY));
  EXPECT_EQ(log.steps[3].results.at(3).str(), "errno " + std::to_string(EINVAL));
}

TEST(Fork, RandomProgramsForkAndUseWhatTheChildHas) {
  const Scene scene = long_run(trace::ProtocolId::legacy);
  std::size_t forks = 0, used = 0;
  for (const std::uint64_t seed : {1, 6}) {
    const Driven driven = testing::driven(scene, random_ops(scene, 1000, seed));
    EXPECT_TRUE(driven.left_out.empty());
    // Without care the copies of seed 6 would take the model's last page of memory.
    for (const Step& step : driven.log.steps)
      for (const auto& [number, result] : step.results)
        EXPECT_NE(result.str(), "errno " + std::to_string(ENOMEM)) << number;
    std::array<bool, trace::kMapsMax> childs{};
    for (const trace::Op& op : driven.ops) {
      if (op.code == trace::OpCode::munmap) childs[op.map] = false;
      if (op.code == trace::OpCode::fault && childs[op.map]) used++;
      if (op.code != trace::OpCode::fork) continue;
      forks++;
      childs[op.map2] = true;
    }
  }
  EXPECT_GT(forks, 8u);
  EXPECT_GT(used, 20u);
}

}  // namespace
}  // namespace daxfuzz::conformance
