// SPDX-License-Identifier: GPL-2.0-only
// The main fuzz target: any bytes are a program with its schedule; run it, and
// tell what the oracles found. Read next: environment.h (how it is steered),
// finding_stream.h (how it tells), mutator.h (how inputs come about).
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "exec/execute.h"
#include "fuzz/digest_line.h"
#include "fuzz/environment.h"
#include "fuzz/finding_stream.h"
#include "fuzz/warm_up.h"
#include "report/worth.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;

std::optional<fuzz::Environment> g_environment;
std::optional<fuzz::FindingStream> g_stream;
std::optional<report::Worth> g_worth;  // only if daxfuzz fuzz reads it

// The trace of a finding: its schedule written out, and seen to replay. One whose
// schedule is too long to be written keeps the seed or the bytes it had.
trace::Trace trace_of(const trace::Program& program, const exec::Execution& execution) {
  trace::Program written = exec::with_schedule(program, execution);
  if (!trace::valid(written)) written = program;
  const exec::Execution again = exec::execute(written);
  if (again.diverged || again.digest != execution.digest || again.signature() != execution.signature()) {
    std::fprintf(stderr, "ASSERTION FAILED: nondeterminism in replay\n%s: then %s; %s\n%s",
                 execution.signature().c_str(), again.signature().c_str(), again.divergence.c_str(),
                 trace::print(trace::Trace{.program = written, .digest = execution.digest, .comments = {}}).c_str());
    std::abort();
  }
  return {.program = std::move(written), .digest = again.digest, .comments = {}};
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  fuzz::warm_up();
  g_stream.emplace(*g_environment, "interleaving_fuzz_test libfuzzer");
  if (g_environment->findings_fd) {
    g_worth.emplace();
    std::atexit([] { std::fputs(g_worth->text().c_str(), stderr); });
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const trace::Program program = fuzz::forced(trace::decode({data, size}), *g_environment);
  const exec::Execution execution = exec::execute(program, {.keep_schedule = g_worth.has_value()});
  if (g_worth) g_worth->ran(program, execution);
  fuzz::tell_digest(*g_environment, data, size, execution.digest, execution.signature());
  if (execution.failed())
    g_stream->found(program.protocol, execution.signature(), [&] { return trace_of(program, execution); });
  return 0;
}
