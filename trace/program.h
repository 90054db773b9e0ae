// SPDX-License-Identifier: GPL-2.0-only
// What runs: a Program is protocol + geometry + ops, a Trace adds the schedule
// and what a file says beside them. Plain values: copy, compare, print. Nothing
// here can be out of range after decode() or parse(); what builds one by hand
// calls valid(). Read next: op.def (the ops), bytes.h and text.h (spellings).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trace/limits.h"

namespace daxfuzz::trace {

enum class OpCode : std::uint8_t {
#define OP(name, entry, operands, summary) name,
#include "trace/op.def"
};

enum class ProtocolId : std::uint8_t {
#define PROTOCOL(name, summary) name,
#include "trace/protocol.def"
};

enum class SwitchId : std::uint8_t {
#define SWITCH(name, values, summary) name,
#include "trace/protocol.def"
};

struct OpInfo {
  std::string_view name;      // mnemonic
  std::string_view entry;     // kernel entry point
  std::string_view operands;  // letters of op.def
  std::string_view summary;
};
[[nodiscard]] const OpInfo& info(OpCode code);
[[nodiscard]] std::size_t op_count();

struct SwitchInfo {
  std::string_view name;
  std::string_view values;  // "no|yes"
  std::string_view summary;
};
[[nodiscard]] const SwitchInfo& info(SwitchId id);
[[nodiscard]] std::size_t switch_count();
[[nodiscard]] std::size_t value_count(SwitchId id);
[[nodiscard]] std::string_view value_name(SwitchId id, std::uint8_t value);  // "" if none such

[[nodiscard]] std::string_view name(ProtocolId id);
[[nodiscard]] std::string_view summary(ProtocolId id);
[[nodiscard]] std::size_t protocol_count();
[[nodiscard]] std::optional<ProtocolId> protocol_named(std::string_view word);

// One switch of the protocol set to another value than the protocol's own.
struct Setting {
  SwitchId id{};
  std::uint8_t value = 0;
  bool operator==(const Setting&) const = default;
};

struct Geometry {
  std::uint8_t files = 2;
  std::uint16_t blocks = 8;     // a multiple of blocks_unit(pmd_order)
  std::uint8_t pmd_order = 2;   // 1..3, or 9 as on x86-64
  std::uint8_t mms = 1;
  std::uint8_t waits = 2;       // heads of each table of wait queues
  std::uint16_t bias = 1024;    // GUP_PIN_COUNTING_BIAS: 4 or 1024
  std::uint16_t check_sched = 4096;  // XA_CHECK_SCHED: 2, or 4096, more than a file has
  bool operator==(const Geometry&) const = default;
};
[[nodiscard]] constexpr std::size_t file_pages(const Geometry& geometry) {
  return file_pages(geometry.pmd_order);
}
[[nodiscard]] constexpr std::size_t blocks_max(const Geometry& geometry) {
  return blocks_max(geometry.pmd_order);
}

enum class Access : std::uint8_t { read, write };
enum class PinKind : std::uint8_t { get, pin, longterm };
enum class PinWalk : std::uint8_t { fast, slow };
enum class MapKind : std::uint8_t { shared, private_, sync };
enum class Edge : std::uint8_t { whole, late, early, inner };  // bits: late, early
enum class Answer : std::uint8_t { holder, generic };

// Half a page is missing from the first page of the range; from the last one.
[[nodiscard]] constexpr bool starts_late(Edge edge) {
  return edge == Edge::late || edge == Edge::inner;
}
[[nodiscard]] constexpr bool ends_early(Edge edge) {
  return edge == Edge::early || edge == Edge::inner;
}

// One operation. Fields that the op's operand letters do not name are zero
// (canonical form), so that == means "the same op".
struct Op {
  OpCode code{};
  std::uint8_t thread = 0;
  std::uint8_t file = 0;              // f F
  std::uint16_t page = 0;             // f; m: page within the mapping
  std::uint8_t file2 = 0;             // g
  std::uint16_t page2 = 0;            // g
  std::uint16_t len = 0;              // l: pages; s: the new size
  Edge edge{};                        // e; E: whole or early
  std::uint8_t map = 0;               // m M N
  std::uint8_t map2 = 0;              // n
  MapKind map_kind{};                 // c
  std::uint16_t at = 0;               // o
  std::uint8_t pin = 0;               // p P
  std::uint8_t mm = 0;                // u
  Access access{};                    // a
  PinKind pin_kind{};                 // k
  PinWalk pin_walk{};                 // w
  std::uint16_t block = 0;            // b
  Answer answer{};                    // h
  std::uint8_t value = 0;             // v V
  std::uint8_t fail_nth = 0;          // 0: nothing fails
  std::uint8_t fail_from = 0;         // the same; one of the two is 0
  bool operator==(const Op&) const = default;
};

// Clears what the op does not use and clamps the rest into `geometry`.
[[nodiscard]] Op canonical(Op op, const Geometry& geometry);

// Who runs. `replay`: the segments. `random`: the seed; T0's first `set_up` ops come before all
// else, so that the other threads find what they need.
// `bytes`: one byte a choice (index modulo the runnable). When segments or bytes
// end, a task runs as long as it can, then the lowest id.
enum class Strategy : std::uint8_t { random, bytes, replay };
inline constexpr std::size_t kStrategies = 3;
[[nodiscard]] std::string_view name(Strategy strategy);

// `steps` steps of `thread` in a row; thread t + kThreadsMax is the store buffer of thread t.
// `label` is the yield point at which the
// thread that ran before (a buffer stands nowhere) stood when this segment began; empty if unknown or
// first. A lenient replay re-synchronises on it.
struct Segment {
  std::uint8_t thread = 0;
  std::uint16_t steps = 0;
  std::string label;
  bool operator==(const Segment&) const = default;
};

struct Schedule {
  Strategy strategy = Strategy::random;
  std::uint64_t seed = 0;             // random
  std::uint8_t set_up = 0;            // random, of two threads or more: ops of T0
  std::vector<std::uint8_t> bytes;    // bytes
  std::vector<Segment> segments;      // replay
  bool operator==(const Schedule&) const = default;
};

// Schedule::set_up at most: T0's ops, or none where no other thread is there to wait for them.
[[nodiscard]] std::uint8_t set_up_max(const std::vector<Op>& ops);

struct Program {
  ProtocolId protocol = ProtocolId::upstream;
  std::vector<Setting> settings;  // each switch at most once
  Geometry geometry;
  std::vector<Op> ops;  // a thread runs its own ops in this order
  Schedule schedule;
  bool operator==(const Program&) const = default;

  [[nodiscard]] std::size_t threads() const;  // highest thread used + 1; 0 if no ops
};

// True if every field is within limits.h and the geometry, and canonical.
[[nodiscard]] bool valid(const Program& program);
[[nodiscard]] Geometry clamped(Geometry geometry);
// The nearest valid program: clamps, clears, drops what is beyond a limit.
[[nodiscard]] Program clamped(Program program);

}  // namespace daxfuzz::trace
