// SPDX-License-Identifier: GPL-2.0-only
// A hunt by libFuzzer: from no corpus, counted in executions, the same each time. libFuzzer has one
// run a process and ends it, so each hunt is a child: take_over() makes what arguments the child's
// libFuzzer sees. Read next: libfuzzer_hunt.cc, libfuzzer_main.cc.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "bugs/bug.h"
#include "bugs/engine.h"
#include "bugs/row.h"

namespace daxfuzz::bugs {

struct GuidedHunt {
  Engine engine = Engine::libfuzzer;  // guided()
  std::uint64_t seed = 1;             // 1 to kGuidedSeedMax
  std::uint64_t executions = 1;       // at most
};
// libFuzzer takes 31 bits, and 0 for "choose one".
inline constexpr std::uint64_t kGuidedSeedMax = 0x7fffffff;

// In the parent: what the child told, or why it did not. In the child: nullopt; it must go back to
// libFuzzer with its own name and `arguments`.
[[nodiscard]] std::optional<std::expected<Row, std::string>> guided_hunt(
    const Bug& bug, const GuidedHunt& hunt, std::vector<std::string>& arguments);

}  // namespace daxfuzz::bugs
