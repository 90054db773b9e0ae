// SPDX-License-Identifier: GPL-2.0-only
// Runs one claim as a GoogleTest test with rapidcheck's search, and hands out the
// counterexample as a file that replays. The seed is fixed, so that the same tree
// gives the same result; RC_PARAMS overrides it ("seed=7 max_success=10000").
// Read first: programs.h.
#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "exec/execute.h"
#include "properties/programs.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

// rapidcheck reads its parameters once, at the first check.
const int kParametersSet = setenv("RC_PARAMS", "seed=20241024 max_success=2000", 0);

std::string counterexample(const trace::Program& program, const std::string& name,
                           const std::string& why) {
  trace::Trace trace;
  const exec::Execution execution = exec::execute(program);
  trace.program = exec::with_schedule(program, execution);
  trace.digest = execution.digest;
  trace::set_header(trace, "verdict", execution.signature());
  trace::set_header(trace, "property", name);
  trace::set_header(trace, "because", why);
  return trace::print(trace);
}

void save(const std::string& name, const std::string& text) {
  const char* folder = std::getenv("DAXFUZZ_COUNTEREXAMPLES");
  if (folder == nullptr) folder = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (folder == nullptr) return;
  const std::string path = std::string(folder) + "/" + name + ".daxt";
  std::ofstream file(path);
  file << text << std::flush;
  EXPECT_TRUE(file.good()) << "cannot write " << path;
}

}  // namespace

void expect_holds(const Shape& shape, const Claim& claim, int percent) {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = std::string(info->test_suite_name()) + "." + info->name();
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(1, params.maxSuccess * percent / 100);
  // Shrinking goes on from each program that still fails: the last is the smallest.
  trace::Program smallest;
  std::string why;
  const auto result = rc::detail::checkTestable(
      [&] {
        trace::Program program = *programs(shape);
        const std::string reason = claim(program);
        if (reason.empty()) return;
        smallest = program;
        why = reason;
        RC_FAIL(reason);
      },
      rc::detail::TestMetadata{.id = name, .description = name}, params);
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  if (why.empty()) FAIL() << message.str();
  const std::string text = counterexample(smallest, name, why);
  save(name, text);
  FAIL() << text << message.str();
}

std::string passes(const trace::Program& program) {
  const exec::Execution execution = exec::execute(program);
  if (execution.failed()) return execution.signature() + ": " + execution.finding.value;
  for (std::size_t i = 0; i < execution.results.size(); i++)
    if (execution.results[i] == INT64_MIN) return "op " + std::to_string(i) + " never ended";
  return "";
}

std::string result_difference(const trace::Program& program,
                              const std::vector<std::int64_t>& expected,
                              const std::vector<std::int64_t>& found) {
  if (expected.size() > found.size()) return "fewer ops";
  for (std::size_t i = 0; i < expected.size(); i++)
    if (expected[i] != found[i])
      return "op " + std::to_string(i) + " (" + trace::print(program.ops[i]) + ") returned " +
             std::to_string(found[i]) + ", expected " + std::to_string(expected[i]);
  return "";
}

}  // namespace daxfuzz::properties
