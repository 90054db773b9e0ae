// SPDX-License-Identifier: GPL-2.0-only
// Random ops for long runs, drawn with an eye on the machine: what is mapped is accessed, what
// is pinned is unpinned, pages lie at the ends of PMDs, and of the threads one can always go on
// and drop the pin that the others wait for. Read next: generate.cc (the weights).
#pragma once

#include <cstdint>

#include "conformance/drive.h"

namespace daxfuzz::conformance {

// Three files with real PMDs, three processes, three threads.
[[nodiscard]] Scene long_run(trace::ProtocolId protocol);
// That of a seed: of every fourth it is nearly full, which ops of the others know nothing of.
[[nodiscard]] Scene long_run_of(trace::ProtocolId protocol, std::uint64_t seed);

// `ops` ops of `scene`, the same for the same seed.
[[nodiscard]] Next random_ops(const Scene& scene, std::uint64_t ops, std::uint64_t seed);

}  // namespace daxfuzz::conformance
