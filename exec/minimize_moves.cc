// SPDX-License-Identifier: GPL-2.0-only
// Smaller ops, operands and geometries; see minimize_moves.h. What concerns
// schedules is in minimize_switches.cc.
#include "exec/minimize_moves.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sched/check.h"

namespace daxfuzz::exec {
namespace {

using trace::Op;
using trace::Program;

// The operands that can be made smaller: numbers, and enums whose first value is the
// simplest. canonical() clears what an op does not have.
constexpr std::size_t kFields = 20;
std::array<std::uint16_t, kFields> fields(const Op& op) {
  return {op.fail_nth, op.file, op.page, op.file2, op.page2, op.len, op.map, op.pin, op.mm,
          std::to_underlying(op.access), std::to_underlying(op.pin_kind),
          std::to_underlying(op.pin_walk), op.value, std::to_underlying(op.edge), op.map2,
          std::to_underlying(op.map_kind), op.at, op.block, std::to_underlying(op.answer), op.fail_from};
}

Op with_field(Op op, std::size_t field, std::uint16_t value) {
  CHECK(field < kFields);
  const auto byte = static_cast<std::uint8_t>(value);
  switch (field) {
    case 0: op.fail_nth = byte; break;
    case 1: op.file = byte; break;
    case 2: op.page = value; break;
    case 3: op.file2 = byte; break;
    case 4: op.page2 = value; break;
    case 5: op.len = value; break;
    case 6: op.map = byte; break;
    case 7: op.pin = byte; break;
    case 8: op.mm = byte; break;
    case 9: op.access = static_cast<trace::Access>(value); break;
    case 10: op.pin_kind = static_cast<trace::PinKind>(value); break;
    case 11: op.pin_walk = static_cast<trace::PinWalk>(value); break;
    case 12: op.value = byte; break;
    case 13: op.edge = static_cast<trace::Edge>(byte); break;
    case 14: op.map2 = byte; break;
    case 15: op.map_kind = static_cast<trace::MapKind>(byte); break;
    case 16: op.at = value; break;
    case 17: op.block = value; break;
    case 18: op.answer = static_cast<trace::Answer>(byte); break;
    default: op.fail_from = byte; break;
  }
  return op;
}

bool has_map(const Op& op) { return has(op, 'm') || has(op, 'M') || has(op, 'N'); }
bool touches_map(const Op& op, std::uint8_t map) {
  return (has_map(op) && op.map == map) || (has(op, 'n') && op.map2 == map);
}
bool has_pin(const Op& op) { return has(op, 'p') || has(op, 'P'); }
bool has_file(const Op& op) { return has(op, 'f') || has(op, 'F'); }
bool touches_file(const Op& op, std::uint8_t file) {
  return (has_file(op) && op.file == file) || (has(op, 'g') && op.file2 == file);
}

// Old number -> new number by first use: the first one seen becomes 0.
class Renumber {
 public:
  std::uint8_t operator()(std::uint8_t old) {
    CHECK(old < to_.size());
    if (to_[old] == kUnseen) to_[old] = next_++;
    return to_[old];
  }

 private:
  static constexpr std::uint8_t kUnseen = 0xff;
  std::array<std::uint8_t, 256> to_ = [] { std::array<std::uint8_t, 256> a{}; a.fill(kUnseen); return a; }();
  std::uint8_t next_ = 0;
};

template <class Keep>
Program filtered(const Program& program, const std::vector<OpSteps>& steps, Keep keep) {
  std::vector<bool> drop(program.ops.size());
  for (std::size_t i = 0; i < drop.size(); ++i) drop[i] = !keep(program.ops[i]);
  return without_ops(program, steps, drop);
}

std::uint32_t threads_used(const Program& program) {
  std::uint32_t used = 0;
  for (const Op& op : program.ops) used |= 1u << op.thread;
  return used;
}

}  // namespace

bool has(const Op& op, char letter) {
  return trace::info(op.code).operands.find(letter) != std::string_view::npos;
}

Size size_of_ops(const Program& program) {
  Size size = {static_cast<std::uint32_t>(program.ops.size()),
               static_cast<std::uint32_t>(__builtin_popcount(threads_used(program))),
               static_cast<std::uint32_t>(program.settings.size()),
               program.geometry.files, program.geometry.blocks,
               program.geometry.pmd_order, program.geometry.mms,
               program.geometry.waits, program.geometry.bias != trace::Geometry{}.bias,
               program.geometry.check_sched != trace::Geometry{}.check_sched};
  for (const Op& op : program.ops) {
    size.push_back(op.thread);
    for (std::uint16_t field : fields(op)) size.push_back(field);
  }
  return size;
}

Size size_of(const Program& program) {
  Size size = size_of_ops(program);
  // Any explicit schedule is less than one that is not.
  size.push_back(program.schedule.strategy == trace::Strategy::replay
                     ? static_cast<std::uint32_t>(program.schedule.segments.size())
                     : UINT32_MAX);
  return size;
}

Program without_ops(const Program& program, const std::vector<OpSteps>& steps,
                    const std::vector<bool>& drop) {
  CHECK(drop.size() == program.ops.size());
  Program less = program;
  if (!steps.empty()) less.schedule.segments = without_steps(program, steps, drop);
  less.ops.clear();
  for (std::size_t i = 0; i < drop.size(); ++i)
    if (!drop[i]) less.ops.push_back(program.ops[i]);
  const std::uint32_t threads_gone = threads_used(program) & ~threads_used(less);
  const std::uint32_t gone = threads_gone | threads_gone << trace::kThreadsMax;  // their store buffers, too
  std::erase_if(less.schedule.segments,
                [&](const trace::Segment& s) { return s.thread < 32 && (gone >> s.thread & 1) != 0; });
  return less;
}

std::vector<Program> without_groups(const Program& program, const std::vector<OpSteps>& steps) {
  std::vector<Program> out;
  const std::uint32_t used = threads_used(program);
  for (std::uint8_t t = 0; t < trace::kThreadsMax; ++t)
    if (used >> t & 1) out.push_back(filtered(program, steps, [&](const Op& op) { return op.thread != t; }));
  for (std::uint8_t t = 1; t < trace::kThreadsMax; ++t)
    for (std::uint8_t u = 0; u < t; ++u) {
      if (!(used >> t & 1) || !(used >> u & 1)) continue;
      Program merged = program;
      for (Op& op : merged.ops) if (op.thread == t) op.thread = u;
      for (trace::Segment& s : merged.schedule.segments)
        if (s.thread % trace::kThreadsMax == t) s.thread = static_cast<std::uint8_t>(s.thread - t + u);
      out.push_back(merged);
    }
  for (std::uint8_t f = 0; f < trace::kFilesMax; ++f)
    out.push_back(filtered(program, steps, [&](const Op& op) { return !touches_file(op, f); }));
  for (std::uint8_t m = 0; m < trace::kMapsMax; ++m)
    out.push_back(filtered(program, steps, [&](const Op& op) { return !touches_map(op, m); }));
  for (std::uint8_t p = 0; p < trace::kPinsMax; ++p)
    out.push_back(filtered(program, steps, [&](const Op& op) { return !has_pin(op) || op.pin != p; }));
  // A group that has no op, or is everything but nothing smaller, costs no run:
  // the caller tries only what is smaller.
  return out;
}

std::vector<Program> without_settings(const Program& program) {
  std::vector<Program> out;
  for (std::size_t i = 0; i < program.settings.size(); ++i) {
    out.push_back(program);
    out.back().settings.erase(out.back().settings.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return out;
}

std::vector<Program> smaller_operands(const Program& program, std::size_t index) {
  CHECK(index < program.ops.size());
  std::vector<Program> out;
  const Op& op = program.ops[index];
  const auto now = fields(op);
  auto add = [&](std::size_t field, std::size_t value) {
    // canonical() puts 0 back to the least that the operand allows (a length of 1).
    const Op less = trace::canonical(
        with_field(op, field, static_cast<std::uint16_t>(value)), program.geometry);
    if (less == op) return;
    out.push_back(program);
    out.back().ops[index] = less;
  };
  for (std::size_t field = 0; field < kFields; ++field) {
    if (now[field] == 0) continue;
    add(field, 0);
    if (now[field] > 1) add(field, 1);
    // Only pages of the real order are so many that steps of one are too slow.
    const std::size_t pmd = std::size_t{1} << program.geometry.pmd_order;
    if (now[field] > UINT8_MAX) add(field, now[field] / 2u);
    if (now[field] > UINT8_MAX && now[field] >= pmd) add(field, now[field] - pmd);
    if (now[field] > 2) add(field, now[field] - 1u);
  }
  return out;
}

std::vector<Program> renumbered(const Program& program) {
  std::vector<Program> out;
  auto each_op = [&](auto change) {
    out.push_back(program);
    for (Op& op : out.back().ops) change(op);
  };
  Renumber map, pin, file, mm, thread;
  each_op([&](Op& op) {
    if (has_map(op)) op.map = map(op.map);
    if (has(op, 'n')) op.map2 = map(op.map2);
  });
  each_op([&](Op& op) { if (has_pin(op)) op.pin = pin(op.pin); });
  each_op([&](Op& op) { if (has(op, 'u')) op.mm = mm(op.mm); });
  each_op([&](Op& op) {
    if (has_file(op)) op.file = file(op.file);
    if (has(op, 'g')) op.file2 = file(op.file2);
  });
  each_op([&](Op& op) { op.thread = thread(op.thread); });
  for (trace::Segment& s : out.back().schedule.segments) {
    const auto own = static_cast<std::uint8_t>(s.thread % trace::kThreadsMax);
    s.thread = static_cast<std::uint8_t>(s.thread - own + thread(own));  // a store buffer is its thread's
  }
  for (std::uint8_t f = 0; f < trace::kFilesMax; ++f)
    each_op([&](Op& op) {
      if (has(op, 'f') && op.file == f && op.page > 0) --op.page;
      if (has(op, 'g') && op.file2 == f && op.page2 > 0) --op.page2;
    });
  return out;
}

std::vector<Program> smaller_geometry(const Program& program) {
  std::vector<Program> out;
  auto set = [&](auto field, std::size_t value) {
    out.push_back(program);
    auto& to = out.back().geometry.*field;
    to = static_cast<std::remove_reference_t<decltype(to)>>(value);
  };
  auto halve = [&](auto field, std::size_t unit) {
    const std::size_t now = program.geometry.*field / unit;
    if (now > 1) set(field, unit);
    if (now / 2 > 1) set(field, now / 2 * unit);
    if (now > 1 && now - 1 > now / 2) set(field, (now - 1) * unit);
  };
  const trace::Geometry usual;
  halve(&trace::Geometry::files, 1);
  halve(&trace::Geometry::blocks, trace::blocks_unit(program.geometry.pmd_order));
  if (program.geometry.pmd_order == trace::kPmdOrderReal)
    set(&trace::Geometry::pmd_order, usual.pmd_order);
  halve(&trace::Geometry::pmd_order, 1);
  halve(&trace::Geometry::mms, 1);
  if (program.geometry.waits != usual.waits) set(&trace::Geometry::waits, usual.waits);
  if (program.geometry.bias != usual.bias) set(&trace::Geometry::bias, usual.bias);
  if (program.geometry.check_sched != usual.check_sched)
    set(&trace::Geometry::check_sched, usual.check_sched);
  return out;
}

}  // namespace daxfuzz::exec
