// SPDX-License-Identifier: GPL-2.0-only
// Where a failed CHECK ends: one line on stderr, then abort(), which every
// engine takes for a crash. Read next: check.h.
#include "sched/check.h"

#include <cstdio>
#include <cstdlib>

namespace daxfuzz {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace daxfuzz
