// SPDX-License-Identifier: GPL-2.0-only
// A target with a defect that an engine has to look for: two threads, of which one pins a page
// and, later in the list, the other punches a hole of that page's file. Bytes alone come by it
// seldom, a mutator of programs soon. Executes nothing, so it is a cheap test of engines. Read
// next: canary_fuzz_test.cc, which fails whatever the input; aflpp_test.sh.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "fuzz/environment.h"
#include "fuzz/finding_stream.h"
#include "trace/bytes.h"

namespace {

using namespace daxfuzz;
using trace::OpCode;

std::optional<fuzz::Environment> g_environment;
std::optional<fuzz::FindingStream> g_stream;

bool planted(const trace::Program& program) {
  for (std::size_t i = 0; i < program.ops.size(); i++) {
    const trace::Op& pin = program.ops[i];
    if (pin.code != OpCode::pin || pin.access != trace::Access::write) continue;
    for (std::size_t j = i + 1; j < program.ops.size(); j++) {
      const trace::Op& punch = program.ops[j];
      if (punch.code == OpCode::punch && punch.thread != pin.thread && punch.page == pin.page && punch.len == 3)
        return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  g_environment = fuzz::environment_or_exit();
  g_stream.emplace(*g_environment, "planted_fuzz_test");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const trace::Program program = fuzz::forced(trace::decode({data, size}), *g_environment);
  if (planted(program))
    g_stream->found(program.protocol, "planted-defect in punch",
                    [&] { return trace::Trace{.program = program, .digest = {}, .comments = {}}; });
  return 0;
}
