// SPDX-License-Identifier: GPL-2.0-only
// The file that counter_off_by_one.patch patches. It has two symbols and calls
// one of them, so that a link with both objects could not go unnoticed.
#include "bazel/testdata/counter.h"

namespace daxfuzz::testdata {

int next(int value) { return value + 1; }

int steps_to_limit() {
  int steps = 0;
  for (int value = 0; value < limit(); value = next(value)) ++steps;
  return steps;
}

}  // namespace daxfuzz::testdata
