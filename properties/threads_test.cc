// SPDX-License-Identifier: GPL-2.0-only
// Generated programs on real threads: with all fixes in nothing is found, neither by the
// oracle nor by TSan, but for races that the kernel has. A counted number of rounds; what
// the machine makes of them differs each time, so a failure prints its program, which need
// not fail again. Linked with the model of threads.bzl. Read first: exec/threads.h.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "exec/threads.h"
#include "fuzz/draw.h"
#include "properties/races.h"
#include "sched/tsan_reports.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

// $DAXFUZZ_TIMES as often by hand.
std::uint64_t rounds() {
  const char* times = std::getenv("DAXFUZZ_TIMES");
  const std::uint64_t factor = times == nullptr ? 1 : std::strtoull(times, nullptr, 10);
  return (sched::tsan_linked() ? 100 : 300) * std::max<std::uint64_t>(1, factor);
}

trace::Program program_of(trace::ProtocolId protocol, std::uint64_t seed) {
  fuzz::Random random(seed);
  return fuzz::drawn({.protocol = protocol, .threads = 2 + seed % 3, .ops = 8 + seed % 25}, random);
}

std::string text_of(const trace::Program& program) {
  return trace::print({.program = program, .digest = {}, .comments = {}});
}

void expect_clean(trace::ProtocolId protocol) {
  std::uint64_t steps = 0, ended = 0;
  std::uint32_t known = 0;
  for (std::uint64_t seed = 0; seed < rounds(); seed++) {
    const trace::Program program = program_of(protocol, seed);
    const exec::Execution run = exec::execute_on_threads(program, {.seed = seed, .yields = seed % 2 == 0});
    steps += run.steps;
    for (const std::int64_t result : run.results) ended += result != INT64_MIN ? 1 : 0;
    ASSERT_FALSE(run.failed()) << run.signature() << ": " << run.finding.value << "\n"
                               << run.finding.waits << text_of(program);
    const Reported reported = judged(sched::take_tsan_races(), run.tsan_reports);
    known += reported.known;
    EXPECT_EQ(reported.wrong, "") << text_of(program);
  }
  std::printf("%llu programs, %llu ops, %llu steps, %u reports of races that are known\n",
              static_cast<unsigned long long>(rounds()), static_cast<unsigned long long>(ended),
              static_cast<unsigned long long>(steps), known);
  EXPECT_GT(ended, rounds() * 8);
}

TEST(Threads, FindNothingUnderUpstream) { expect_clean(trace::ProtocolId::upstream); }
TEST(Threads, FindNothingUnderLegacy) { expect_clean(trace::ProtocolId::legacy); }
TEST(Threads, FindNothingUnderUpstream71) { expect_clean(trace::ProtocolId::upstream71); }

// One thread has one order, and so one outcome.
TEST(Threads, OneThreadAlwaysComesToTheSame) {
  for (std::uint64_t seed = 0; seed < 20; seed++) {
    fuzz::Random random(seed);
    const trace::Program program =
        fuzz::drawn({.protocol = trace::ProtocolId::upstream, .threads = 1, .ops = 20}, random);
    const exec::Execution first = exec::execute_on_threads(program), second = exec::execute_on_threads(program);
    EXPECT_EQ(first.signature(), "pass") << text_of(program);
    EXPECT_EQ(first.results, second.results) << text_of(program);
  }
}

}  // namespace
}  // namespace daxfuzz::properties
