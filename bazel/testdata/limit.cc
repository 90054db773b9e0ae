// SPDX-License-Identifier: GPL-2.0-only
// The file that no patch touches: its object comes from the clean archive.
// Read next: bazel/testdata/counter.cc.
#include "bazel/testdata/counter.h"

namespace daxfuzz::testdata {

int limit() { return 2; }

}  // namespace daxfuzz::testdata
