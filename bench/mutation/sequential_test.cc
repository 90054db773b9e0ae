// SPDX-License-Identifier: GPL-2.0-only
// What an op of one thread returns is what was said before, and another result is told by its op's name. No mutant of
// mutate_test.sh has a wrong result that no rule of the oracle sees.
#include "bench/mutation/sequential.h"

#include <gtest/gtest.h>

#include "exec/execute.h"

namespace daxfuzz::mutation {
namespace {

TEST(Sequential, ResultsAreWhatWasSaid) {
  std::size_t ops = 0;
  for (const Sequential& drawn : sequential_programs(1, 100)) {
    const exec::Execution execution = exec::execute(drawn.program);
    if (execution.failed()) continue;  // the model has findings
    EXPECT_EQ(wrong_result(drawn.program, drawn.results, execution), "");
    ops += drawn.program.ops.size();
  }
  EXPECT_GT(ops, 100u);
}

TEST(Sequential, AWrongResultIsTold) {
  std::size_t told = 0;
  for (const Sequential& drawn : sequential_programs(1, 100)) {
    exec::Execution execution = exec::execute(drawn.program);
    if (execution.failed() || execution.results.empty()) continue;
    const std::size_t last = execution.results.size() - 1;
    execution.results[last]++;
    EXPECT_EQ(wrong_result(drawn.program, drawn.results, execution),
              "wrong-result in " + std::string(trace::info(drawn.program.ops[last].code).name));
    told++;
  }
  EXPECT_GT(told, 30u);
}

}  // namespace
}  // namespace daxfuzz::mutation
