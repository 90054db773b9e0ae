// SPDX-License-Identifier: GPL-2.0-only
// A program of one thread sees a file system: each op returns what it does to arrays of
// bytes (properties/file_model.h), whatever counts the pages. The oracle is off: another
// judge, that knows nothing of the port. Read next: single.h; protocol_diff_fuzz_test.cc.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "exec/execute.h"
#include "fuzz/digest_line.h"
#include "fuzz/environment.h"
#include "fuzz/finding_stream.h"
#include "fuzz/single.h"
#include "fuzz/warm_up.h"
#include "properties/file_model.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;
using trace::OpCode;

// Blocks for each page of both files twice: never out of space. A thread that truncates under
// its own pin would wait for ever. Left out: dedupe (docs/findings, dedupe-compares-stale-blocks).
constexpr fuzz::Single kShape{
    .allowed = fuzz::kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::read, OpCode::write, OpCode::pin,
                            OpCode::reflink, OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fsync,
                            OpCode::alloc, OpCode::zero, OpCode::unshare, OpCode::collapse, OpCode::evict,
                            OpCode::unlink, OpCode::writeback}),
    .blocks_min = 32,
    .blocks_max = 32,
    .momentary_pins = true};

std::optional<fuzz::Environment> g_environment;
std::optional<fuzz::FindingStream> g_stream;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  fuzz::warm_up();
  g_stream.emplace(*g_environment, "sequential_fuzz_test");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trace::Program program = fuzz::single(fuzz::forced(trace::decode({data, size}), *g_environment), kShape);
  program.protocol = properties::nearest_file_system_protocol(program);
  const exec::Execution execution = exec::execute(program, {.checkers = 0});
  fuzz::tell_digest(*g_environment, data, size, execution.digest, execution.signature());
  const std::vector<std::int64_t> expected = properties::file_model_results(program);
  const std::size_t op = fuzz::first_difference(expected, execution.results);
  if (op == expected.size()) return 0;
  g_stream->found(program.protocol, fuzz::difference_signature("wrong-result", program, op), [&] {
    trace::Trace trace{.program = exec::with_schedule(program, execution), .digest = execution.digest, .comments = {}};
    trace::set_header(trace, "because", trace::print(program.ops[op]) + " returned " +
                                            std::to_string(execution.results[op]) + ", expected " +
                                            std::to_string(expected[op]));
    return trace;
  });
  return 0;
}
