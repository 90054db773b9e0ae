// SPDX-License-Identifier: GPL-2.0-only
// What is drawn: every program and everything that it shrinks to is valid and of its shape, whole kinds of ops are
// off in a case, and all that a shape lets be is drawn. Read first: programs.h.
#include "properties/programs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <set>

#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

std::vector<Shape> shapes() {
  Shape usual, own, whole;
  usual.protocols = {ProtocolId::legacy, ProtocolId::upstream};
  own = {.threads_min = 2, .pins = Pins::momentary, .prefix = Prefix::mapped, .ownership = Ownership::by_file};
  whole = {.allowed = all_but({OpCode::truncate}),
           .threads_max = 4,
           .blocks_min = 8,
           .blocks_max = 32,
           .pins = Pins::dropped,
           .prefix = Prefix::filled,
           .map_sync = true,
           .edges = true,
           .private_maps = true,
           .large = true};
  return {usual, own, whole};
}

Kinds kinds_of(const Program& program) {
  Kinds set = 0;
  for (const Op& op : program.ops) set |= kinds({op.code});
  return set;
}

// Why a program is not of a shape; empty if it is.
std::string outside(const Shape& shape, const Program& program) {
  if (!trace::valid(program)) return "is not valid";
  if (program.ops.empty()) return "has no op";
  if (std::ranges::find(shape.protocols, program.protocol) == shape.protocols.end()) return "has another protocol";
  const trace::Geometry& geometry = program.geometry;
  if (geometry.files > shape.files_max) return "has more files";
  if (geometry.blocks < shape.blocks_min || geometry.blocks > shape.blocks_max) return "has more or fewer blocks";
  if (geometry.pmd_order != kPmdOrder) return "has other PMDs";
  if (program.threads() > static_cast<std::size_t>(shape.threads_max)) return "has more threads";
  // Of the prefix, of what drops pins, and for want of any.
  const Kinds also = kinds({OpCode::write, OpCode::mmap, OpCode::unpin, OpCode::fsync});
  if ((kinds_of(program) & ~(shape.allowed | also)) != 0) return "has other ops";
  std::set<int> pinned;
  for (const Op& op : program.ops) {
    if (!shape.failures && (op.fail_nth != 0 || op.fail_from != 0)) return "fails an allocation";
    if (!shape.edges && op.edge != trace::Edge::whole) return "cuts a page";
    if (!shape.private_maps && op.map_kind == trace::MapKind::private_) return "has a private mapping";
    const bool of_file = trace::info(op.code).operands.find_first_of("fF") != std::string::npos;
    if (shape.ownership == Ownership::by_file && of_file && op.file != op.thread)
      return "uses another's file";
    if (op.code == OpCode::pin) pinned.insert(op.pin);
    if (op.code == OpCode::unpin) pinned.erase(op.pin);
  }
  return shape.pins != Pins::kept && !pinned.empty() ? "keeps a pin" : "";
}

rc::Shrinkable<Program> drawn(const Shape& shape, std::uint64_t seed) {
  return programs(shape)(rc::Random(seed), static_cast<int>(seed % 100));
}

TEST(Programs, AreOfTheirShapeAndSoIsWhatTheyShrinkTo) {
  constexpr int kPrograms = 60, kShrinks = 40;
  for (const Shape& shape : shapes())
    for (std::uint64_t seed = 0; seed < kPrograms; seed++) {
      const auto one = drawn(shape, seed);
      const Program program = one.value();
      ASSERT_EQ(outside(shape, program), "") << seed;
      auto shrinks = one.shrinks();
      for (int i = 0; i < kShrinks; i++) {
        const auto less = shrinks.next();
        if (!less) break;
        ASSERT_EQ(outside(shape, less->value()), "") << seed << ", shrink " << i;
        // A simpler kind of op may be a pin, which brings its unpin along.
        const std::size_t unpin = shape.pins == Pins::kept ? 0 : 1;
        ASSERT_LE(less->value().ops.size(), program.ops.size() + unpin) << seed << ", shrink " << i;
      }
    }
}

// Whatever an op of some kind is guilty of is shrunk to that op.
TEST(Programs, ShrinkToWhatIsGuilty) {
  int guilty = 0;
  for (const OpCode code : {OpCode::punch, OpCode::munmap, OpCode::pin})
    for (std::uint64_t seed = 50; seed < 70; seed++) {
      const Shape shape;
      auto at = drawn(shape, seed);
      const auto fails = [&](const Program& program) { return (kinds_of(program) & kinds({code})) != 0; };
      if (!fails(at.value())) continue;
      guilty++;
      for (bool smaller = true; smaller;) {
        smaller = false;
        auto shrinks = at.shrinks();
        while (auto less = shrinks.next()) {
          if (!fails(less->value())) continue;
          at = *less;
          smaller = true;
          break;
        }
      }
      EXPECT_EQ(at.value().ops.size(), 1u) << trace::print({.program = at.value(), .digest = {}, .comments = {}});
    }
  EXPECT_GT(guilty, 20);
}

TEST(Programs, AllThatAShapeLetsBeIsDrawn) {
  const Shape shape = shapes()[0];
  std::set<ProtocolId> protocols;
  std::set<int> threads, blocks, files;
  std::set<trace::Strategy> strategies;
  Kinds present = 0;
  for (std::uint64_t seed = 0; seed < 600; seed++) {
    const Program program = programs(shape)(rc::Random(seed), 100).value();
    protocols.insert(program.protocol);
    threads.insert(static_cast<int>(program.threads()));
    blocks.insert(program.geometry.blocks);
    files.insert(program.geometry.files);
    strategies.insert(program.schedule.strategy);
    present |= kinds_of(program);
  }
  EXPECT_EQ(protocols.size(), shape.protocols.size());
  EXPECT_EQ(threads, (std::set<int>{1, 2, 3}));
  EXPECT_EQ(files, (std::set<int>{1, 2, 3}));
  EXPECT_EQ(blocks.size(), static_cast<std::size_t>(shape.blocks_max - shape.blocks_min + 1));
  EXPECT_EQ(strategies, (std::set<trace::Strategy>{trace::Strategy::random, trace::Strategy::bytes}));
  EXPECT_EQ(present, shape.allowed);
}

// Each kind is off in about a quarter of the cases, independently of the others, and never are all.
TEST(Swarm, SwitchesWholeKindsOff) {
  constexpr int kCases = 1000;
  std::array<int, 32> off{};
  std::set<Kinds> different;
  for (int seed = 0; seed < kCases; seed++) {
    const Kinds present = swarm(kAllKinds)(rc::Random(static_cast<std::uint64_t>(seed)), 100).value();
    ASSERT_NE(present, 0u);
    ASSERT_EQ(present & ~kAllKinds, 0u);
    different.insert(present);
    for (unsigned kind = 0; kind < off.size(); kind++) off[kind] += (present >> kind & 1u) == 0 ? 1 : 0;
  }
  for (unsigned kind = 0; kind < static_cast<unsigned>(std::bit_width(kAllKinds)); kind++) {
    EXPECT_GT(off[kind], kCases / 5) << kind;
    EXPECT_LT(off[kind], kCases * 3 / 10) << kind;
  }
  EXPECT_GT(different.size(), kCases * 7u / 10);
}

TEST(Programs, OutOfShapeIsTold) {
  Shape shape;
  Program program;
  program.ops = {{.code = OpCode::pin}};
  EXPECT_EQ(outside(shape, program), "");
  shape.pins = Pins::momentary;
  EXPECT_EQ(outside(shape, program), "keeps a pin");
  shape = {.allowed = kinds({OpCode::read})};
  EXPECT_EQ(outside(shape, program), "has other ops");
  program.geometry.blocks = 2;
  EXPECT_EQ(outside(shape, program), "has more or fewer blocks");
  program.ops.clear();
  EXPECT_NE(outside(shape, program), "");
}

}  // namespace
}  // namespace daxfuzz::properties
