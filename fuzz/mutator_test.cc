// SPDX-License-Identifier: GPL-2.0-only
// The mutator: what it makes is valid and canonical, differs, depends on the seed
// only, and every kind of mutation and every op can come of it.
#include "fuzz/mutator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

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
  bool fails = false, bytes = false, replay = false;
  for (int i = 0; i < 20000; ++i) {
    ++kinds[static_cast<std::size_t>(mutate(program, random))];
    for (const Op& op : program.ops) {
      ++ops[static_cast<std::size_t>(op.code)];
      threads[op.thread] = true;
      fails |= op.fail_nth > 0;
    }
    bytes |= program.schedule.bytes.size() > 4;
    replay |= program.schedule.segments.size() > 4;
  }
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) EXPECT_GT(kinds[kind], 20) << "kind " << kind;
  for (std::size_t op = 0; op < ops.size(); ++op)
    EXPECT_GT(ops[op], 200) << trace::info(static_cast<OpCode>(op)).name;
  EXPECT_TRUE(std::ranges::all_of(threads, [](bool seen) { return seen; }));
  EXPECT_TRUE(fails && bytes && replay);
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
      live_uses += (!map || std::ranges::count(live.maps, op.map) > 0) && (!pin || std::ranges::count(live.pins, op.pin) > 0);
    }
  }
  EXPECT_GT(uses, 500u);
  EXPECT_GT(live_uses * 10, uses * 7);
}

TEST(Mutator, LiveFollowsMappingsAndPins) {
  Program p;
  auto add = [&](OpCode code, std::uint8_t map, std::uint8_t pin) { p.ops.push_back(trace::canonical({.code = code, .map = map, .pin = pin}, p.geometry)); };
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
  for (std::size_t max : {whole - 1, std::size_t{700}, std::size_t{100}, std::size_t{17}}) {
    const auto bytes = encoded_within(program, max);
    EXPECT_LE(bytes.size(), max);
    EXPECT_FALSE(bytes.empty());
    EXPECT_EQ(trace::encode(trace::decode(bytes)), bytes);
  }
  EXPECT_TRUE(encoded_within(program, 16).empty());
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
