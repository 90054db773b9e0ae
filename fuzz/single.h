// SPDX-License-Identifier: GPL-2.0-only
// Programs of one thread, for targets that hold the port to a promise made to one thread:
// what is outside of the promise is taken out of the input, so that every input means
// something and no verdict is overlooked. The shapes are those of properties/programs.h.
// Read next: sequential_fuzz_test.cc, crash_fuzz_test.cc.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "exec/execution.h"
#include "trace/program.h"

namespace daxfuzz::fuzz {

// A set of kinds of ops.
using Kinds = std::uint32_t;
constexpr Kinds kinds(std::initializer_list<trace::OpCode> codes) {
  Kinds set = 0;
  for (const trace::OpCode code : codes) set |= 1u << std::to_underlying(code);
  return set;
}
static_assert(std::to_underlying(trace::OpCode::drop_caches) < 32);

struct Single {
  Kinds allowed = 0;          // not empty; an op of another kind becomes one of these
  std::uint16_t blocks_min = 4, blocks_max = 12;
  bool momentary_pins = false;  // a pin is dropped right after it is taken
  bool map_sync = false;        // a mapping that the input has as MAP_SYNC is one
};

// `program` as one thread runs it: no settings, nothing fails, whole pages, the first three
// of two files, where no PMD fits. Valid, with at least one op.
[[nodiscard]] trace::Program single(const trace::Program& program, const Single& shape);

// The number of the first op whose results differ, or of ops if none does.
[[nodiscard]] std::size_t first_difference(const std::vector<std::int64_t>& expected,
                                           const std::vector<std::int64_t>& found);
// What a difference is called: "ID in MNEMONIC".
[[nodiscard]] std::string difference_signature(const char* id, const trace::Program& program, std::size_t op);

}  // namespace daxfuzz::fuzz
