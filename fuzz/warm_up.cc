// SPDX-License-Identifier: GPL-2.0-only
// One run that leaves nothing but a pool of stacks. See warm_up.h.
#include "fuzz/warm_up.h"

#include "exec/execute.h"
#include "sched/check.h"
#include "trace/limits.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

void warm_up() {
  trace::Program program;
  for (std::size_t thread = 0; thread < trace::kThreadsMax; ++thread)
    program.ops.push_back({.code = trace::OpCode::fsync, .thread = static_cast<std::uint8_t>(thread)});
  program = trace::clamped(std::move(program));
  CHECK(program.threads() == trace::kThreadsMax);
  CHECK(!exec::execute(program, {}).failed());
}

}  // namespace daxfuzz::fuzz
