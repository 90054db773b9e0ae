// SPDX-License-Identifier: GPL-2.0-only
// Which programs a property is about, and the check that a claim holds for all of them. What a
// Shape leaves out it leaves out by construction, so that no verdict is ever ignored. Read
// next: programs.h (what is drawn), README.md (the properties).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "exec/execution.h"
#include "properties/property.h"
#include "trace/program.h"

namespace daxfuzz::properties {

// A set of kinds of ops.
using Kinds = std::uint32_t;
constexpr Kinds kinds(std::initializer_list<trace::OpCode> codes) {
  Kinds set = 0;
  for (trace::OpCode code : codes) set |= 1u << static_cast<unsigned>(code);
  return set;
}
static_assert(std::to_underlying(trace::OpCode::drop_caches) < 32);
// The first ops of op.def, up to fsync: those that move references by themselves.
inline constexpr Kinds kAllKinds = (1u << (std::to_underlying(trace::OpCode::fsync) + 1)) - 1;
constexpr Kinds all_but(std::initializer_list<trace::OpCode> codes) {
  return kAllKinds & ~kinds(codes);
}

// The order of a PMD in all of these worlds, and what follows from it.
inline constexpr std::uint8_t kPmdOrder = trace::Geometry{}.pmd_order;
inline constexpr std::size_t kFilePages = trace::file_pages(kPmdOrder);

enum class Pins : std::uint8_t {
  kept,       // as drawn: some are held at the end
  dropped,    // the thread that takes a pin drops it when its other ops are done
  momentary,  // dropped right after they are taken, by the same thread
};

enum class Prefix : std::uint8_t {
  usual,   // most often: the first pages of file a are written, then mapped at m0
  mapped,  // slot m<i> maps the whole of file <i>, before anything else
  filled,  // mapped, and every page of every file is written first
};

enum class Ownership : std::uint8_t {
  shared,   // any thread uses any file
  by_file,  // thread t uses file t, its slot m<t> and pins p<t> and p<t+4> only
};

struct Shape {
  std::vector<trace::ProtocolId> protocols = {trace::ProtocolId::upstream};
  Kinds allowed = kAllKinds;
  int threads_min = 1, threads_max = 3;
  int files_max = 3;
  int blocks_min = 4, blocks_max = 12;
  int ops_max = 24;
  Pins pins = Pins::kept;
  Prefix prefix = Prefix::usual;
  Ownership ownership = Ownership::shared;
  bool failures = false;          // fail_nth or fail_from, on one op in eight
  bool map_sync = false;          // of mappings, those drawn so are MAP_SYNC
  bool touch_pages_once = false;  // no page is faulted or pinned a second time
  bool edges = false;             // ranges and sizes may cut a page in two
  bool private_maps = false;      // of mappings, those drawn so are MAP_PRIVATE
  bool large = false;             // pages and lengths up to a file's, and a prefix's files too: PMDs are mapped
};

// Why the claim does not hold for a program; empty if it does. A claim that tries
// variants of the program leaves the one that failed in it.
using Claim = std::function<std::string(trace::Program&)>;

// Tries the claim on programs of `shape`, `percent` of the configured number of cases. A
// counterexample is a .daxt with the schedule that ran.
void expect_holds(Trial& trial, const Shape& shape, const Claim& claim, int percent = 100);
// A program as that file, with the schedule that it has in segments, else with that which `execution` of it had.
// execution: with all checkers, as `daxfuzz replay` makes it; where that passes, the file says why it is there.
[[nodiscard]] std::string as_daxt(const trace::Program& program, const Property& property, const Search& search,
                                  const std::string& why, const exec::Execution& execution);

// The commonest claim: the run passes and every op ends.
[[nodiscard]] std::string passes(const exec::Execution& execution);
[[nodiscard]] std::string passes(const trace::Program& program);
// Tries that. What is left of a program that fails, fails as it did, under whatever schedule.
void expect_passes(Trial& trial, const Shape& shape, int percent = 100);
// Where two runs of the same ops differ in what the ops returned; empty if nowhere.
[[nodiscard]] std::string result_difference(const trace::Program& program,
                                            const std::vector<std::int64_t>& expected,
                                            const std::vector<std::int64_t>& found);

}  // namespace daxfuzz::properties
