// SPDX-License-Identifier: GPL-2.0-only
// The byte form of a Program: what fuzz engines mutate. Every byte string
// decodes to a valid Program; encode() is the canonical inverse.
//
//   header   16 bytes: version, protocol, files, blocks, pmd_order, mms, ops,
//            strategy, seed (8, little endian)
//   settings 1 byte count, then 2 bytes each: switch, value
//   ops      8 bytes each, fixed width, so that a change of one re-means none
//   tail     the schedule: bytes as they are, or 3 bytes a segment (thread,
//            steps little endian). Labels are not carried: engine bytes do not
//            outlive the build that the labels belong to; .daxt text does.
//
// Short input reads as zeros. Values out of range wrap (modulo), so that every
// mutation changes the program and none is wasted on an error path.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::trace {

inline constexpr std::uint8_t kBytesVersion = 1;

[[nodiscard]] Program decode(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::vector<std::uint8_t> encode(const Program& program);

}  // namespace daxfuzz::trace
