// SPDX-License-Identifier: GPL-2.0-only
// Which mutant runs, and which places were reached. See mutant.h.
#include "bench/mutant.h"

namespace daxfuzz::bench {

std::uint32_t active_mutant = 0;
std::uint8_t mutant_reached[kMutantsMax];

}  // namespace daxfuzz::bench
