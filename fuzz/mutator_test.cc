// SPDX-License-Identifier: GPL-2.0-only
// The mutator: what it makes is valid and canonical, differs, depends on the seed
// only, and every kind of mutation and every op can come of it.
#include "fuzz/mutator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "exec/execute.h"
#include "fuzz/draw.h"
#include "fuzz/mutator_engine.h"
#include "fuzz/new_op.h"
#include "trace/bytes.h"

// The engine's own mutation: here it writes a byte that says it was there.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max) {
  if (size < max) data[size++] = 0xee;
  return size;
}
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t*, std::size_t, std::size_t, unsigned);
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t*, std::size_t, const std::uint8_t*, std::size_t,
                                                 std::uint8_t*, std::size_t, unsigned);

namespace daxfuzz::fuzz {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

TEST(Mutator, KeepsProgramsValidAndAlwaysChangesThem) {
  Random random(1);
  Program program;
  for (int i = 0; i < 20000; ++i) {
    const Program before = program;
    mutate(program, random);
    ASSERT_TRUE(trace::valid(program)) << i;
    ASSERT_NE(program, before) << i;
  }
}

TEST(Mutator, ReachesEveryKindEveryOpAndEveryOperand) {
  Random random(2);
  Program program;
  std::array<int, kMutations> kinds{};
  std::vector<int> ops(trace::op_count());
  std::array<bool, trace::kThreadsMax> threads{};
  bool fails = false, fails_on = false, bytes = false, replay = false, sets_up = false;
  for (int i = 0; i < 20000; ++i) {
    ++kinds[static_cast<std::size_t>(mutate(program, random))];
    for (const Op& op : program.ops) {
      ++ops[static_cast<std::size_t>(op.code)];
      threads[op.thread] = true;
      fails |= op.fail_nth > 0;
      fails_on |= op.fail_from > 0;
    }
    bytes |= program.schedule.bytes.size() > 4;
    replay |= program.schedule.segments.size() > 4;
    sets_up |= program.schedule.set_up > 0;
  }
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) EXPECT_GT(kinds[kind], 20) << "kind " << kind;
  for (std::size_t op = 0; op < ops.size(); ++op)
    EXPECT_GT(ops[op], 200) << trace::info(static_cast<OpCode>(op)).name;
  EXPECT_TRUE(std::ranges::all_of(threads, [](bool seen) { return seen; }));
  EXPECT_TRUE(fails && fails_on && bytes && replay && sets_up);
}

// What a word or a number of an operand may be, and each field of a geometry.
TEST(Mutator, ReachesEveryWordAndEveryGeometry) {
  Random random(3);
  std::array<int, 3> pins{}, maps{};
  std::array<int, 4> edges{};
  std::array<int, 2> answers{};
  std::array<int, trace::kPmdOrderReal + 1> orders{};
  std::array<int, trace::kWaitsMax + 1> waits{};
  int early_sizes = 0, colours = 0, pmds = 0, second_pmds = 0, small_bias = 0, pauses = 0,
      late_blocks = 0;
  for (int round = 0; round < 4000; ++round) {
    Program program;
    for (int i = 0; i < 60; ++i) {
      mutate(program, random);
      const trace::Geometry& g = program.geometry;
      ++orders[g.pmd_order];
      ++waits[g.waits];
      small_bias += g.bias == trace::kPinBiasSmall;
      pauses += g.check_sched == trace::kCheckSchedSmall;
    }
    const std::size_t pmd = std::size_t{1} << program.geometry.pmd_order;
    for (const Op& op : program.ops) {
      pins[static_cast<std::size_t>(op.pin_kind)] += op.code == OpCode::pin;
      maps[static_cast<std::size_t>(op.map_kind)] += op.code == OpCode::mmap;
      edges[static_cast<std::size_t>(op.edge)] += op.code == OpCode::zero;
      answers[static_cast<std::size_t>(op.answer)] += op.code == OpCode::memory_failure;
      early_sizes += op.code == OpCode::truncate && op.edge == trace::Edge::early;
      colours += op.at > 0;
      pmds += op.code == OpCode::alloc && op.len == pmd && op.page % pmd == 0;
      second_pmds += op.code == OpCode::reflink && op.len == pmd && op.page2 == pmd;
      late_blocks += op.block > 3;
    }
  }
  // Each word often, in the mean well above; fewer rounds would leave that to the seed.
  for (int n : pins) EXPECT_GT(n, 200);
  for (int n : maps) EXPECT_GT(n, 200);
  for (int n : edges) EXPECT_GT(n, 200);
  for (int n : answers) EXPECT_GT(n, 50);
  for (std::size_t order : {1u, 2u, 3u, 9u}) EXPECT_GT(orders[order], 200) << order;
  EXPECT_LT(orders[9] * 8, orders[1] + orders[3]);
  for (std::size_t n = trace::kWaitsMin; n <= trace::kWaitsMax; ++n) EXPECT_GT(waits[n], 200) << n;
  for (int n : {early_sizes, colours, pmds, second_pmds, small_bias, pauses}) EXPECT_GT(n, 200);
  EXPECT_GT(late_blocks, 0);
}

// Pages of a large world that no two ops share find nothing.
TEST(Mutator, OpsOfALargeWorldMeetWherePmdsDo) {
  Random random(4);
  Program program;
  program.geometry.pmd_order = trace::kPmdOrderReal;
  program = trace::clamped(program);
  std::size_t near = 0, all = 0, whole = 0, mappings = 0;
  for (int i = 0; i < 2000; ++i) {
    const Op op = new_op(program, 0, random);
    if (trace::info(op.code).operands.contains('f')) {
      ++all;
      near += op.page < 2 || (op.page >= 510 && op.page < 514);
    }
    if (op.code == OpCode::mmap) ++mappings, whole += op.len == 512 && op.page % 512 == 0;
  }
  EXPECT_GT(near * 10, all * 8);
  EXPECT_GT(whole * 4, mappings);
}

TEST(Mutator, AnOpWithoutOperandsIsRetargetedToItself) {
  Random random(6);
  Program program;
  program.ops = {trace::canonical({.code = OpCode::crash, .thread = 1}, program.geometry)};
  for (const bool one : {false, true})
    EXPECT_EQ(retargeted(program.ops[0], program, 0, one, random), program.ops[0]);
}

TEST(Mutator, LiveFollowsACopiedMapping) {
  Program p;
  const auto add = [&](const Op& op) { p.ops.push_back(trace::canonical(op, p.geometry)); };
  add({.code = OpCode::fork, .map = 3, .map2 = 4});  // of nothing
  add({.code = OpCode::mmap, .file = 1, .len = 2, .map = 3});
  add({.code = OpCode::fork, .map = 3, .map2 = 5});
  add({.code = OpCode::munmap, .map = 3});
  EXPECT_EQ(live_before(p, 1).maps, (std::vector<std::uint8_t>{}));
  EXPECT_EQ(live_before(p, 4).maps, (std::vector<std::uint8_t>{5}));
  EXPECT_EQ(live_before(p, 4).mapped_by.at(0).file, 1);
}

TEST(Mutator, DependsOnTheSeedOnly) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Program a, b;
    Random ra(seed), rb(seed);
    for (int i = 0; i < 100; ++i) {
      mutate(a, ra);
      mutate(b, rb);
    }
    EXPECT_EQ(a, b);
  }
  Program a, b;
  Random ra(1), rb(2);
  for (int i = 0; i < 10; ++i) mutate(a, ra), mutate(b, rb);
  EXPECT_NE(a, b);
}

// What the bias is for: most pins that a grown program takes are of a mapping that
// is there, most unpins drop a pin that was taken.
TEST(Mutator, NewOpsUseWhatIsThere) {
  std::size_t uses = 0, live_uses = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    Program program;
    for (int i = 0; i < 12; ++i) program.ops.push_back(new_op(program, program.ops.size(), random));
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Op& op = program.ops[i];
      const Live live = live_before(program, i);
      const auto operands = trace::info(op.code).operands;
      const bool map = operands.contains('m') || operands.contains('M'), pin = operands.contains('p');
      if (!map && !pin) continue;
      ++uses;
      live_uses += (!map || std::ranges::count(live.maps, op.map) > 0) &&
                   (!pin || std::ranges::count(live.pins, op.pin) > 0);
    }
  }
  EXPECT_GT(uses, 500u);
  EXPECT_GT(live_uses * 10, uses * 7);
}

TEST(Mutator, LiveFollowsMappingsAndPins) {
  Program p;
  auto add = [&](OpCode code, std::uint8_t map, std::uint8_t pin) {
    p.ops.push_back(trace::canonical({.code = code, .map = map, .pin = pin}, p.geometry));
  };
  add(OpCode::mmap, 3, 0);
  add(OpCode::mmap, 1, 0);
  add(OpCode::pin, 3, 5);
  add(OpCode::munmap, 3, 0);
  add(OpCode::unpin, 0, 5);
  EXPECT_EQ(live_before(p, 0).maps, (std::vector<std::uint8_t>{}));
  EXPECT_EQ(live_before(p, 3).maps, (std::vector<std::uint8_t>{3, 1}));
  EXPECT_EQ(live_before(p, 3).pins, (std::vector<std::uint8_t>{5}));
  EXPECT_EQ(live_before(p, 4).maps, (std::vector<std::uint8_t>{1}));
  EXPECT_EQ(live_before(p, 4).pins, (std::vector<std::uint8_t>{5}));
  EXPECT_EQ(live_before(p, 5).pins, (std::vector<std::uint8_t>{}));
}

TEST(Mutator, SplicesTheHeadOfOneToTheTailOfTheOther) {
  Program head, tail;
  for (int i = 0; i < 10; ++i) {
    head.ops.push_back(trace::canonical({.code = OpCode::fsync, .file = 0}, head.geometry));
    tail.ops.push_back(trace::canonical({.code = OpCode::fsync, .file = 1}, tail.geometry));
  }
  bool longer = false, shorter = false, mixed = false;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const Program out = spliced(head, tail, random);
    ASSERT_TRUE(trace::valid(out));
    EXPECT_TRUE(std::ranges::is_sorted(out.ops, {}, &Op::file));
    longer |= out.ops.size() > 10;
    shorter |= out.ops.size() < 10;
    mixed |= !out.ops.empty() && out.ops.front().file != out.ops.back().file;
  }
  EXPECT_TRUE(longer && shorter && mixed);
}

TEST(Mutator, FitsIntoWhatTheEngineAllows) {
  Program program;
  Random random(5);
  while (program.ops.size() < trace::kOpsMax) program.ops.push_back(new_op(program, program.ops.size(), random));
  program.schedule.strategy = trace::Strategy::bytes;
  program.schedule.bytes.assign(1000, 7);
  const std::size_t whole = trace::encode(program).size();
  EXPECT_EQ(encoded_within(program, whole), trace::encode(program));
  for (std::size_t max : {whole - 1, std::size_t{700}, std::size_t{100}, std::size_t{19}}) {
    const auto bytes = encoded_within(program, max);
    EXPECT_LE(bytes.size(), max);
    EXPECT_FALSE(bytes.empty());
    EXPECT_EQ(trace::encode(trace::decode(bytes)), bytes);
  }
  EXPECT_TRUE(encoded_within(program, 18).empty());
}

TEST(MutatorEngine, StaysInBoundsCanonicalAndDeterministic) {
  int by_engine = 0;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    const std::size_t max = seed % 3 == 0 ? 40 : 512;
    std::vector<std::uint8_t> a(max), b(max);
    const std::size_t size = LLVMFuzzerCustomMutator(a.data(), 0, max, seed);
    ASSERT_LE(size, max);
    ASSERT_EQ(LLVMFuzzerCustomMutator(b.data(), 0, max, seed), size);
    ASSERT_EQ(a, b);
    a.resize(size);
    ASSERT_EQ(trace::encode(trace::decode(a)), a);
    by_engine += trace::decode(a) == trace::decode(std::vector<std::uint8_t>{0xee});
  }
  // One in eight, give or take.
  EXPECT_GT(by_engine, 4000 / 8 - 120);
  EXPECT_LT(by_engine, 4000 / 8 + 120);
}

TEST(MutatorEngine, DrawsAWholeProgramEverySecondTime) {
  const std::vector<std::uint8_t> empty = trace::encode({});
  int whole = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::vector<std::uint8_t> data(1024);
    std::ranges::copy(empty, data.begin());
    data.resize(LLVMFuzzerCustomMutator(data.data(), empty.size(), data.size(), seed));
    const Program made = trace::decode(data);
    whole += made.ops.size() >= 8 || made.schedule.set_up > 0 ? 1 : 0;
  }
  // Of seven in eight.
  EXPECT_GT(whole, 1000 * 7 / 16 - 60);
  EXPECT_LT(whole, 1000 * 7 / 16 + 60);
}

// One in four of what is no program of its own, where the target says how it runs what it is given.
TEST(MutatorEngine, PutsChangePointsIntoTheScheduleThatARunHas) {
  Random random(11);
  Program program = drawn({.protocol = trace::ProtocolId::upstream, .threads = 2, .ops = 6}, random);
  for (std::size_t i = 0; i < program.ops.size(); ++i) program.ops[i].thread = i % 2;
  ASSERT_GT(exec::execute(program).segments.size(), 1u);
  const std::vector<std::uint8_t> bytes = trace::encode(program);
  const auto pointed = [&] {
    int count = 0;
    for (unsigned seed = 0; seed < 400; ++seed) {
      std::vector<std::uint8_t> data = bytes;
      data.resize(1024);
      data.resize(LLVMFuzzerCustomMutator(data.data(), bytes.size(), data.size(), seed));
      const Program made = trace::decode(data);
      // Of no other mutation the ops stay and the schedule becomes explicit, but of one in a hundred.
      count += made.ops == program.ops && made.schedule.strategy == trace::Strategy::replay ? 1 : 0;
    }
    return count;
  };
  EXPECT_LT(pointed(), 5);
  trace::ProtocolId asked{};
  mutator_sees([&](Program p) {
    asked = p.protocol;
    p.protocol = trace::ProtocolId::legacy;
    return p;
  });
  const int all = pointed();
  EXPECT_GT(all, 400 * 7 / 64 - 25);
  EXPECT_LT(all, 400 * 7 / 64 + 25);
  EXPECT_EQ(asked, trace::ProtocolId::upstream);
  mutator_moves(Moves::no_change_points);
  EXPECT_LT(pointed(), 5);
  mutator_moves(Moves::bytes_only);
  std::uint8_t data[40] = {};
  for (unsigned seed = 0; seed < 100; ++seed) EXPECT_EQ(LLVMFuzzerCustomMutator(data, 20, 40, seed), 21u);
  mutator_moves(Moves::all);
  mutator_sees(nullptr);
}

TEST(MutatorEngine, LeavesShortInputsToTheEngine) {
  std::uint8_t data[4] = {};
  for (unsigned seed = 0; seed < 100; ++seed) EXPECT_EQ(LLVMFuzzerCustomMutator(data, 2, 4, seed), 3u);
}

TEST(MutatorEngine, CrossOverIsCanonicalToo) {
  Random random(9);
  Program a, b;
  for (int i = 0; i < 20; ++i) mutate(a, random), mutate(b, random);
  const auto ea = trace::encode(a), eb = trace::encode(b);
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::vector<std::uint8_t> out(300);
    out.resize(LLVMFuzzerCustomCrossOver(ea.data(), ea.size(), eb.data(), eb.size(), out.data(), out.size(), seed));
    ASSERT_EQ(trace::encode(trace::decode(out)), out);
  }
}

}  // namespace
}  // namespace daxfuzz::fuzz
