// SPDX-License-Identifier: GPL-2.0-only
// Properties that fail in any model, and one that holds: for tests of what is done with counterexamples. In no
// program but theirs. Read next: failing_test.sh.
#include <string>

#include "properties/execute.h"
#include "properties/shape.h"

namespace daxfuzz::properties {
namespace {

using trace::Program;

// A .daxt of one op, and what is not so of it.
std::string saved(const Trial& trial) {
  Program program;
  program.ops.push_back({.code = trace::OpCode::fsync});
  return as_daxt(program, trial.property(), trial.search(), "it is planted", execute(program));
}

PROPERTY(Failing, SavesATrace, "a program has three ops at most", "failing_suite.cc") {
  expect_holds(trial, {}, [](const Program& program) {
    return program.ops.size() <= 3 ? "" : std::to_string(program.ops.size()) + " ops";
  });
}

PROPERTY(Failing, SavesAnotherDigest, "a file says what its run does", "failing_suite.cc") {
  trial.run([&trial] {
    std::string text = saved(trial);
    char& last = text[text.find_last_not_of('\n')];
    last = last == '0' ? '1' : '0';
    trial.failed("its digest is another", [text] { return text; }, true);
  });
}

PROPERTY(Failing, SavesCalls, "nothing is called", "failing_suite.cc") {
  trial.run([&trial] {
    trial.failed("something is", [] { return "# property  Failing.SavesCalls\ncall 1\n"; }, false);
  });
}

PROPERTY(Holding, IsTriedAsOftenAsAsked, "it holds of seed 7, if that is tried ten times", "failing_suite.cc") {
  const Search& search = trial.search();
  trial.run([&trial, &search] {
    if (search.seed == 7 && search.max_success == 10) return;
    const std::string cases = std::to_string(search.max_success) + " cases";
    const std::string why = "seed " + std::to_string(search.seed) + ", " + cases;
    trial.failed(why, [why] { return "# " + why + "\n"; }, false);
  });
}

}  // namespace
}  // namespace daxfuzz::properties
