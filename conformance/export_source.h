// SPDX-License-Identifier: GPL-2.0-only
// The C of an exported program but for its script: sources of the guest's agent and of
// standalone/, put into the command when it is built. See standalone/embed.sh.
#pragma once

#include <string_view>

namespace daxfuzz::conformance {

[[nodiscard]] std::string_view exported_source();

}  // namespace daxfuzz::conformance
