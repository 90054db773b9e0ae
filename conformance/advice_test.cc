// SPDX-License-Identifier: GPL-2.0-only
// Blocks that a kernel's log tells of, and the model that takes them: those of a CoW fork, too,
// which no log shows. The logs are of no kernel, only their extents are filled in.
#include "conformance/testing.h"

namespace daxfuzz::conformance {
namespace {

using testing::program_of;

using Extents = std::vector<std::map<unsigned, std::vector<Extent>>>;  // by step

// In 6.1 the copy that step 2 zeroes stays in the CoW fork of file a.
const std::string kCopied =
    "T0: write   a+0 len=1 0x11\n"
    "T0: reflink a+0 b+0 len=1\n"
    "T0: punch   a+0 len=1 late\n";
const Extent kWritten{.page = 0, .count = 1, .block = 100, .kind = "-"},
    kShared{.page = 0, .count = 1, .block = 100, .kind = "s"};
const Extents kToldOfCopied{{{0, {kWritten}}}, {{0, {kShared}}, {1, {kShared}}}, {}};

// The entry of a file's page, and the block that it names.
using EntryAt = std::pair<std::pair<unsigned, std::uint64_t>, std::uint64_t>;
constexpr std::uint64_t kFirstFrame = 1000;

// What the model has after each step beside a kernel that tells of these extents and entries.
Log beside(const std::string& more, const Extents& told,
           const std::map<std::size_t, EntryAt>& entries = {}) {
  const trace::Program program = program_of(kCopied + more, "legacy60");
  Log kernel;
  for (const Extents& part : {kToldOfCopied, told})
    for (const auto& extents : part) kernel.steps.emplace_back().extents = extents;
  EXPECT_EQ(kernel.steps.size(), program.ops.size());
  for (const auto& [step, at] : entries) {
    Entry& entry = kernel.steps[step].entries[at.first];
    entry.kind = "pte";
    entry.pfn = kFirstFrame + at.second;
  }
  const kernel::testing::KernelRaces races;
  return follow({.protocol = program.protocol,
                 .settings = program.settings,
                 .geometry = program.geometry,
                 .threads = program.threads()},
                program.ops, kernel);
}

std::uint64_t block_of(const Step& step, unsigned file, std::uint64_t page) {
  for (const Extent& extent : step.extents.at(file))
    if (page >= extent.page && page < extent.page + extent.count)
      return extent.block + page - extent.page;
  return ~std::uint64_t{0};
}

Extent second_of_b(std::uint64_t block) {
  return {.page = 1, .count = 1, .block = block, .kind = "-"};
}

TEST(Advice, ACopyThatStaysInTheCowForkIsTheBlockThatComesIntoTheFileLater) {
  const Extent second{.page = 1, .count = 1, .block = 50, .kind = "-"};
  const Log model = beside("T0: write   a+1 len=1 0x22\nT0: write   a+0 len=1 0x33\n",
                           {{{0, {kShared, second}}},
                            {{0, {{.page = 0, .count = 1, .block = 7, .kind = "-"}, second}}}});
  ASSERT_EQ(model.steps.size(), 5u);
  EXPECT_EQ(block_of(model.steps[2], 0, 0), 100u) << "the copy is in the file at once";
  EXPECT_EQ(block_of(model.steps[3], 0, 1), 50u);
  EXPECT_EQ(block_of(model.steps[4], 0, 0), 7u);
}

// 0 is what the model's allocator would take of itself.
TEST(Advice, ACopyThatNeverComesIntoTheFileLeavesOthersTheirBlocks) {
  const Log model =
      beside("T0: write   b+1 len=1 0x22\n", {{{1, {kShared, second_of_b(0)}}}});
  ASSERT_EQ(model.steps.size(), 4u);
  EXPECT_EQ(block_of(model.steps[3], 1, 1), 0u);
}

TEST(Advice, ABlockThatAnotherFileHasInTheMeantimeIsNotTheCopys) {
  const Log model = beside(
      "T0: write   b+1 len=1 0x22\nT0: punch   b+1 len=1\nT0: write   a+0 len=1 0x33\n",
      {{{1, {kShared, second_of_b(7)}}},
       {{1, {kShared}}},
       {{0, {{.page = 0, .count = 1, .block = 7, .kind = "-"}}}, {1, {kWritten}}}});
  ASSERT_EQ(model.steps.size(), 6u);
  EXPECT_EQ(block_of(model.steps[3], 1, 1), 7u);
}

// FIEMAP is not asked of a file that is locked; what the page has next may be another's by then.
TEST(Advice, AnEntrysBlockIsKnownWhereNoExtentIsTold) {
  const Log model = beside("T0: write   b+1 len=1 0x22\nT0: write   b+1 len=1 0x33\n",
                           {{}, {{1, {kShared, second_of_b(7)}}}},
                           {{0, {{0, 0}, kWritten.block}}, {3, {{1, 1}, 9}}});
  ASSERT_EQ(model.steps.size(), 5u);
  EXPECT_EQ(block_of(model.steps[3], 1, 1), 9u);
}

}  // namespace
}  // namespace daxfuzz::conformance
