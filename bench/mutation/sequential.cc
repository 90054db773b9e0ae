// SPDX-License-Identifier: GPL-2.0-only
// Draws and compares. See sequential.h.
#include "bench/mutation/sequential.h"

#include <rapidcheck.h>

#include <utility>

#include "properties/file_model.h"
#include "properties/programs.h"
#include "sched/check.h"

namespace daxfuzz::mutation {
namespace {

using trace::OpCode;

constexpr int kSizes = 101;  // of rc::check()
// Blocks for every page of both files twice: never out of space.
constexpr int kBlocks = 32, kOpsMax = 32;

properties::Shape shape_of(properties::Kinds allowed, properties::Pins pins) {
  return {.allowed = allowed,
          .threads_max = 1,
          .files_max = 2,
          .blocks_min = kBlocks,
          .blocks_max = kBlocks,
          .ops_max = kOpsMax,
          .pins = pins};
}

}  // namespace

std::vector<Sequential> sequential_programs(std::uint64_t seed, std::uint64_t count) {
  using properties::kinds;
  constexpr properties::Kinds kSeen = kinds(
      {OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::read, OpCode::write, OpCode::reflink});
  const rc::Gen<trace::Program> shapes[] = {
      properties::programs(shape_of(
          kSeen | kinds({OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fsync, OpCode::pin}),
          properties::Pins::momentary)),
      properties::programs(shape_of(
          kSeen | kinds({OpCode::alloc, OpCode::zero, OpCode::unshare, OpCode::collapse, OpCode::evict,
                         OpCode::unlink, OpCode::writeback}),
          properties::Pins::kept))};
  rc::Random random(seed);
  std::vector<Sequential> all;
  for (std::uint64_t i = 0; i < count; i++) {
    const int size = static_cast<int>(i / std::size(shapes)) % kSizes;
    trace::Program program = shapes[i % std::size(shapes)](random.split(), size).value();
    std::vector<std::int64_t> results = properties::file_model_results(program);
    all.push_back({.program = std::move(program), .results = std::move(results)});
  }
  return all;
}

std::string wrong_result(const trace::Program& program, const std::vector<std::int64_t>& expected,
                         const exec::Execution& execution) {
  CHECK(expected.size() == program.ops.size() && execution.results.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); i++)
    if (execution.results[i] != expected[i])
      return "wrong-result in " + std::string(trace::info(program.ops[i].code).name);
  return "";
}

}  // namespace daxfuzz::mutation
