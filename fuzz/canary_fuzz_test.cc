// SPDX-License-Identifier: GPL-2.0-only
// A fuzz target that fails on purpose, whatever the input: it proves that a
// failure of a target gets through to whoever runs it. A campaign in which the
// canary is silent has told nothing about the other targets either. It executes
// nothing, so its trace has no digest and does not replay. Read next:
// canary_test.cc, which holds that it sings.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "fuzz/environment.h"
#include "fuzz/finding_stream.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;

std::optional<fuzz::Environment> g_environment;
std::optional<fuzz::FindingStream> g_stream;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  g_stream.emplace(*g_environment, "canary_fuzz_test libfuzzer");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trace::Program program = fuzz::forced(trace::decode({data, size}), *g_environment);
  // The text form has no program without an op.
  if (program.ops.empty()) program.ops = {trace::canonical({.code = trace::OpCode::fsync}, program.geometry)};
  g_stream->found(program.protocol, "canary-always-fails in canary",
                  [&] { return trace::Trace{.program = program, .digest = {}, .comments = {}}; });
  return 0;
}
