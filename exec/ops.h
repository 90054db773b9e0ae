// SPDX-License-Identifier: GPL-2.0-only
// An operation of a program as a call into the port. See trace/op.def.
#pragma once

#include <cstdint>

#include "model/world.h"
#include "trace/program.h"

namespace daxfuzz::exec {

// Runs on the calling task. Returns what the system call would: 0 or more, or
// -errno; a read returns the last value read.
std::int64_t run_op(kernel::World& world, const trace::Op& op);

}  // namespace daxfuzz::exec
