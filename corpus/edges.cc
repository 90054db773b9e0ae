// SPDX-License-Identifier: GPL-2.0-only
// The section of the counters by the names that the linker gives it. See edges.h.
#include "corpus/edges.h"

#include <algorithm>

// Where the linker puts what clang's inline-8bit-counters count with; null if nothing was put there.
extern "C" {
[[gnu::weak, gnu::visibility("hidden")]] extern std::uint8_t __start___sancov_cntrs[];
[[gnu::weak, gnu::visibility("hidden")]] extern std::uint8_t __stop___sancov_cntrs[];
}

namespace daxfuzz::corpus {

std::span<std::uint8_t> edge_counters() {
  if (__start___sancov_cntrs == nullptr) return {};
  return {__start___sancov_cntrs, __stop___sancov_cntrs};
}

std::uint64_t edge_feature(std::size_t number, std::uint8_t times) {
  constexpr std::uint8_t kFrom[] = {1, 2, 3, 4, 8, 16, 32, 128};
  return number * 16 + static_cast<std::uint64_t>(std::ranges::upper_bound(kFrom, times) - kFrom);
}

}  // namespace daxfuzz::corpus
