// SPDX-License-Identifier: GPL-2.0-only
// What a log says went wrong, whoever wrote it: a warning, or an op that never ended. This is
// what the guest's side has for verdicts: it has no oracles, and looks at no byte by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "conformance/log.h"

namespace daxfuzz::conformance {

// The ops that were still in their step at the end, by step.
[[nodiscard]] std::vector<std::uint64_t> never_ended(const Log& log);

// "step 4 warns: WARN fs/dax.c:390 dax_disassociate_entry", "step 5 never ends"; in order of the
// steps, empty if nothing went wrong. An op that ends when all pins are dropped has waited for
// them, and that is nothing wrong.
[[nodiscard]] std::vector<std::string> wrongs(const Log& log);

// The warnings of the first so many steps alone: what is known when the log has no end, for then
// which ops would have ended is not.
[[nodiscard]] std::vector<std::string> warned(const Log& log, std::size_t steps);

}  // namespace daxfuzz::conformance
