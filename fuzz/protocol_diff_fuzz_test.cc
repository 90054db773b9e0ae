// SPDX-License-Identifier: GPL-2.0-only
// One thread cannot tell protocols apart: under the protocol that the input names its ops
// return what they do under upstream, out of space and dirty or not. Left out: pins, which
// protocols are about, and invalidate, which tells whether an entry is left to find. Read
// next: single.h; sequential_fuzz_test.cc, whose judge is no protocol.
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

constexpr fuzz::Single kShape{
    .allowed = fuzz::kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::read, OpCode::write,
                            OpCode::reflink, OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fsync})};

std::optional<fuzz::Environment> g_environment;
std::optional<fuzz::FindingStream> g_stream;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  fuzz::warm_up();
  g_stream.emplace(*g_environment, "protocol_diff_fuzz_test");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trace::Program program = fuzz::single(fuzz::forced(trace::decode({data, size}), *g_environment), kShape);
  const trace::ProtocolId other = properties::nearest_file_system_protocol(program);
  program.protocol = trace::ProtocolId::upstream;
  if (other == trace::ProtocolId::upstream) {  // against itself there is nothing to compare, but a run to tell of
    if (!g_environment->digests_fd) return 0;
    const exec::Execution alone = exec::execute(program, {.checkers = 0});
    fuzz::tell_digest(*g_environment, data, size, alone.digest, alone.signature());
    return 0;
  }
  const std::vector<std::int64_t> expected = exec::execute(program, {.checkers = 0}).results;
  program.protocol = other;
  const exec::Execution execution = exec::execute(program, {.checkers = 0});
  fuzz::tell_digest(*g_environment, data, size, execution.digest, execution.signature());
  const std::size_t op = fuzz::first_difference(expected, execution.results);
  if (op == expected.size()) return 0;
  g_stream->found(other, fuzz::difference_signature("protocols-disagree", program, op), [&] {
    trace::Trace trace{.program = exec::with_schedule(program, execution), .digest = execution.digest, .comments = {}};
    trace::set_header(trace, "because", trace::print(program.ops[op]) + " returned " +
                                            std::to_string(execution.results[op]) + ", under upstream " +
                                            std::to_string(expected[op]));
    return trace;
  });
  return 0;
}
