// SPDX-License-Identifier: GPL-2.0-only
// What a real kernel said of a random program, recorded, and the model: no difference. So a
// change of the port that a kernel would contradict fails here, without a machine.
// To record anew (wanted when the agent's log changes; it takes what ci/conform takes):
//   daxfuzz conform --out=out/recorded conformance/testdata/random-6.12*.ops
//   daxfuzz conform --out=out/recorded --kernel=6.1 conformance/testdata/random-6.1-*.ops
//   for log in out/recorded/*.log; do cp $log conformance/testdata/$(basename $log .script.log).log; done
// The programs are kept as they were drawn once. Another one of daxfuzz conform --random will do if it
// has what these tests ask for, and takes what no other one does of model/ (ci/coverage).
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>

#include "conformance/recorded.h"
#include "conformance/table.h"

namespace daxfuzz::conformance {
namespace {

using testing::Recorded;
using testing::recorded;

constexpr const char* kRoomy = "conformance/testdata/random-6.12";
constexpr const char* kNearlyFull = "conformance/testdata/random-6.12-nearly-full";
constexpr const char* kNearlyFull61 = "conformance/testdata/random-6.1-nearly-full";

void agrees(const char* name, std::initializer_list<const char*> fields) {
  const Recorded run = recorded(name);
  ASSERT_FALSE(run.ops.empty());
  const Comparison result = compare(run.model, run.kernel);
  EXPECT_FALSE(result.difference.has_value()) << table(*result.difference, run.ops);
  EXPECT_EQ(result.steps, run.ops.size());
  // The program is one that has something to compare.
  for (const char* field : fields)
    EXPECT_GT(result.counts.contains(field) ? result.counts.at(field) : 0, 0u) << field;
}

TEST(Recorded, LegacyAgreesWithLinux612) {
  agrees(kRoomy, {"share", "marks", "event's fault", "event's trunc", "event's last", "level", "pin",
                  "page of a PMD that is not as its head"});
}

TEST(Recorded, LegacyAgreesWithLinux612ThatHasNoSpace) {
  agrees(kNearlyFull, {"share", "marks", "event's fault", "event's trunc", "level", "pin"});
}

TEST(Recorded, Legacy60AgreesWithLinux61ThatHasNoSpace) {
  agrees(kNearlyFull61, {"share", "marks", "event's fault", "event's trunc", "level", "pin"});
}

// Of kernels that had no space, so that a model that always has some would differ.
TEST(Recorded, EachKindOfOpThatTakesBlocksRanOutOfThem) {
  std::map<trace::OpCode, std::size_t> failed;
  for (const char* name : {kNearlyFull, kNearlyFull61}) {
    const Recorded run = recorded(name);
    for (const Step& step : run.model.steps)
      for (const auto& [number, told] : step.results)
        if (told.str() == "errno 28") failed[run.ops[number].code]++;
  }
  for (const trace::OpCode code : {trace::OpCode::write, trace::OpCode::alloc, trace::OpCode::zero,
                                   trace::OpCode::unshare})
    EXPECT_GT(failed[code], 0u) << trace::info(code).name;
}

// The comparison looks at what was recorded: one count that is another is found.
TEST(Recorded, ACountThatDiffersIsFound) {
  Recorded run = recorded(kRoomy);
  const auto step = std::ranges::find_if(run.kernel.steps.rbegin(), run.kernel.steps.rend(),
                                         [](const Step& each) { return !each.entries.empty(); });
  ASSERT_NE(step, run.kernel.steps.rend());
  step->entries.begin()->second.order ^= 1;
  const Comparison result = compare(run.model, run.kernel);
  ASSERT_TRUE(result.difference.has_value());
  EXPECT_EQ(result.difference->field, "order");
}

}  // namespace
}  // namespace daxfuzz::conformance
