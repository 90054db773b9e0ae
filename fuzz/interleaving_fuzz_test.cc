// SPDX-License-Identifier: GPL-2.0-only
// The main fuzz target: any bytes are a program with its schedule; run it, and
// tell what the oracles found. Read next: environment.h (how it is steered),
// finding_stream.h (how it tells), mutator.h (how inputs come about).
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "exec/execute.h"
#include "fuzz/digest_line.h"
#include "fuzz/edge_line.h"
#include "fuzz/environment.h"
#include "fuzz/finding_stream.h"
#include "fuzz/mutator_engine.h"
#include "fuzz/warm_up.h"
#include "report/worth.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;

std::optional<fuzz::Environment> g_environment;
std::optional<fuzz::FindingStream> g_stream;
std::optional<report::Worth> g_worth;  // only if daxfuzz fuzz reads it
std::map<std::string, std::uint64_t> g_races;  // in how many runs TSan reported whose load and whose write

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

// TSan has seen a race; the vector clocks of exec say between whom.
void count_races(const trace::Program& program) {
  const exec::Execution run = exec::execute(program, {.races = true});
  std::map<std::string, std::uint64_t> pairs;
  for (const exec::DataRace& race : run.races) pairs[race.load.function + " / " + race.write.function] = 1;
  if (pairs.empty()) pairs["of what no vector clock sees"] = 1;
  for (const auto& [pair, once] : pairs) g_races[pair] += once;
}

void tell_worth() {
  std::fputs(g_worth->text().c_str(), stderr);
  for (const auto& [pair, runs] : g_races)
    std::fprintf(stderr, "worth: data races: %" PRIu64 " runs: %s\n", runs, pair.c_str());
}

}  // namespace

// ASan's copies of stack frames are the greater part of what it costs on fibers (bench/README.md). Tests ask for them
// (.bazelrc), and so may ASAN_OPTIONS.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_stack_use_after_return=0"; }

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  fuzz::warm_up();
  fuzz::mutator_sees([](trace::Program program) { return fuzz::forced(std::move(program), *g_environment); });
  g_stream.emplace(*g_environment, "interleaving_fuzz_test libfuzzer");
  if (g_environment->findings_fd) {
    g_worth.emplace();
    std::atexit(tell_worth);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::begin_edges(*g_environment);
  const trace::Program program = fuzz::forced(trace::decode({data, size}), *g_environment);
  const exec::Execution execution = exec::execute(program, {.keep_schedule = g_worth.has_value()});
  fuzz::tell_edges(*g_environment, data, size);
  if (g_worth) g_worth->ran(program, execution);
  fuzz::tell_digest(*g_environment, data, size, execution.digest, execution.signature());
  if (execution.tsan_reports != 0) count_races(program);
  if (execution.failed())
    g_stream->found(program.protocol, execution.signature(), [&] { return trace_of(program, execution); });
  return 0;
}
