// SPDX-License-Identifier: GPL-2.0-only
// Linked with a patched model: the findings that the patch mends pass, as recorded
// and under other schedules of the same program; with all fixes in, a campaign of
// generated programs finds nothing. usage: fix_test FINDING.daxt...
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "exec/execute.h"
#include "fuzz/new_op.h"
#include "trace/text.h"

namespace daxfuzz {
namespace {

constexpr std::uint64_t kSchedules = 2000;  // of a finding's program
constexpr std::uint64_t kPrograms = 30000;  // of the campaign, over the kernels that the fixes are for

// What ails legacy60 alone was mended in 6.2 and 6.4, and legacy is the result.
constexpr trace::ProtocolId kKernels[] = {trace::ProtocolId::upstream, trace::ProtocolId::legacy,
                                          trace::ProtocolId::upstream71};

std::vector<std::string> paths;

trace::Trace load(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  auto parsed = trace::parse(text.str(), path);
  EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().str());
  return parsed ? parsed->trace : trace::Trace{};
}

std::string recorded_signature(const trace::Trace& finding) {
  const std::string_view verdict = trace::header(finding, "verdict");
  EXPECT_TRUE(verdict.starts_with("FAIL ")) << verdict;
  return std::string(verdict.substr(verdict.find(' ') + 1));
}

TEST(Fix, FindingPassesAsRecorded) {
  ASSERT_FALSE(paths.empty());
  for (const std::string& path : paths) {
    const exec::Execution execution = exec::execute(load(path).program, {.lenient = true});
    EXPECT_FALSE(execution.failed()) << path << ": " << execution.signature();
  }
}

TEST(Fix, FindingDoesNotComeBackUnderOtherSchedules) {
  for (const std::string& path : paths) {
    const trace::Trace finding = load(path);
    trace::Program program = finding.program;
    program.schedule = {};
    for (std::uint64_t seed = 0; seed < kSchedules; seed++) {
      program.schedule.seed = seed;
      const exec::Execution execution = exec::execute(program);
      ASSERT_NE(execution.signature(), recorded_signature(finding)) << path << " seed " << seed;
    }
  }
}

// Ops whose violations have no fix yet: docs/findings/README.md, "Leads". A lead that
// becomes a finding comes with its fix and leaves this list.
constexpr trace::OpCode kOpenLeads[] = {trace::OpCode::memory_failure};

// A file with data, mapped, then ops that are likely to do something.
trace::Program generated(std::uint64_t seed) {
  fuzz::Random random(seed);
  trace::Program program;
  program.protocol = kKernels[seed % std::size(kKernels)];
  program.geometry = {.files = 2, .blocks = 6, .pmd_order = 2, .mms = 2};
  program.ops = {{.code = trace::OpCode::write, .len = 2, .value = 1},
                 {.code = trace::OpCode::mmap, .len = 2, .map = 0}};
  const std::size_t more = 3 + random.below(9);
  for (std::size_t i = 0; i < more; i++)
    program.ops.push_back(fuzz::new_op(program, program.ops.size(), random));
  std::erase_if(program.ops, [](const trace::Op& op) {
    return std::ranges::find(kOpenLeads, op.code) != std::end(kOpenLeads);
  });
  program.schedule.seed = random.next();
  return trace::clamped(std::move(program));
}

TEST(Fix, CampaignWithAllFixesFindsNothing) {
  for (std::uint64_t seed = 0; seed < kPrograms; seed++) {
    const trace::Program program = generated(seed);
    const exec::Execution execution = exec::execute(program);
    ASSERT_FALSE(execution.failed())
        << execution.signature() << "\n"
        << trace::print({.program = exec::with_schedule(program, execution), .digest = {}, .comments = {}});
  }
}

}  // namespace
}  // namespace daxfuzz

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; i++) daxfuzz::paths.emplace_back(argv[i]);
  return RUN_ALL_TESTS();
}
