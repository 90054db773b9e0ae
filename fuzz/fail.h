// SPDX-License-Identifier: GPL-2.0-only
// How a target whose input is no program tells what it found: as FindingStream does where
// nobody listens, and with no trace. Read next: finding_stream.h, bytes_fuzz_test.cc.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace daxfuzz::fuzz {

// `signature` is "id in function" and holds no number; `detail` may.
[[noreturn]] inline void fail(const char* signature, const std::string& detail) {
  std::fprintf(stderr, "ASSERTION FAILED: %s\n%s\n", signature, detail.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace daxfuzz::fuzz
