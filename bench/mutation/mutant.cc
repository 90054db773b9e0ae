// SPDX-License-Identifier: GPL-2.0-only
// Which mutant runs, and which places were reached. See mutant.h.
#include "bench/mutation/mutant.h"

namespace daxfuzz::mutation {

std::uint32_t active_mutant = 0;
std::uint8_t mutant_reached[kMutantsMax];

}  // namespace daxfuzz::mutation
