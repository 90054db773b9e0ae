// SPDX-License-Identifier: GPL-2.0-only
// For programs that have all fixes in: says so. See property.h.
#include "properties/property.h"

namespace daxfuzz::properties {

bool model_is_fixed() { return true; }

}  // namespace daxfuzz::properties
