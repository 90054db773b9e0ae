// SPDX-License-Identifier: GPL-2.0-only
// A program whose threads meet at one page: T0 sets it up, then two to four threads do a few ops of a few kinds to it.
// What most bugs of several threads need, and what ops drawn one by one seldom come to. Read first: draw.h.
#pragma once

#include "fuzz/random.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

// Ops and the schedule for a program that has a protocol and a geometry. threads: 2..kThreadsMax. Not clamped.
void focus(trace::Program& program, std::size_t threads, Random& random);

}  // namespace daxfuzz::fuzz
