// SPDX-License-Identifier: GPL-2.0-only
// An execution is a function of its program, and its schedule is a part of the
// program: what a finding's file says is what runs, here and everywhere. Any
// program at all: a finding on the way is compared like every other outcome.
#include "exec/minimize.h"
#include "model/pmem.h"
#include "properties/execute.h"
#include "properties/shape.h"
#include "trace/bytes.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using exec::Execution;
using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

const std::vector<ProtocolId> kEveryProtocol = {ProtocolId::legacy, ProtocolId::v1,
                                                ProtocolId::entry_ref, ProtocolId::upstream,
                                                ProtocolId::legacy60, ProtocolId::upstream71,
                                                ProtocolId::zap};

// Of the first block that is handed out.
constexpr auto kFirstPage = static_cast<std::int64_t>(kernel::block_to_pfn(0));

Shape anything() { return {.protocols = kEveryProtocol, .failures = true}; }

std::string difference(const Execution& expected, const Execution& found) {
  if (found.signature() != expected.signature())
    return "verdict " + found.signature() + ", expected " + expected.signature();
  if (found.digest != expected.digest) return "another digest";
  if (found.segments != expected.segments) return "another schedule";
  if (found.results != expected.results) return "other results";
  if (found.diverged) return "diverged: " + found.divergence;
  return "";
}

PROPERTY(Determinism, TheSameProgramIsTheSameExecution,
         "a program run twice has the same verdict, digest, schedule and results",
         "exec/execute.h: deterministic") {
  expect_holds(trial, anything(), [](const Program& program) {
    return difference(execute(program), execute(program));
  });
}

PROPERTY(Determinism, AScheduleReplaysStrictly,
         "the schedule that a run had makes the same run",
         "exec/execute.h: with_schedule()") {
  expect_holds(trial, anything(), [](const Program& program) {
    const Execution first = execute(program);
    return difference(first, execute(exec::with_schedule(program, first)));
  });
}

// The bytes carry no labels, so they replay by counts alone.
PROPERTY(Determinism, AScheduleSurvivesBothSpellings,
         "and it still does after text and bytes",
         "trace/text.h, trace/bytes.h") {
  expect_holds(trial, anything(), [](const Program& program) -> std::string {
    const Execution first = execute(program);
    trace::Trace trace;
    trace.program = exec::with_schedule(program, first);
    const auto parsed = trace::parse(trace::print(trace), "printed");
    if (!parsed.has_value()) return parsed.error().str();
    const std::string text = difference(first, execute(parsed->trace.program));
    if (!text.empty()) return "as text: " + text;
    const Program decoded = trace::decode(trace::encode(trace.program));
    const std::string bytes = difference(first, execute(decoded));
    return bytes.empty() ? "" : "as bytes: " + bytes;
  });
}

// Looking is free: neither events kept nor a page watched is a step.
PROPERTY(Determinism, WatchingChangesNothing,
         "keeping events and watching a page are no steps",
         "exec/execute.h: Options") {
  expect_holds(trial, anything(), [](const Program& program) {
    return difference(execute(program),
                      execute(program, {.keep_events = true, .watch_pfn = kFirstPage}));
  });
}

// v1 breaks its promises often and in several ways (see the protocol's summary), so
// it is where a minimiser meets other signatures on its way down.
PROPERTY(Minimiser, KeepsTheSignatureOnRealExecutions,
         "what the minimiser leaves fails in the same way, and replays",
         "exec/minimize.h") {
  const Shape shape{.protocols = {ProtocolId::v1}, .ops_max = 12, .failures = true};
  expect_holds(
      trial, shape,
      [](const Program& program) -> std::string {
        const Execution first = execute(program);
        if (!first.failed()) return "";
        const exec::Minimized least = exec::minimize(program, execute, 2000);
        const Execution again = execute(least.program);
        if (again.signature() != first.signature())
          return first.signature() + " became " + again.signature();
        if (again.diverged) return "does not replay: " + again.divergence;
        if (program.ops.size() < least.program.ops.size()) return "grew";
        return "";
      },
      25);
}

}  // namespace
}  // namespace daxfuzz::properties
