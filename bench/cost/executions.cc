// SPDX-License-Identifier: GPL-2.0-only
// Runs of programs: what the smallest one costs, and programs of three threads with eight ops each,
// drawn from one seed. See subject.h.
#include <memory>

#include "bench/cost/subject.h"
#include "exec/execute.h"
#include "fuzz/draw.h"
#include "fuzz/random.h"
#include "sched/check.h"
#include "trace/bytes.h"

namespace daxfuzz::cost {
namespace {

using Programs = std::vector<trace::Program>;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kThreads = 3, kOpsOfThread = 8, kPrograms = 256;
constexpr std::uint64_t kSeed = 1;

// As who hunts does it: of a run that passes nobody asks for the schedule.
exec::Execution run(const trace::Program& program) {
  return exec::execute(program, {.keep_schedule = false});
}

// Drops a pin that nobody holds: an op that does nothing and has one step.
trace::Program smallest(std::size_t pmd_order) {
  trace::Program program;
  program.geometry.pmd_order = static_cast<std::uint8_t>(pmd_order);
  if (pmd_order == trace::kPmdOrderReal) program.geometry.blocks = 2048;
  program.ops.push_back({.code = trace::OpCode::unpin});
  return trace::clamped(program);
}

Programs three_by_eight(const char* protocol) {
  fuzz::Random random(kSeed);
  Programs programs;
  while (programs.size() < kPrograms) {
    trace::Program program = fuzz::drawn(
        {.protocol = trace::protocol_named(protocol),
         .threads = kThreads,
         .ops = kThreads * kOpsOfThread,
         .focused = false},
        random);
    for (std::size_t i = 0; i < program.ops.size(); i++)
      program.ops[i].thread = static_cast<std::uint8_t>(i % kThreads);
    CHECK(trace::valid(program));
    programs.push_back(std::move(program));
  }
  return programs;
}

// What all the programs come to, by `of` each execution.
template <class Of>
double sum(const Programs& programs, Of of) {
  double total = 0;
  for (const trace::Program& program : programs) total += of(run(program));
  return total;
}

double taken_by(const trace::Program& program) {
  const std::uint64_t before = allocations();
  { const exec::Execution execution = run(program); }
  return static_cast<double>(allocations() - before);
}

double one(const exec::Execution&) { return 1; }
double steps(const exec::Execution& execution) { return static_cast<double>(execution.steps); }
double found(const exec::Execution& execution) { return execution.failed() ? 1 : 0; }

Subject subject(std::string name, Unit unit, std::optional<Bound> aim,
                std::function<double(std::uint64_t)> run) {
  return {.figure = {.name = std::move(name), .unit = unit, .aim = aim}, .run = std::move(run)};
}

// Does it `times` times and adds up.
template <class Once>
std::function<double(std::uint64_t)> repeated(Once once) {
  return [once](std::uint64_t times) {
    double total = 0;
    for (std::uint64_t i = 0; i < times; i++) total += once();
    return total;
  };
}

void add_smallest(std::vector<Subject>& all) {
  const trace::Program small = smallest(2), real = smallest(trace::kPmdOrderReal);
  const Bytes bytes = trace::encode(small);
  CHECK(run(small).steps == 2 && trace::decode(bytes) == small);
  all.push_back(subject("decode-smallest", Unit::nanoseconds, {}, repeated([bytes] {
                          return static_cast<double>(trace::decode(bytes).ops.size());
                        })));
  all.push_back(subject("execute-smallest", Unit::nanoseconds, {},
                        repeated([small] { return one(run(small)); })));
  all.push_back(subject("smallest-from-bytes", Unit::nanoseconds, Bound{.value = 5000},
                        repeated([bytes] { return one(run(trace::decode(bytes))); })));
  all.push_back(subject("execute-smallest-real", Unit::nanoseconds, {},
                        repeated([real] { return one(run(real)); })));
  all.push_back(subject("allocations-smallest", Unit::count, Bound{.value = 0},
                        repeated([small] { return taken_by(small); })));
}

void add_three_by_eight(const std::string& protocol, std::vector<Subject>& all) {
  const auto programs = std::make_shared<const Programs>(three_by_eight(protocol.c_str()));
  const auto mean = [programs](auto of) {
    return repeated([programs, of] { return sum(*programs, of) / static_cast<double>(kPrograms); });
  };
  all.push_back(subject("executions-" + protocol, Unit::per_second, Bound{.value = 50000},
                        repeated([programs] { return sum(*programs, one); })));
  all.push_back(subject("step-" + protocol, Unit::nanoseconds, {},
                        repeated([programs] { return sum(*programs, steps); })));
  all.push_back(subject("steps-" + protocol, Unit::count, {}, mean(steps)));
  all.push_back(subject("findings-" + protocol, Unit::count, {}, mean(found)));
  all.push_back(subject("allocations-" + protocol, Unit::count, Bound{.value = 0}, repeated([programs] {
                          double total = 0;
                          for (const trace::Program& program : *programs) total += taken_by(program);
                          return total / static_cast<double>(kPrograms);
                        })));
}

// As a fuzz target does it, without an engine.
void add_from_bytes(std::vector<Subject>& all) {
  auto inputs = std::make_shared<std::vector<Bytes>>();
  for (const trace::Program& program : three_by_eight("upstream")) inputs->push_back(trace::encode(program));
  all.push_back(subject("decode-upstream", Unit::nanoseconds, {}, repeated([inputs] {
                          std::size_t decoded = 0;
                          for (const Bytes& bytes : *inputs) decoded += trace::decode(bytes).ops.size() != 0;
                          return static_cast<double>(decoded);
                        })));
  all.push_back(subject("from-bytes-upstream", Unit::per_second, Bound{.value = 20000}, repeated([inputs] {
                          double total = 0;
                          for (const Bytes& bytes : *inputs) total += one(run(trace::decode(bytes)));
                          return total;
                        })));
}

}  // namespace

std::vector<Subject> executions() {
  std::vector<Subject> all;
  add_smallest(all);
  add_three_by_eight("upstream", all);
  add_three_by_eight("legacy", all);
  add_from_bytes(all);
  return all;
}

}  // namespace daxfuzz::cost
