// SPDX-License-Identifier: GPL-2.0-only
// Calls the minimiser and distrusts it. See shrink.h.
#include "cli/shrink.h"

#include "cli/exit_code.h"

namespace daxfuzz::cli {

trace::Trace as_finding(const trace::Trace& source, const trace::Program& program,
                        const exec::Execution& execution) {
  trace::Trace out;
  out.program = program;
  out.digest = execution.digest;
  const std::string found_by(trace::header(source, "found-by"));
  if (!found_by.empty()) trace::set_header(out, "found-by", found_by);
  trace::set_header(out, "verdict", execution.failed() ? "FAIL " + execution.signature() : "PASS");
  return out;
}

std::expected<Shrunk, NotShrunk> shrink(Context& context, const trace::Trace& source,
                                        const exec::Options& options, std::uint64_t budget) {
  const exec::Execution before = context.execute(source.program, options);
  if (!before.failed())
    return std::unexpected(NotShrunk{kNothingFound, "passes, nothing to minimize"});
  // A schedule too long for a file stays the seed or the bytes that it was.
  trace::Program explicit_program = exec::with_schedule(source.program, before);
  if (!trace::valid(explicit_program)) explicit_program = source.program;
  const exec::Execution first = context.execute(explicit_program, {});
  if (first.signature() != before.signature())
    return std::unexpected(
        NotShrunk{kNondeterminism, "its own schedule, replayed, gives " + first.signature()});
  // An interrupt makes every further candidate look harmless, so the minimiser
  // takes none of them and returns what it has.
  const exec::Runner run = [&](const trace::Program& p, const exec::Options& how) {
    return context.interrupted() ? exec::Execution{} : context.execute(p, how);
  };
  if (context.interrupted()) return std::unexpected(NotShrunk{kInterrupted, "interrupted"});
  const exec::Minimized small = context.minimize(explicit_program, run, budget);
  const exec::Execution after = context.execute(small.program, {});
  if (after.signature() != before.signature())
    return std::unexpected(
        NotShrunk{kNondeterminism, "what the minimizer made of it gives " + after.signature()});
  Shrunk out{.trace = as_finding(source, small.program, after),
             .execution = after,
             .summary = {},
             .complete = small.complete && !context.interrupted()};
  const auto count = [](std::size_t from, std::size_t to) {
    return std::to_string(from) + " -> " + std::to_string(to);
  };
  out.summary = count(source.program.ops.size(), small.program.ops.size()) + " ops, " +
                count(before.segments.size(), after.segments.size()) + " segments, " +
                std::to_string(small.executions) + " executions" +
                (out.complete ? "" : ", not finished");
  return out;
}

}  // namespace daxfuzz::cli
