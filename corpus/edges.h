// SPDX-License-Identifier: GPL-2.0-only
// The counters that clang's inline-8bit-counters puts into a program, one a place in the code. Read next:
// coverage.h, fuzz/edge_line.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace daxfuzz::corpus {

// Empty if the program was built without.
[[nodiscard]] std::span<std::uint8_t> edge_counters();

// Counter `number` at `times`, which is not 0, as one number: how often as libFuzzer and AFL++ tell it apart, once,
// twice, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127 times, more.
[[nodiscard]] std::uint64_t edge_feature(std::size_t number, std::uint8_t times);

}  // namespace daxfuzz::corpus
