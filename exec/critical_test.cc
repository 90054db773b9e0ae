// SPDX-License-Identifier: GPL-2.0-only
// The critical reordering of what the kernel does wrong: the two schedules that are told are held to what
// is said of them, and of some findings the two steps are known.
#include "exec/critical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "exec/execute.h"
#include "trace/text.h"

namespace daxfuzz::exec {
namespace {

const Runner kRun = [](const trace::Program& p, const Options& o) { return execute(p, o); };

trace::Program finding(const std::string& name) {
  std::ifstream in("corpus/findings/" + name + ".daxt");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto parsed = trace::parse(text, name);
  EXPECT_TRUE(parsed.has_value()) << name;
  return parsed ? parsed->trace.program : trace::Program{};
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator("corpus/findings"))
    if (entry.path().extension() == ".daxt") out.push_back(entry.path().stem().string());
  std::ranges::sort(out);
  return out;
}

// The thread of each step.
std::vector<std::uint8_t> steps(const trace::Program& program) {
  std::vector<std::uint8_t> out;
  for (const trace::Segment& s : program.schedule.segments) out.insert(out.end(), s.steps, s.thread);
  return out;
}

TEST(Critical, OneOrderFailsAndTheOtherPasses) {
  std::size_t found = 0, threaded = 0;
  for (const std::string& name : names()) {
    const trace::Program program = finding(name);
    const auto critical = critical_reordering(program, kRun);
    if (program.threads() < 2) {
      EXPECT_FALSE(critical.has_value()) << name;
      continue;
    }
    ++threaded;
    if (!critical) continue;
    ++found;
    SCOPED_TRACE(name + ": " + text(*critical));
    const Execution fails = execute(critical->failing), passes = execute(critical->passing);
    EXPECT_EQ(fails.signature(), execute(program).signature());
    EXPECT_FALSE(fails.diverged);
    EXPECT_FALSE(passes.failed());
    EXPECT_FALSE(passes.diverged);
    EXPECT_NE(critical->first.thread, critical->second.thread);
    EXPECT_FALSE(critical->first.function.empty());
    EXPECT_FALSE(critical->second.function.empty());
    // Up to the two steps the schedules are one; there each lets the thread go first that is told.
    const auto one = steps(critical->failing), other = steps(critical->passing);
    const auto [at, there] = std::ranges::mismatch(one, other);
    ASSERT_TRUE(at != one.end() && there != other.end());
    EXPECT_EQ(*at, critical->first.thread);
    EXPECT_EQ(*there, critical->second.thread);
    EXPECT_EQ(critical->failing.ops, program.ops);
  }
  std::printf("%zu of %zu findings with several threads\n", found, threaded);
  EXPECT_GE(found * 10, threaded * 8);
}

TEST(Critical, KnownSteps) {
  const auto critical = critical_reordering(finding("refault-during-break-layout-hangs"), kRun);
  ASSERT_TRUE(critical.has_value());
  // T0 touches its mapping after the scan has taken it away, and so it faults and waits for nobody.
  EXPECT_EQ(text(*critical), "T1 in unmap_mapping_pages at pte_clear, then T0 in user_access at user_access");
}

TEST(Critical, ABudgetIsABudget) {
  const trace::Program program = finding("refault-during-break-layout-hangs");
  std::uint64_t runs = 0;
  const Runner counted = [&](const trace::Program& p, const Options& o) { return ++runs, execute(p, o); };
  EXPECT_FALSE(critical_reordering(program, counted, 1).has_value());
  EXPECT_LE(runs, 8u);
  runs = 0;
  (void)critical_reordering(program, counted, 1000);
  EXPECT_LE(runs, 1000u);
}

}  // namespace
}  // namespace daxfuzz::exec
