// SPDX-License-Identifier: GPL-2.0-only
// The bias of programs.h: few pages, few slots and few values, so that ops meet;
// a prefix that makes files non-empty and mapped; whole kinds of ops missing. All
// of it is a function of raw draws, applied after them, so that rapidcheck's own
// shrinking of the draws is all the shrinking there is. Read next: schedules.cc, holds.cc.
#include "properties/programs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

#include "sched/check.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

struct Drawn {
  Op op;
  std::uint8_t kind = 0;   // index into the kinds that this case has, modulo
  std::uint8_t fails = 0;  // fail_nth is kept if 7
};

rc::Gen<Drawn> drawn_op() {
  return rc::gen::apply(
      [](const Op& op, std::uint8_t kind, std::uint8_t fails) { return Drawn{op, kind, fails}; },
      trace::arbitrary_op(), rc::gen::inRange<std::uint8_t>(0, 240),
      rc::gen::inRange<std::uint8_t>(0, 8));
}

std::vector<OpCode> listed(Kinds set) {
  std::vector<OpCode> codes;
  for (std::size_t i = 0; i < trace::op_count(); i++)
    if ((set & (1u << i)) != 0) codes.push_back(static_cast<OpCode>(i));
  return codes;
}

// Where the slots and pages of real counterexamples are: at the low end.
Op focused(Op op, const Shape& shape, int threads) {
  op.thread = static_cast<std::uint8_t>(op.thread % threads);
  const auto pages = static_cast<std::uint16_t>(shape.large ? kFilePages : 3);
  op.page %= pages;
  op.page2 %= pages;
  op.len = static_cast<std::uint16_t>(op.code == OpCode::truncate ? op.len % (pages + 1) : 1 + op.len % pages);
  if (!shape.edges) op.edge = trace::Edge::whole;
  op.map %= 3;
  const bool keeps_kind = (shape.map_sync && op.map_kind == trace::MapKind::sync) ||
                          (shape.private_maps && op.map_kind == trace::MapKind::private_);
  if (!keeps_kind) op.map_kind = trace::MapKind::shared;
  op.at = 0;
  op.pin %= 3;
  if (op.pin_kind == trace::PinKind::longterm) op.pin_kind = trace::PinKind::pin;
  op.value = static_cast<std::uint8_t>(1 + op.value % 250);
  if (shape.prefix != Prefix::usual) op.map = static_cast<std::uint8_t>(op.map % shape.files_max);
  if (shape.ownership == Ownership::by_file) {
    op.file = op.file2 = op.map = op.thread;
    op.pin = static_cast<std::uint8_t>(op.thread + 4 * (op.pin % 2));
  }
  return op;
}

bool touches(OpCode code) {
  return code == OpCode::fault || code == OpCode::pin || code == OpCode::mkwrite;
}

Op unpin_of(const Op& pin) { return {.code = OpCode::unpin, .thread = pin.thread, .pin = pin.pin}; }

Program built(const Shape& shape, trace::ProtocolId protocol, const trace::Geometry& geometry,
              int threads, Kinds present, bool prefix, const std::vector<Drawn>& drawn,
              const trace::Schedule& schedule) {
  const std::vector<OpCode> codes = listed(present);
  CHECK(!codes.empty());
  Program program;
  program.protocol = protocol;
  program.geometry = geometry;
  program.ops = properties::prefix_ops(shape, geometry, prefix);
  std::vector<Op> unpins;
  std::array<bool, trace::kMapsMax * kFilePages> touched{};
  for (const Drawn& draw : drawn) {
    if (program.ops.size() >= static_cast<std::size_t>(shape.ops_max)) break;
    Op op = draw.op;
    op.code = codes[draw.kind % codes.size()];
    op = trace::canonical(focused(op, shape, threads), geometry);
    if (!shape.failures || draw.fails != 7) op.fail_nth = op.fail_from = 0;
    if (shape.touch_pages_once && touches(op.code)) {
      bool& before = touched[op.map * kFilePages + op.page];
      if (std::exchange(before, true)) continue;
    }
    program.ops.push_back(op);
    if (op.code == OpCode::pin && shape.pins == Pins::momentary)
      program.ops.push_back(unpin_of(op));
    if (op.code == OpCode::pin && shape.pins == Pins::dropped) unpins.push_back(unpin_of(op));
  }
  program.ops.insert(program.ops.end(), unpins.begin(), unpins.end());
  if (program.ops.empty()) program.ops.push_back({.code = OpCode::fsync});
  program.schedule = schedule;
  CHECK(program.ops.size() <= trace::kOpsMax);
  return trace::clamped(std::move(program));
}

// `program` without these ops, and without what only they make a part of the shape.
Program without(const Program& program, const Shape& shape, std::initializer_list<std::size_t> numbers) {
  std::vector<bool> drop(program.ops.size());
  for (const std::size_t number : numbers) {
    drop[number] = true;
    const Op& op = program.ops[number];
    if (op.code != OpCode::pin || shape.pins == Pins::kept) continue;
    const auto after = program.ops.begin() + static_cast<std::ptrdiff_t>(number);
    const auto mine = std::find(after, program.ops.end(), unpin_of(op));
    if (mine != program.ops.end()) drop[static_cast<std::size_t>(mine - program.ops.begin())] = true;
  }
  Program less = program;
  less.ops.clear();
  for (std::size_t i = 0; i < drop.size(); i++)
    if (!drop[i]) less.ops.push_back(program.ops[i]);
  return trace::clamped(std::move(less));
}

// What the draws' own shrinking leaves: the usual prefix, and ops that can go only two at a time.
constexpr std::size_t kPairsOf = 10;
rc::Seq<Program> with_fewer_ops(const Program& program, const Shape& shape) {
  const std::size_t count = program.ops.size();
  const std::size_t begin =
      shape.prefix == Prefix::usual ? 0 : std::min(count, prefix_ops(shape, program.geometry, true).size());
  const auto stays = [&](std::size_t i) {
    return shape.pins != Pins::kept && program.ops[i].code == OpCode::unpin;
  };
  std::vector<Program> less;
  for (std::size_t i = begin; i < count && count > 1; i++)
    if (!stays(i)) less.push_back(without(program, shape, {i}));
  for (std::size_t i = begin; i < count && count > 2 && count <= kPairsOf; i++)
    for (std::size_t k = i + 1; k < count; k++)
      if (!stays(i) && !stays(k)) less.push_back(without(program, shape, {i, k}));
  std::erase_if(less, [](const Program& one) { return one.ops.empty(); });
  return rc::seq::fromContainer(std::move(less));
}

template <class T>
rc::Gen<T> between(int low, int high) {
  return rc::gen::inRange<T>(static_cast<T>(low), static_cast<T>(high + 1));
}

}  // namespace

std::vector<Op> prefix_ops(const Shape& shape, const trace::Geometry& geometry, bool wanted) {
  std::vector<Op> ops;
  if (shape.prefix == Prefix::usual) {
    if (!wanted) return ops;
    ops.push_back({.code = OpCode::write, .len = 2, .value = 251});
    ops.push_back({.code = OpCode::mmap, .len = 3});
    return ops;
  }
  for (std::uint8_t file = 0; file < geometry.files; file++) {
    const auto thread = shape.ownership == Ownership::by_file ? file : std::uint8_t{0};
    const auto pages = static_cast<std::uint8_t>(shape.large ? kFilePages : shape.prefix == Prefix::filled ? 3 : 2);
    const auto mapped = static_cast<std::uint8_t>(shape.large ? kFilePages : 3);
    ops.push_back({.code = OpCode::write,
                   .thread = thread,
                   .file = file,
                   .len = pages,
                   .value = static_cast<std::uint8_t>(251 + file)});
    ops.push_back({.code = OpCode::mmap, .thread = thread, .file = file, .len = mapped, .map = file});
  }
  return ops;
}

rc::Gen<Kinds> swarm(Kinds allowed) {
  CHECK(allowed != 0 && std::bit_width(allowed) <= trace::op_count());
  return rc::gen::noShrink(
      rc::gen::map(rc::gen::tuple(rc::gen::arbitrary<Kinds>(), rc::gen::arbitrary<Kinds>(),
                                  rc::gen::arbitrary<Kinds>()),
                   [allowed](const std::tuple<Kinds, Kinds, Kinds>& masks) {
                     const auto& [a, b, c] = masks;
                     const Kinds some = allowed & ((a & b) | (b & c) | (a & c) | (a ^ b));
                     return some != 0 ? some : allowed;
                   }));
}

rc::Gen<trace::Geometry> geometry_of(const Shape& shape) {
  return rc::gen::build<trace::Geometry>(
      rc::gen::set(&trace::Geometry::files,
                   shape.prefix == Prefix::usual
                       ? between<std::uint8_t>(1, shape.files_max)
                       : rc::gen::just(static_cast<std::uint8_t>(shape.files_max))),
      rc::gen::set(&trace::Geometry::blocks,
                   between<std::uint16_t>(shape.blocks_min, shape.blocks_max)),
      rc::gen::set(&trace::Geometry::pmd_order, rc::gen::just(kPmdOrder)),
      rc::gen::set(&trace::Geometry::mms, between<std::uint8_t>(1, 2)));
}

rc::Gen<Op> op_of(const Shape& shape, Kinds present, const trace::Geometry& geometry, int threads) {
  const std::vector<OpCode> codes = listed(present);
  CHECK(!codes.empty());
  return rc::gen::map(drawn_op(), [shape, codes, geometry, threads](const Drawn& draw) {
    Op op = draw.op;
    op.code = codes[draw.kind % codes.size()];
    op.fail_nth = op.fail_from = 0;
    return trace::canonical(focused(op, shape, threads), geometry);
  });
}

rc::Gen<Program> programs(const Shape& shape) {
  const auto ops = rc::gen::withSize([](int size) {
    return rc::gen::resize(std::max(size, 40), rc::gen::container<std::vector<Drawn>>(drawn_op()));
  });
  auto built_of = rc::gen::apply(
      [shape](std::size_t protocol, const trace::Geometry& g, int threads, Kinds present,
              int prefix, const std::vector<Drawn>& drawn, const trace::Schedule& schedule) {
        return built(shape, shape.protocols[protocol], g, threads, present, prefix != 3, drawn,
                     schedule);
      },
      rc::gen::inRange<std::size_t>(0, shape.protocols.size()), geometry_of(shape),
      between<int>(shape.threads_min, shape.threads_max), swarm(shape.allowed), between<int>(0, 3),
      ops, drawn_schedule());
  return rc::gen::shrink(std::move(built_of),
                         [shape](const Program& program) { return with_fewer_ops(program, shape); });
}

}  // namespace daxfuzz::properties
