// SPDX-License-Identifier: GPL-2.0-only
// Tries one claim on programs of a shape and hands out the counterexample as a file that
// replays. Read first: programs.h.
#include "properties/execute.h"
#include "properties/programs.h"
#include "trace/text.h"

namespace daxfuzz::properties {

std::string as_daxt(const trace::Program& program, const Property& property, const Search& search,
                    const std::string& why, const exec::Execution& execution) {
  trace::Trace trace;
  trace.program = exec::with_schedule(program, execution);
  trace.digest = execution.digest;
  trace::set_header(trace, "verdict", execution.signature());
  trace::set_header(trace, "property", property.full_name());
  trace::set_header(trace, "seed", std::to_string(search.seed));
  trace::set_header(trace, "because", why);
  if (model_is_fixed()) trace::set_header(trace, "model", "all fixes are in: daxfuzz_fixed replay FILE");
  return trace::print(trace);
}

void expect_holds(Trial& trial, const Shape& shape, const Claim& claim, int percent) {
  trial.run(
      [&] {
        trace::Program program = *programs(shape);
        const std::string why = claim(program);
        if (why.empty()) return;
        trial.failed(
            why,
            [&trial, program, why] {
              return as_daxt(program, trial.property(), trial.search(), why, exec::execute(program));
            },
            true);
      },
      percent);
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
