// SPDX-License-Identifier: GPL-2.0-only
// coverage_run SEED EXECUTIONS FILE...: runs each trace as recorded and as each of
// its `# expect` lines has it (a seed has none), and follows what a real kernel said of
// each .ops file (in the .log beside it), runs each other file as a fuzzer's input, then EXECUTIONS
// programs that SEED alone determines.
// coverage_run FILE: that trace, as recorded.
// Judges nothing: what counts is which code of model/ ran. Prints what it ran, one
// line, the same each time. Read next: ci/coverage and ci/operand_branches, which build
// and read it.
#include <charconv>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "conformance/recorded.h"
#include "corpus/expectations.h"
#include "corpus/marks.h"
#include "exec/execute.h"
#include "fuzz/mutator.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;

constexpr std::string_view kOps = ".ops", kTrace = ".daxt";

struct Counts {
  std::uint64_t traces = 0, replays = 0, logs = 0, inputs = 0, generated = 0, failed = 0;
};

void replay(const corpus::File& file, Counts& counts) {
  (void)exec::execute(file.trace.program);
  for (const corpus::Expectation& expectation : file.expectations)
    (void)corpus::run(file, expectation.variant);
  counts.traces++;
  counts.replays += 1 + file.expectations.size();
}

// A long run of a kernel, beside that kernel's protocol. False: no such record.
bool follow(std::string_view path, Counts& counts) {
  try {
    path.remove_suffix(kOps.size());
    (void)conformance::testing::recorded(std::string(path));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return false;
  }
  counts.logs++;
  return true;
}

// What an engine keeps in its corpus.
bool run_input(const char* path, Counts& counts) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path);
    return false;
  }
  if (exec::execute(trace::decode(bytes)).failed()) counts.failed++;
  counts.inputs++;
  return true;
}

// A program lives for some executions and is mutated before each. Half begin empty,
// half as a trace that shows where the rare states are; of those some get the end of
// another. A kept schedule would be the trace's own, so it is drawn anew.
constexpr std::size_t kLife = 48;

trace::Program born(const std::vector<trace::Program>& traces, fuzz::Random& random) {
  trace::Program program;
  if (!traces.empty() && !random.one_in(2)) {
    program = traces[random.below(traces.size())];
    if (random.one_in(4))
      program = fuzz::spliced(program, traces[random.below(traces.size())], random);
    program.protocol = random.number_below<trace::ProtocolId>(trace::protocol_count());
  } else {
    for (std::size_t n = 8 + random.below(16); n > 0; n--) fuzz::mutate(program, random);
  }
  program.schedule = {};
  program.schedule.seed = random.next();
  return trace::clamped(std::move(program));
}

void generate(const std::vector<trace::Program>& traces, std::uint64_t seed,
              std::uint64_t executions, Counts& counts) {
  fuzz::Random random(seed);
  trace::Program program;
  for (; counts.generated < executions; counts.generated++) {
    if (counts.generated % kLife == 0) {
      program = born(traces, random);
    } else {
      for (std::size_t n = 1 + random.below(3); n > 0; n--) fuzz::mutate(program, random);
    }
    if (exec::execute(program).failed()) counts.failed++;
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int replay_as_recorded(const char* path) {
  const auto seed = corpus::load_trace(path);
  if (!seed) {
    std::fprintf(stderr, "%s: no trace\n", path);
    return 5;
  }
  const exec::Execution execution = exec::execute(seed->program);
  std::printf("%s: %s\n", path, execution.signature().c_str());
  return execution.diverged ? 4 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2) return replay_as_recorded(argv[1]);
  const auto seed = argc > 2 ? number(argv[1]) : std::nullopt;
  const auto executions = argc > 2 ? number(argv[2]) : std::nullopt;
  if (!seed || !executions) {
    std::fprintf(stderr, "usage: coverage_run SEED EXECUTIONS FILE... | coverage_run FILE\n");
    return 2;
  }
  Counts counts;
  std::vector<trace::Program> traces;
  for (int i = 3; i < argc; i++) {
    if (std::string_view(argv[i]).ends_with(kOps)) {
      if (!follow(argv[i], counts)) return 5;
      continue;
    }
    if (!std::string_view(argv[i]).ends_with(kTrace)) {
      if (!run_input(argv[i], counts)) return 5;
      continue;
    }
    const auto file = corpus::load_any(argv[i]);
    if (!file) {
      std::fprintf(stderr, "%s\n", file.error().c_str());
      return 5;
    }
    replay(*file, counts);
    // Those of corpus/branches take their sides themselves: grown, they would crowd out others.
    const bool grows = !file->expectations.empty() || !trace::header(file->trace, "mark").empty();
    if (grows) traces.push_back(file->trace.program);
  }
  generate(traces, *seed, *executions, counts);
  std::printf("%" PRIu64 " traces in %" PRIu64 " runs; %" PRIu64 " logs of a real kernel; ", counts.traces,
              counts.replays, counts.logs);
  if (counts.inputs != 0) std::printf("%" PRIu64 " inputs of a fuzzer; ", counts.inputs);
  std::printf("%" PRIu64 " generated executions of seed %" PRIu64 ", %" PRIu64 " of them findings\n",
              counts.generated, *seed, counts.failed);
  return 0;
}
