// SPDX-License-Identifier: GPL-2.0-only
// The byte form of a Program: what fuzz engines mutate. Every byte string
// decodes to a valid Program; encode() is the canonical inverse.
//
//   header   18 bytes: version, protocol, files, blocks, pmd_order, mms, waits,
//            bias with check_sched, ops, strategy with set_up, seed (8, little
//            endian)
//   settings 1 byte count, then 2 bytes each: switch, value
//   ops      12 bytes each, fixed width, so that a change of one re-means none;
//            fields of bits from the lowest: opcode; thread 2, access 1, pin kind
//            2, walk 1, mm 2; file 2, second file 2, edge 2, mapping kind 2;
//            mapping 3, pin or copied mapping 3, answer 1, spare 1; then 2 bytes
//            each, little endian: page; second page, offset or block; length or
//            size; then value; fail_nth, or 15 + fail_from
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

inline constexpr std::uint8_t kBytesVersion = 2;

[[nodiscard]] Program decode(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::vector<std::uint8_t> encode(const Program& program);

}  // namespace daxfuzz::trace
