// SPDX-License-Identifier: GPL-2.0-only
// seeds FOLDER [SEED]: for each mark that no trace of FOLDER takes, looks for a program that
// takes it and passes, makes it as small as it gets, and writes it there as MARK.daxt.
//   bazel run //ci:seeds -- $PWD/corpus/seeds
// Read next: marks.h, seeds_test.cc.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "corpus/expectations.h"
#include "corpus/marks.h"
#include "exec/minimize.h"
#include "fuzz/new_op.h"
#include "fuzz/random.h"
#include "trace/text.h"

namespace {

using namespace daxfuzz;

constexpr int kTries = 60000;

exec::Execution watched(const trace::Program& program, exec::Options options = {}) {
  options.keep_events = true;
  return exec::execute(program, options);
}

// Half the time one of the folder, under another schedule and perhaps with an op more:
// rare paths lie side by side.
trace::Program drawn(const std::vector<trace::Program>& seeds, fuzz::Random& random) {
  trace::Program program;
  if (!seeds.empty() && random.one_in(2)) {
    program = seeds[random.below(seeds.size())];
    if (random.one_in(2)) program.ops.push_back(fuzz::new_op(program, program.ops.size(), random));
    program.schedule = {};
    program.schedule.seed = random.next();
    return trace::clamped(std::move(program));
  }
  program.protocol = random.number_below<trace::ProtocolId>(trace::protocol_count());
  program.geometry.blocks = static_cast<std::uint16_t>(4 + random.below(9));
  if (random.one_in(4)) program.geometry.check_sched = trace::kCheckSchedSmall;
  const std::size_t threads = 1 + random.below(3), ops = 3 + random.below(14);
  for (std::size_t i = 0; i < ops; i++) {
    trace::Op op = fuzz::new_op(program, program.ops.size(), random);
    op.thread = random.number_below<std::uint8_t>(threads);
    program.ops.push_back(op);
  }
  program.schedule.seed = random.next();
  return trace::clamped(std::move(program));
}

// The minimiser keeps failures; here what must be kept is to pass and to take the mark.
exec::Minimized smallest(const trace::Program& program, const corpus::Mark& mark) {
  return exec::minimize(program, [&mark](const trace::Program& p, const exec::Options& options) {
    exec::Execution execution = watched(p, options);
    const bool kept = !execution.failed() && mark.seen(execution.events);
    execution.verdict = kept ? exec::Verdict::invariant : exec::Verdict::pass;
    execution.finding.id = "mark";
    execution.finding.function = std::string(mark.name);
    return execution;
  });
}

void write(const std::string& folder, const corpus::Mark& mark, const exec::Minimized& found) {
  trace::Trace trace{.program = found.program, .digest = {}, .comments = {}};
  trace.digest = exec::execute(found.program).digest;
  trace::set_header(trace, "mark", mark.name);
  trace::set_header(trace, "what", mark.what);
  const std::string path = folder + "/" + std::string(mark.name) + ".daxt";
  std::ofstream(path) << trace::print(trace);
  std::printf("%s: %zu ops\n", path.c_str(), found.program.ops.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "seeds: expected FOLDER [SEED], found nothing\n");
    return 2;
  }
  const std::string folder = argv[1];
  std::set<std::string_view> missing;
  std::vector<trace::Program> seeds;
  for (const corpus::Mark& mark : corpus::marks()) missing.insert(mark.name);
  for (const std::string& path : corpus::list(folder)) {
    const auto seed = corpus::load_trace(path);
    if (!seed.has_value()) continue;
    seeds.push_back(seed->program);
    const exec::Execution execution = watched(seed->program);
    for (const corpus::Mark& mark : corpus::marks())
      if (mark.seen(execution.events)) missing.erase(mark.name);
  }
  fuzz::Random random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  for (int i = 0; i < kTries && !missing.empty(); i++) {
    const trace::Program program = drawn(seeds, random);
    const exec::Execution execution = watched(program);
    if (execution.failed()) continue;
    for (const corpus::Mark& mark : corpus::marks()) {
      if (!missing.contains(mark.name) || !mark.seen(execution.events)) continue;
      write(folder, mark, smallest(program, mark));
      missing.erase(mark.name);
    }
  }
  for (const std::string_view name : missing)
    std::printf("not found: %.*s\n", static_cast<int>(name.size()), name.data());
  return missing.empty() ? 0 : 1;
}
