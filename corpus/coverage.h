// SPDX-License-Identifier: GPL-2.0-only
// What a run covers, as a set of features: how it ends, the rare paths that it takes (marks.h), the pairs of
// switches and the results that campaigns count (report/worth.h), and the edges of the code if this program
// was built to count them (--config=fuzz). A corpus keeps an input for what it covers. Read next: merge.h.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::corpus {

enum class FeatureKind : std::uint8_t { signature, mark, switches, results, edges };
[[nodiscard]] std::string_view name(FeatureKind kind);

struct Feature {
  FeatureKind kind{};
  std::uint64_t id = 0;  // means something within one build only where kind is edges
  auto operator<=>(const Feature&) const = default;
};

// Runs `run`, which is to keep events, with the counters set to 0 before it. Sorted, each once.
struct Covered {
  exec::Execution execution;
  std::vector<Feature> features;
};
[[nodiscard]] Covered covered(const trace::Program& program, const std::function<exec::Execution()>& run);

}  // namespace daxfuzz::corpus
