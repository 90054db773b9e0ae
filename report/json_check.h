// SPDX-License-Identifier: GPL-2.0-only
// Is a text one strict JSON document? For tests of everything that writes JSON.
#pragma once

#include <string>
#include <string_view>

namespace daxfuzz::report {

// "" if it is; else what is wrong and at which byte. Also refuses what readers
// disagree about: a key twice in an object.
[[nodiscard]] std::string json_error(std::string_view text);

}  // namespace daxfuzz::report
