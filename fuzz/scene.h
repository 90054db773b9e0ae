// SPDX-License-Identifier: GPL-2.0-only
// A program of one of a few scenes: ops that the kernel makes wait for each other or whose promises another one can
// break, after a set-up in which that matters. Two ops of a scene meet far more often than two of all ops would.
// For hunts (bugs/hunt.cc) only, so that programs of a seed elsewhere stay what they are. Read first: focus.h, which
// draws from all ops.
#pragma once

#include "fuzz/random.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

// Ops for a program that has a geometry, which may become one of large PMDs. threads: 1..kThreadsMax. Not clamped.
void scene(trace::Program& program, std::size_t threads, Random& random);

}  // namespace daxfuzz::fuzz
