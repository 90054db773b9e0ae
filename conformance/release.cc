// SPDX-License-Identifier: GPL-2.0-only
// See release.h. A release is MAJOR.MINOR and whatever follows.
#include "conformance/release.h"

#include <charconv>
#include <utility>

namespace daxfuzz::conformance {

std::optional<trace::ProtocolId> protocol_of_release(std::string_view release) {
  std::pair<unsigned, unsigned> version;
  const char* const end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.first);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  if (std::from_chars(major.ptr + 1, end, version.second).ec != std::errc{}) return std::nullopt;
  using enum trace::ProtocolId;
  if (version < std::pair{6u, 0u}) return std::nullopt;
  return version < std::pair{6u, 2u}    ? legacy60
         : version < std::pair{6u, 15u} ? legacy
         : version < std::pair{7u, 1u}  ? upstream
                                        : upstream71;
}

}  // namespace daxfuzz::conformance
