// SPDX-License-Identifier: GPL-2.0-only
// See mutator.h. Every kind is a function that says whether it changed anything;
// one that cannot (there is nothing to remove) gives way to another draw.
#include "fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fuzz/new_op.h"
#include "trace/bytes.h"

namespace daxfuzz::fuzz {
namespace {

using trace::Op;
using trace::Program;
using trace::Strategy;

// How often each kind is drawn, in the order of the enum. Programs matter more
// than schedules: a new seed is a new schedule, and every input has one.
constexpr std::array<std::size_t, kMutations> kWeights = {24, 12, 8, 8, 10, 16, 8, 3, 16, 6, 1, 2, 2, 1};

std::ptrdiff_t at(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

void insert(Program& p, Random& random) {
  std::size_t where = random.one_in(2) ? p.ops.size() : random.below(p.ops.size() + 1);
  for (std::size_t n = 1 + random.below(3); n > 0 && p.ops.size() < trace::kOpsMax; --n, ++where)
    p.ops.insert(p.ops.begin() + at(where), new_op(p, where, random));
}

void remove(Program& p, Random& random) {
  if (p.ops.empty()) return;
  const std::size_t where = random.below(p.ops.size());
  const std::size_t n = std::min(1 + random.below(3), p.ops.size() - where);
  p.ops.erase(p.ops.begin() + at(where), p.ops.begin() + at(where + n));
}

void duplicate(Program& p, Random& random) {
  if (p.ops.empty() || p.ops.size() >= trace::kOpsMax) return;
  const Op op = p.ops[random.below(p.ops.size())];
  p.ops.insert(p.ops.begin() + at(random.below(p.ops.size() + 1)), op);
}

void swap(Program& p, Random& random) {
  if (p.ops.size() < 2) return;
  const std::size_t a = random.below(p.ops.size());
  const std::size_t b = random.one_in(2) ? (a + 1) % p.ops.size() : random.below(p.ops.size());
  std::swap(p.ops[a], p.ops[b]);
}

void replace(Program& p, Random& random) {
  if (p.ops.empty()) return;
  const std::size_t where = random.below(p.ops.size());
  p.ops[where] = new_op(p, where, random);
}

void retarget(Program& p, Random& random) {
  if (p.ops.empty()) return;
  const std::size_t where = random.below(p.ops.size());
  p.ops[where] = retargeted(p.ops[where], p, where, !random.one_in(4), random);
}

void thread(Program& p, Random& random) {
  if (p.ops.empty()) return;
  Op& op = p.ops[random.below(p.ops.size())];
  op.thread = random.number_below<std::uint8_t>(std::min(p.threads() + 1, trace::kThreadsMax));
}

void fail_nth(Program& p, Random& random) {
  if (p.ops.empty()) return;
  Op& op = p.ops[random.below(p.ops.size())];
  const std::uint8_t last = random.one_in(4) ? trace::kFailNthMax : 4;
  const auto drawn = random.number_below<std::uint8_t>(2 * last + 1);
  op.fail_nth = drawn <= last ? drawn : 0;
  op.fail_from = drawn <= last ? 0 : static_cast<std::uint8_t>(drawn - last);
}

void seed(Program& p, Random& random) {
  if (p.schedule.strategy != Strategy::random) return;
  p.schedule.seed = random.one_in(2) ? p.schedule.seed + 1 : random.next();
}

void set_up(Program& p, Random& random) {
  if (p.schedule.strategy != Strategy::random) return;
  p.schedule.set_up = random.number_below<std::uint8_t>(trace::set_up_max(p.ops) + 1u);
}

void schedule(Program& p, Random& random) {
  std::vector<std::uint8_t>& bytes = p.schedule.bytes;
  std::vector<trace::Segment>& segments = p.schedule.segments;
  if (p.schedule.strategy == Strategy::random) return set_up(p, random);
  if (p.schedule.strategy == Strategy::bytes) {
    const std::size_t where = random.below(bytes.size() + 1);
    const auto value = random.number_below<std::uint8_t>(256);
    if (where < bytes.size() && !random.one_in(3)) bytes[where] = value;
    else if (where < bytes.size() && random.one_in(3)) bytes.erase(bytes.begin() + at(where));
    else if (bytes.size() < trace::kScheduleBytesMax) bytes.insert(bytes.begin() + at(where), value);
  }
  if (p.schedule.strategy == Strategy::replay) {
    const std::size_t where = random.below(segments.size() + 1);
    const trace::Segment drawn{random.number_below<std::uint8_t>(std::max<std::size_t>(p.threads(), 1)),
                               static_cast<std::uint16_t>(1 + random.below(32)), ""};
    if (where < segments.size() && !random.one_in(3)) segments[where] = drawn;
    else if (where < segments.size() && random.one_in(3)) segments.erase(segments.begin() + at(where));
    else if (segments.size() < trace::kSwitchesMax) segments.insert(segments.begin() + at(where), drawn);
  }
}

void strategy(Program& p, Random& random) {
  p.schedule = {};
  if (!random.one_in(4)) {
    p.schedule.seed = random.next();
    return;
  }
  p.schedule.strategy = random.one_in(2) ? Strategy::bytes : Strategy::replay;
  for (std::size_t n = 4 + random.below(60); n > 0; --n) schedule(p, random);
}

void protocol(Program& p, Random& random) {
  p.protocol = random.number_below<trace::ProtocolId>(trace::protocol_count());
}

constexpr std::size_t kRealOrderOneIn = 32;  // its runs are slow

void geometry(Program& p, Random& random) {
  trace::Geometry& g = p.geometry;
  const std::size_t unit = trace::blocks_unit(g.pmd_order);
  const std::size_t field = random.below(12);
  switch (field % 6) {  // the last two share a place: older seeds draw what they drew
    case 0: g.files = static_cast<std::uint8_t>(1 + random.below(trace::kFilesMax)); break;
    case 1: g.blocks = static_cast<std::uint16_t>((1 + random.below(trace::kBlocksMax)) * unit); break;
    case 2:
      g.pmd_order = random.one_in(kRealOrderOneIn)
                        ? static_cast<std::uint8_t>(trace::kPmdOrderReal)
                        : static_cast<std::uint8_t>(
                              trace::kPmdOrderMin +
                              random.below(trace::kPmdOrderMax - trace::kPmdOrderMin + 1));
      g.blocks = static_cast<std::uint16_t>(g.blocks / unit * trace::blocks_unit(g.pmd_order));
      break;
    case 3: g.mms = static_cast<std::uint8_t>(1 + random.below(trace::kMmsMax)); break;
    case 4:
      g.waits = static_cast<std::uint8_t>(trace::kWaitsMin +
                                          random.below(trace::kWaitsMax - trace::kWaitsMin + 1));
      break;
    default:
      if (field < 6)
        g.bias = g.bias == trace::kPinBiasSmall ? trace::kPinBiasReal : trace::kPinBiasSmall;
      else
        g.check_sched = g.check_sched == trace::kCheckSchedSmall ? trace::kCheckSchedReal
                                                                 : trace::kCheckSchedSmall;
      break;
  }
}

void settings(Program& p, Random& random) {
  const auto id = random.number_below<trace::SwitchId>(trace::switch_count());
  std::erase_if(p.settings, [id](const trace::Setting& s) { return s.id == id; });
  if (random.one_in(2)) return;
  p.settings.push_back({id, random.number_below<std::uint8_t>(trace::value_count(id))});
}

using Apply = void (*)(Program&, Random&);
constexpr std::array<Apply, kMutations> kApply = {
    insert, remove, duplicate, swap, replace, retarget, thread,
    fail_nth, seed, schedule, strategy, protocol, geometry, settings};

std::size_t draw_kind(Random& random) {
  std::size_t sum = 0;
  for (std::size_t w : kWeights) sum += w;
  std::size_t left = random.below(sum);
  std::size_t kind = 0;
  while (left >= kWeights[kind]) left -= kWeights[kind++];
  return kind;
}

}  // namespace

Mutation mutate(Program& program, Random& random) {
  // Ends: `strategy` draws a 64-bit seed, and can always be drawn.
  const Program before = trace::clamped(program);
  for (;;) {
    const std::size_t kind = draw_kind(random);
    Program after = before;
    kApply[kind](after, random);
    after = trace::clamped(std::move(after));
    if (after == before) continue;
    program = std::move(after);
    return static_cast<Mutation>(kind);
  }
}

Program spliced(const Program& head, const Program& tail, Random& random) {
  Program out = head;
  const std::size_t keep = random.below(head.ops.size() + 1), from = random.below(tail.ops.size() + 1);
  out.ops.resize(keep);
  out.ops.insert(out.ops.end(), tail.ops.begin() + at(from), tail.ops.end());
  if (random.one_in(2)) out.schedule = tail.schedule;
  out.geometry.files = std::max(head.geometry.files, tail.geometry.files);
  out.geometry.mms = std::max(head.geometry.mms, tail.geometry.mms);
  return trace::clamped(std::move(out));
}

std::vector<std::uint8_t> encoded_within(Program program, std::size_t max) {
  for (;;) {
    std::vector<std::uint8_t> bytes = trace::encode(program);
    if (bytes.size() <= max) return bytes;
    trace::Schedule& s = program.schedule;
    if (!s.bytes.empty()) s.bytes.resize(s.bytes.size() / 2);
    else if (!s.segments.empty()) s.segments.resize(s.segments.size() / 2);
    else if (!program.ops.empty()) program.ops.pop_back();
    else if (!program.settings.empty()) program.settings.pop_back();
    else return {};
  }
}

}  // namespace daxfuzz::fuzz
