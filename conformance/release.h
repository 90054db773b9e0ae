// SPDX-License-Identifier: GPL-2.0-only
// Which protocol a kernel is compared with if none is said. The ranges: trace/protocol.def.
#pragma once

#include <optional>
#include <string_view>

#include "trace/program.h"

namespace daxfuzz::conformance {

// Of "6.12", "7.3.4+deb13-cloud-amd64"; nullopt: it does not begin with a version, or with one
// before reflink on DAX (6.0).
[[nodiscard]] std::optional<trace::ProtocolId> protocol_of_release(std::string_view release);

}  // namespace daxfuzz::conformance
