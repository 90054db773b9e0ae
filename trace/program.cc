// SPDX-License-Identifier: GPL-2.0-only
// The tables behind op.def and protocol.def, and what "in range" means for a
// program: canonical() for one op, valid() and clamped() for the whole. The
// spellings are elsewhere. Read next: bytes.cc, text_parse.cc, text_print.cc.
#include "trace/program.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace daxfuzz::trace {
namespace {

constexpr OpInfo kOps[] = {
#define OP(name, entry, operands, summary) {#name, entry, operands, summary},
#include "trace/op.def"
};

// The operand letters of an op as bits, for canonical(): it is asked of each op of each run.
struct Letters {
  std::uint64_t bits = 0;
  static constexpr std::uint64_t bit(char letter) { return std::uint64_t{1} << (letter - 'A'); }
  template <class... Letter>
  [[nodiscard]] constexpr bool any(Letter... letters) const { return (bits & (bit(letters) | ...)) != 0; }
};

consteval Letters letters_of(std::string_view operands) {
  Letters letters;
  for (const char letter : operands)
    letters.bits |= Letters::bit(letter);
  return letters;
}

constexpr Letters kLetters[] = {
#define OP(name, entry, operands, summary) letters_of(operands),
#include "trace/op.def"
};

constexpr SwitchInfo kSwitches[] = {
#define SWITCH(name, values, summary) {#name, values, summary},
#include "trace/protocol.def"
};

struct ProtocolInfo {
  std::string_view name;
  std::string_view summary;
};
constexpr ProtocolInfo kProtocols[] = {
#define PROTOCOL(name, summary) {#name, summary},
#include "trace/protocol.def"
};

// What a number that names no row reads as: no operands, no values.
constexpr OpInfo kNoOp{"?", "", "", ""};
constexpr SwitchInfo kNoSwitch{"?", "", ""};
constexpr ProtocolInfo kNoProtocol{"?", ""};

const ProtocolInfo& protocol_info(ProtocolId id) {
  const auto row = std::to_underlying(id);
  return row < std::size(kProtocols) ? kProtocols[row] : kNoProtocol;
}

template <class Number>
void clamp_to(Number& field, std::size_t low, std::size_t high) {
  field = static_cast<Number>(std::clamp<std::size_t>(field, low, high));
}

template <class Enum>
Enum clamped_enum(Enum value, std::size_t count) {
  return static_cast<Enum>(std::min<std::size_t>(std::to_underlying(value), count - 1));
}

// A switch is set once; the last of several wins and keeps the first's place.
std::vector<Setting> clamped_settings(const std::vector<Setting>& settings) {
  std::vector<Setting> kept;
  for (Setting setting : settings) {
    setting.id = clamped_enum(setting.id, switch_count());
    clamp_to(setting.value, 0, value_count(setting.id) - 1);
    const auto same = std::ranges::find(kept, setting.id, &Setting::id);
    if (same != kept.end()) {
      same->value = setting.value;
    } else if (kept.size() < kSettingsMax) {
      kept.push_back(setting);
    }
  }
  return kept;
}

// A label is one word that the text form can carry: it ends at the '*'.
bool label_char(char c) { return c > ' ' && c <= '~' && c != '*'; }

Segment clamped_segment(Segment segment) {
  clamp_to(segment.thread, 0, kScheduleTasksMax - 1);
  segment.steps = std::max<std::uint16_t>(segment.steps, 1);
  std::erase_if(segment.label, [](char c) { return !label_char(c); });
  if (segment.label.size() > kLabelCharsMax) segment.label.resize(kLabelCharsMax);
  return segment;
}

Schedule clamped_schedule(Schedule schedule, const std::vector<Op>& ops) {
  schedule.strategy = clamped_enum(schedule.strategy, kStrategies);
  if (schedule.strategy != Strategy::random) schedule.seed = 0;
  schedule.set_up = schedule.strategy == Strategy::random ? std::min(schedule.set_up, set_up_max(ops)) : 0;
  if (schedule.strategy != Strategy::bytes) schedule.bytes.clear();
  if (schedule.strategy != Strategy::replay) schedule.segments.clear();
  if (schedule.bytes.size() > kScheduleBytesMax) schedule.bytes.resize(kScheduleBytesMax);
  if (schedule.segments.size() > kSwitchesMax) schedule.segments.resize(kSwitchesMax);
  for (Segment& segment : schedule.segments) segment = clamped_segment(std::move(segment));
  return schedule;
}

// What clamped_schedule() leaves as it is. Asked before every run: it copies nothing.
bool valid(const Segment& segment) {
  return segment.thread < kScheduleTasksMax && segment.steps >= 1 &&
         segment.label.size() <= kLabelCharsMax && std::ranges::all_of(segment.label, label_char);
}

bool valid(const Schedule& schedule, const std::vector<Op>& ops) {
  return std::to_underlying(schedule.strategy) < kStrategies &&
         (schedule.set_up == 0 ||
          (schedule.strategy == Strategy::random && schedule.set_up <= set_up_max(ops))) &&
         (schedule.strategy == Strategy::random || schedule.seed == 0) &&
         (schedule.strategy == Strategy::bytes || schedule.bytes.empty()) &&
         (schedule.strategy == Strategy::replay || schedule.segments.empty()) &&
         schedule.bytes.size() <= kScheduleBytesMax && schedule.segments.size() <= kSwitchesMax &&
         std::ranges::all_of(schedule.segments, [](const Segment& segment) { return valid(segment); });
}

}  // namespace

const OpInfo& info(OpCode code) {
  const auto row = std::to_underlying(code);
  return row < std::size(kOps) ? kOps[row] : kNoOp;
}
std::size_t op_count() { return std::size(kOps); }

const SwitchInfo& info(SwitchId id) {
  const auto row = std::to_underlying(id);
  return row < std::size(kSwitches) ? kSwitches[row] : kNoSwitch;
}
std::size_t switch_count() { return std::size(kSwitches); }

std::size_t value_count(SwitchId id) {
  const std::string_view values = info(id).values;
  return values.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::count(values, '|'));
}

std::string_view value_name(SwitchId id, std::uint8_t value) {
  std::string_view values = info(id).values;
  for (; value > 0; --value) {
    const std::size_t bar = values.find('|');
    if (bar == std::string_view::npos) return "";
    values.remove_prefix(bar + 1);
  }
  return values.substr(0, values.find('|'));
}

std::string_view name(ProtocolId id) { return protocol_info(id).name; }
std::string_view summary(ProtocolId id) { return protocol_info(id).summary; }
std::size_t protocol_count() { return std::size(kProtocols); }

std::optional<ProtocolId> protocol_named(std::string_view word) {
  for (std::size_t p = 0; p < protocol_count(); p++)
    if (name(static_cast<ProtocolId>(p)) == word) return static_cast<ProtocolId>(p);
  return std::nullopt;
}

std::string_view name(Strategy strategy) {
  switch (strategy) {
    case Strategy::random:
      return "random";
    case Strategy::bytes:
      return "bytes";
    case Strategy::replay:
      return "replay";
  }
  return "?";
}

Op canonical(Op op, const Geometry& geometry) {
  Op kept;
  kept.code = clamped_enum(op.code, op_count());
  kept.thread = op.thread;
  kept.fail_nth = op.fail_nth;
  kept.fail_from = op.fail_nth != 0 ? 0 : op.fail_from;
  clamp_to(kept.thread, 0, kThreadsMax - 1);
  clamp_to(kept.fail_nth, 0, kFailNthMax);
  clamp_to(kept.fail_from, 0, kFailNthMax);
  const Letters has = kLetters[std::to_underlying(kept.code)];
  const auto keep = [](bool wanted, auto& to, auto from, std::size_t low, std::size_t high) {
    clamp_to(from, low, high);
    if (wanted) to = from;
  };
  const auto keep_enum = [](bool wanted, auto& to, auto from, std::size_t count) {
    if (wanted) to = clamped_enum(from, count);
  };
  const std::size_t pages = file_pages(geometry);
  keep(has.any('f', 'm'), kept.page, op.page, 0, pages - 1);
  keep(has.any('f', 'F'), kept.file, op.file, 0, geometry.files - 1u);
  keep(has.any('g'), kept.file2, op.file2, 0, geometry.files - 1u);
  keep(has.any('g'), kept.page2, op.page2, 0, pages - 1);
  keep(has.any('s'), kept.len, op.len, 0, pages);
  // The range ends within the largest file.
  keep(has.any('l'), kept.len, op.len, 1, pages - std::max(kept.page, kept.page2));
  keep_enum(has.any('e', 'E'), kept.edge, op.edge, 4);
  if (has.any('E')) kept.edge = ends_early(kept.edge) ? Edge::early : Edge::whole;
  keep(has.any('m', 'M', 'N'), kept.map, op.map, 0, kMapsMax - 1);
  keep(has.any('n'), kept.map2, op.map2, 0, kMapsMax - 1);
  keep_enum(has.any('c'), kept.map_kind, op.map_kind, 3);
  keep(has.any('o'), kept.at, op.at, 0, (std::size_t{1} << geometry.pmd_order) - 1);
  keep(has.any('p', 'P'), kept.pin, op.pin, 0, kPinsMax - 1);
  keep(has.any('u'), kept.mm, op.mm, 0, geometry.mms - 1u);
  keep_enum(has.any('a'), kept.access, op.access, 2);
  keep_enum(has.any('k'), kept.pin_kind, op.pin_kind, 3);
  keep_enum(has.any('w'), kept.pin_walk, op.pin_walk, 2);
  keep(has.any('b'), kept.block, op.block, 0, geometry.blocks - 1u);
  keep_enum(has.any('h'), kept.answer, op.answer, 2);
  // A load stores nothing: no value beside `read`.
  if (has.any('V') || (has.any('v') && kept.access == Access::write)) kept.value = op.value;
  return kept;
}

std::size_t Program::threads() const {
  std::size_t count = 0;
  for (const Op& op : ops) count = std::max<std::size_t>(count, op.thread + 1u);
  return count;
}

Geometry clamped(Geometry geometry) {
  clamp_to(geometry.files, 1, kFilesMax);
  // Nothing lies between the small orders and the real one: the nearer.
  const bool real = geometry.pmd_order > (kPmdOrderMax + kPmdOrderReal) / 2;
  clamp_to(geometry.pmd_order, kPmdOrderMin, real ? kPmdOrderReal : kPmdOrderMax);
  if (real) geometry.pmd_order = kPmdOrderReal;
  const std::size_t unit = blocks_unit(geometry.pmd_order);
  clamp_to(geometry.blocks, unit, blocks_max(geometry));
  geometry.blocks = static_cast<std::uint16_t>(geometry.blocks / unit * unit);
  clamp_to(geometry.mms, 1, kMmsMax);
  clamp_to(geometry.waits, kWaitsMin, kWaitsMax);
  geometry.bias = geometry.bias < kPinBiasReal ? kPinBiasSmall : kPinBiasReal;
  geometry.check_sched =
      geometry.check_sched < kCheckSchedReal ? kCheckSchedSmall : kCheckSchedReal;
  return geometry;
}

std::uint8_t set_up_max(const std::vector<Op>& ops) {
  const auto of_first = std::ranges::count(ops, 0, &Op::thread);
  return static_cast<std::size_t>(of_first) == ops.size() ? 0 : static_cast<std::uint8_t>(of_first);
}

// program == clamped(program), without the copy.
bool valid(const Program& program) {
  const auto is_canonical = [&](const Op& op) { return op == canonical(op, program.geometry); };
  return std::to_underlying(program.protocol) < protocol_count() &&
         (program.settings.empty() || program.settings == clamped_settings(program.settings)) &&
         program.geometry == clamped(program.geometry) && program.ops.size() <= kOpsMax &&
         std::ranges::all_of(program.ops, is_canonical) && valid(program.schedule, program.ops);
}

Program clamped(Program program) {
  program.protocol = clamped_enum(program.protocol, protocol_count());
  program.settings = clamped_settings(program.settings);
  program.geometry = clamped(program.geometry);
  if (program.ops.size() > kOpsMax) program.ops.resize(kOpsMax);
  for (Op& op : program.ops) op = canonical(op, program.geometry);
  program.schedule = clamped_schedule(std::move(program.schedule), program.ops);
  return program;
}

}  // namespace daxfuzz::trace
