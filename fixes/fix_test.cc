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
constexpr std::uint64_t kPrograms = 60000;  // of the campaign, over the kernels that the fixes are for

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

// A file with data, mapped.
void begin(trace::Program& program) {
  program.geometry = {.files = 2, .blocks = 6, .pmd_order = 2, .mms = 2};
  program.ops = {{.code = trace::OpCode::write, .len = 2, .value = 1},
                 {.code = trace::OpCode::mmap, .len = 2, .map = 0}};
}

// A file whose blocks a PMD can map, mapped at their colour and used, so that there is a PMD
// entry unless its blocks are shared by then or half of them are written only.
void begin_with_pmd(trace::Program& program, fuzz::Random& random) {
  using trace::OpCode;
  program.geometry = {.files = 2,
                      .blocks = static_cast<std::uint16_t>(random.one_in(2) ? 6 : 12),
                      .pmd_order = static_cast<std::uint8_t>(1 + random.below(2)),
                      .mms = 2};
  const auto pmd = static_cast<std::uint16_t>(1u << program.geometry.pmd_order);
  const auto page = [&] { return random.number_below<std::uint16_t>(pmd); };
  const bool preallocated = random.one_in(4);
  program.ops = {{.code = preallocated ? OpCode::alloc : OpCode::write, .len = pmd, .value = 1}};
  if (preallocated && random.one_in(2))
    program.ops.push_back({.code = OpCode::write, .page = page(), .len = 1, .value = 1});
  if (random.one_in(4)) program.ops.push_back({.code = OpCode::reflink, .file2 = 1, .len = pmd});
  const bool sync = random.one_in(8);
  program.ops.push_back({.code = OpCode::mmap,
                         .len = pmd,
                         .map = 0,
                         .map_kind = sync ? trace::MapKind::sync : trace::MapKind::shared});
  const bool load = random.one_in(4);
  program.ops.push_back({.code = OpCode::fault,
                         .page = page(),
                         .map = 0,
                         .access = load ? trace::Access::read : trace::Access::write,
                         .value = 2});
  if (!random.one_in(4)) return;
  // One page of it becomes shared; up to 6.14 the entry stays. Then a store to another.
  const auto shared = page();
  program.ops.push_back({.code = OpCode::reflink, .page = shared, .file2 = 1, .len = 1});
  program.ops.push_back({.code = OpCode::fault,
                         .page = static_cast<std::uint16_t>((shared + 1) % pmd),
                         .map = 0,
                         .access = trace::Access::write,
                         .value = 3});
}

// Then ops that are likely to do something.
trace::Program generated(std::uint64_t seed) {
  fuzz::Random random(seed);
  trace::Program program;
  program.protocol = kKernels[seed % std::size(kKernels)];
  if (seed % 2 == 0)
    begin(program);
  else
    begin_with_pmd(program, random);
  const std::size_t more = 3 + random.below(9);
  for (std::size_t i = 0; i < more; i++)
    program.ops.push_back(fuzz::new_op(program, program.ops.size(), random));
  program.schedule.seed = random.next();
  return trace::clamped(std::move(program));
}

// Of blocks: a hole's PMD is mapped by another function.
bool mapped_a_pmd(const exec::Execution& execution) {
  return std::ranges::any_of(execution.events, [](const sched::Event& event) {
    return event.kind == sched::EventKind::enter &&
           (event.what == sched::Label("vmf_insert_pfn_pmd") ||
            event.what == sched::Label("vmf_insert_folio_pmd"));
  });
}

TEST(Fix, CampaignWithAllFixesFindsNothing) {
  std::uint64_t with_pmd = 0;
  for (std::uint64_t seed = 0; seed < kPrograms; seed++) {
    const trace::Program program = generated(seed);
    const exec::Execution execution = exec::execute(program, {.keep_events = true});
    if (mapped_a_pmd(execution)) with_pmd++;
    ASSERT_FALSE(execution.failed())
        << execution.signature() << "\n"
        << trace::print({.program = exec::with_schedule(program, execution), .digest = {}, .comments = {}});
  }
  EXPECT_GT(with_pmd, kPrograms / 5) << "too few programs map a PMD for this to say anything of them";
}

}  // namespace
}  // namespace daxfuzz

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; i++) daxfuzz::paths.emplace_back(argv[i]);
  return RUN_ALL_TESTS();
}
