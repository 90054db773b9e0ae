// SPDX-License-Identifier: GPL-2.0-only
// A fuzz target that aborts on one input, "boom", so that replay_test can see the
// macro's binary fail as well as pass. Read next: bazel/fuzz.bzl.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "bazel/testdata/counter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (daxfuzz::testdata::steps_to_limit() != 2) std::abort();
  if (size == 4 && std::memcmp(data, "boom", 4) == 0) std::abort();
  return 0;
}
