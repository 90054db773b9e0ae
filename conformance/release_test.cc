// SPDX-License-Identifier: GPL-2.0-only
// The ends of each range, and what is no version.
#include "conformance/release.h"

#include <gtest/gtest.h>

namespace daxfuzz::conformance {
namespace {

TEST(Release, EachHasItsProtocol) {
  using enum trace::ProtocolId;
  for (const auto& [release, protocol] :
       {std::pair{"6.0", legacy60}, {"6.1.0-56-cloud-amd64", legacy60}, {"6.2", legacy},
        {"6.12.117+deb12-cloud-amd64", legacy}, {"6.14.11", legacy}, {"6.15-rc1", upstream},
        {"7.0.13", upstream}, {"7.1.13", upstream71}, {"7.3.4+deb13-cloud-amd64\n", upstream71},
        {"8.0", upstream71}})
    EXPECT_EQ(protocol_of_release(release), protocol) << release;
  for (const char* none : {"", "6", "6.", "5.19", "vmlinuz-6.12", "x.y"})
    EXPECT_EQ(protocol_of_release(none), std::nullopt) << none;
}

}  // namespace
}  // namespace daxfuzz::conformance
