// SPDX-License-Identifier: GPL-2.0-only
// What fsync(2), msync(2) and MAP_SYNC promised is kept by a power failure: one thread, and
// the failure where the input has its first op `crash`, else at the end. The judge is the
// persistence checker alone. Read next: single.h; properties/persistence_properties_test.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "exec/execute.h"
#include "fuzz/digest_line.h"
#include "fuzz/environment.h"
#include "fuzz/finding_stream.h"
#include "fuzz/single.h"
#include "fuzz/warm_up.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;
using trace::OpCode;

// Left out is what loses data in the kernel itself (docs/findings): breaking layouts drops
// dirty marks since 6.15, copies of shared blocks are not flushed.
constexpr fuzz::Single kPlain{
    .allowed = fuzz::kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::read, OpCode::write,
                            OpCode::madvise, OpCode::fsync, OpCode::msync, OpCode::writeback, OpCode::drop_caches})};
// If a mapping of the input is MAP_SYNC.
constexpr fuzz::Single kSync{
    .allowed = fuzz::kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::write,
                            OpCode::fsync}),
    .map_sync = true};

std::optional<fuzz::Environment> g_environment;
std::optional<fuzz::FindingStream> g_stream;

// Whose promises the kernel's own code is known to keep.
trace::ProtocolId nearest_kept(trace::ProtocolId protocol) {
  return protocol == trace::ProtocolId::legacy ? protocol : trace::ProtocolId::upstream;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  fuzz::warm_up();
  g_stream.emplace(*g_environment, "crash_fuzz_test");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trace::Program input = fuzz::forced(trace::decode({data, size}), *g_environment);
  input.ops.erase(std::ranges::find(input.ops, OpCode::crash, &trace::Op::code), input.ops.end());
  if (input.ops.size() == trace::kOpsMax) input.ops.pop_back();
  const bool sync = std::ranges::any_of(input.ops, [](const trace::Op& op) {
    return op.code == OpCode::mmap && op.map_kind == trace::MapKind::sync;
  });
  trace::Program program = fuzz::single(input, sync ? kSync : kPlain);
  program.protocol = nearest_kept(program.protocol);
  program.ops.push_back({.code = OpCode::crash});
  const exec::Execution execution = exec::execute(program, {.checkers = exec::kCheckPersistence});
  fuzz::tell_digest(*g_environment, data, size, execution.digest, execution.signature());
  if (!execution.failed()) return 0;
  g_stream->found(program.protocol, execution.signature(), [&] {
    return trace::Trace{
        .program = exec::with_schedule(program, execution), .digest = execution.digest, .comments = {}};
  });
  return 0;
}
