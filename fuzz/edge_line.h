// SPDX-License-Identifier: GPL-2.0-only
// Which edges of the code each input takes, as the engine's own counters have it, on DAXFUZZ_EDGES_FD
// (environment.h): for `daxfuzz corpus`, whose own code counts nothing. The same input gives the same line,
// whatever ran before it; cli/corpus_edges_test.sh holds that. Read next: digest_line.h, cli/corpus_edges.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "fuzz/environment.h"

namespace daxfuzz::fuzz {

// Before the input runs: the counters begin at 0. A build without counters ends with code 3. Nothing if
// nobody asked.
void begin_edges(const Environment& environment);
// After it: "INPUT EDGE EDGE ...", INPUT as in digest_line.h, an EDGE as in corpus/edges.h. Numbers mean
// something within one build only.
void tell_edges(const Environment& environment, const std::uint8_t* data, std::size_t size);

}  // namespace daxfuzz::fuzz
