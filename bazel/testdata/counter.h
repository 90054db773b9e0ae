// SPDX-License-Identifier: GPL-2.0-only
// A library small enough to see a patch through: counter.cc is patched, limit.cc
// is not. Read next: bazel/testdata/BUILD.
#pragma once

namespace daxfuzz::testdata {

// Defined in limit.cc.
int limit();

// Defined in counter.cc: how often one can count before limit() is reached.
int steps_to_limit();
int next(int value);

}  // namespace daxfuzz::testdata
