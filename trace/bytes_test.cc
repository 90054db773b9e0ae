// SPDX-License-Identifier: GPL-2.0-only
// The byte form's layout, pinned byte by byte: a change of it is a new version.
// Properties over all programs are in text_properties_test.cc.
#include "trace/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace daxfuzz::trace {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kHeaderBytes = 18;
constexpr std::size_t kOpBytes = 12;
constexpr std::size_t kOpsAt = 8;  // the number of ops
constexpr std::size_t kFirstOp = kHeaderBytes + 1;

// A program in which most fields differ from zero.
Program sample() {
  Program program;
  program.protocol = ProtocolId::v1;
  program.geometry = {.files = 3, .blocks = 8, .pmd_order = 1, .mms = 2, .waits = 3, .bias = 4};
  program.settings = {{SwitchId::share, 2}};
  Op mmap{.code = OpCode::mmap, .thread = 1, .file = 2, .page = 3, .len = 5, .map = 4, .mm = 1};
  Op reflink{.code = OpCode::reflink, .file = 1, .page = 2, .file2 = 2, .page2 = 1, .len = 6};
  Op pin{.code = OpCode::pin,
         .thread = 3,
         .page = 7,
         .map = 1,
         .pin = 5,
         .access = Access::write,
         .pin_kind = PinKind::pin,
         .pin_walk = PinWalk::slow,
         .fail_nth = 9};
  Op dma{.code = OpCode::dma, .pin = 5, .access = Access::write, .value = 0x5a};
  Op truncate{.code = OpCode::truncate, .file = 1, .len = 8};
  Op zero{.code = OpCode::zero, .file = 1, .page = 1, .len = 2, .edge = Edge::inner};
  Op fork{.code = OpCode::fork, .map = 2, .map2 = 6, .mm = 1};
  Op at{.code = OpCode::mmap, .len = 1, .map_kind = MapKind::sync, .at = 1};
  Op failure{.code = OpCode::memory_failure, .block = 5, .answer = Answer::generic};
  Op longterm{.code = OpCode::pin, .pin_kind = PinKind::longterm, .fail_from = 2};
  program.ops = {mmap, reflink, pin, dma, truncate, zero, fork, at, failure, longterm};
  program.schedule.strategy = Strategy::replay;
  program.schedule.segments = {{1, 0x1234, ""}, {7, 1, ""}};
  return program;
}

Bytes empty_program(Strategy strategy) {
  Program program;
  program.schedule.strategy = strategy;
  return encode(program);
}

TEST(Bytes, TheLayoutIsPinned) {
  ASSERT_TRUE(valid(sample()));
  const Bytes want = {
      2,  1,    3,    0,    1, 2, 2, 1, 10, 2, 0, 0, 0, 0, 0, 0, 0, 0,  // header
      1,  6,    2,                                                     // settings
      0,  0x41, 2,    4,    3, 0, 0, 0, 4, 0, 0,    0,                 // mmap
      9,  0,    9,    0,    2, 0, 1, 0, 5, 0, 0,    0,                 // reflink
      6,  0x2f, 0,    0x29, 7, 0, 0, 0, 0, 0, 0,    9,                 // pin
      8,  4,    0,    0x28, 0, 0, 0, 0, 0, 0, 0x5a, 0,                 // dma
      10, 0,    1,    0,    0, 0, 0, 0, 8, 0, 0,    0,                 // truncate
      20, 0,    0x31, 0,    1, 0, 0, 0, 1, 0, 0,    0,                 // zero
      16, 0x40, 0,    0x32, 0, 0, 0, 0, 0, 0, 0,    0,                 // fork
      0,  0,    0x80, 0,    0, 0, 1, 0, 0, 0, 0,    0,                 // mmap sync at=1
      26, 0,    0,    0x40, 0, 0, 5, 0, 0, 0, 0,    0,                 // memory_failure
      6,  0x10, 0,    0,    0, 0, 0, 0, 0, 0, 0,    17,                // pin longterm
      1,  0x34, 0x12, 7,    1, 0,                                      // tail
  };
  EXPECT_EQ(encode(sample()), want);
  EXPECT_EQ(decode(want), sample());
}

TEST(Bytes, TheSeedIsLittleEndian) {
  Program program;
  program.schedule.seed = 0x0102030405060708;
  const Bytes bytes = encode(program);
  EXPECT_EQ(Bytes(bytes.begin() + 10, bytes.begin() + 18), (Bytes{8, 7, 6, 5, 4, 3, 2, 1}));
}

// It shares a byte with the strategy, which bytes of before it had to themselves.
TEST(Bytes, TheSetUpIsAboveTheStrategy) {
  Program program;
  program.ops = {{.code = OpCode::fsync}, {.code = OpCode::fsync}, {.code = OpCode::fsync, .thread = 1}};
  for (std::uint8_t set_up = 0; set_up <= 2; set_up++) {
    program.schedule.set_up = set_up;
    const Bytes bytes = encode(program);
    EXPECT_EQ(bytes[9], 3 * set_up);
    EXPECT_EQ(decode(bytes), program);
  }
  Bytes more = encode(program);
  more[9] = 3 * 60;
  EXPECT_EQ(decode(more).schedule.set_up, 2);  // no more than T0 has
  more[9] = 3 * 60 + 2;
  EXPECT_EQ(decode(more).schedule.set_up, 0);  // a recorded schedule says itself what comes first
  program.ops.pop_back();
  EXPECT_EQ(decode(encode(program)).schedule.set_up, 0);  // nobody is there to wait
}

TEST(Bytes, EveryPrefixDecodesToAValidProgram) {
  const Bytes whole = encode(sample());
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    EXPECT_TRUE(valid(decode(std::span(whole).first(length)))) << length;
  }
}

TEST(Bytes, NoInputIsAnEmptyProgramInTheDefaultGeometry) {
  EXPECT_EQ(decode({}).ops.size(), 0u);
  EXPECT_EQ(decode({}).geometry, Geometry{});
}

TEST(Bytes, AllOnesIsWithinTheLimits) {
  const Bytes ones(64 * 1024, 0xff);
  const Program program = decode(ones);
  EXPECT_TRUE(valid(program));
  EXPECT_GT(program.ops.size(), 0u);
}

TEST(Bytes, TheTailIsBounded) {
  Bytes bytes = empty_program(Strategy::bytes);
  bytes.resize(bytes.size() + kScheduleBytesMax + 100, 7);
  EXPECT_EQ(decode(bytes).schedule.bytes.size(), kScheduleBytesMax);
  bytes = empty_program(Strategy::replay);
  bytes.resize(bytes.size() + 3 * kSwitchesMax + 100, 7);
  EXPECT_EQ(decode(bytes).schedule.segments.size(), kSwitchesMax);
}

TEST(Bytes, ASegmentOfNoStepsReadsAsOne) {
  Bytes bytes = empty_program(Strategy::replay);
  bytes.insert(bytes.end(), {2, 0, 0});
  EXPECT_EQ(decode(bytes).schedule.segments, (std::vector<Segment>{{2, 1, ""}}));
}

// The geometry of a header whose bytes 2 to 7 are these.
Geometry geometry_of(std::array<std::uint8_t, 6> fields) {
  Bytes bytes = {kBytesVersion, 0};
  bytes.insert(bytes.end(), fields.begin(), fields.end());
  return decode(bytes).geometry;
}

TEST(Bytes, TheRealOrderHasBlocksInUnits) {
  const std::uint8_t real = 4;  // after 1, 2 and 3
  EXPECT_EQ(geometry_of({0, 0, real, 0, 0, 0}),
            (Geometry{.blocks = 8 * 128, .pmd_order = kPmdOrderReal}));
  EXPECT_EQ(geometry_of({0, 32, real, 0, 0, 0}).blocks, 4096);
  EXPECT_EQ(geometry_of({0, 33, real, 0, 0, 0}).blocks, 128);
  EXPECT_EQ(geometry_of({0, 33, real + 1, 0, 0, 0}), (Geometry{.blocks = 1, .pmd_order = 1}));
}

TEST(Bytes, WaitsAndBiasWrap) {
  EXPECT_EQ(geometry_of({0, 0, 0, 0, 7, 1}), (Geometry{.waits = 8, .bias = 4}));
  EXPECT_EQ(geometry_of({0, 0, 0, 0, 8, 2}), (Geometry{.waits = 2, .bias = 1024}));
  EXPECT_EQ(geometry_of({0, 0, 0, 0, 9, 3}), (Geometry{.waits = 3, .bias = 4, .check_sched = 2}));
  EXPECT_EQ(geometry_of({0, 0, 0, 0, 0, 4}), (Geometry{.check_sched = 2}));
  EXPECT_EQ(geometry_of({0, 0, 0, 0, 0, 5}), (Geometry{.bias = 4}));
}

TEST(Bytes, PagesOfTheRealOrderTakeTwoBytes) {
  Program program;
  program.geometry.pmd_order = kPmdOrderReal;
  program.ops = {{.code = OpCode::reflink, .page = 511, .page2 = 512, .len = 512}};
  program = clamped(program);
  EXPECT_EQ(program.ops[0].len, 512);
  EXPECT_EQ(decode(encode(program)), program);
}

// Not clamped: neighbouring bytes mean different lengths. A second page is room
// lost only for an op that has one.
TEST(Bytes, ALengthWrapsWithinItsRoom) {
  const auto length = [](OpCode code, std::uint8_t page2, std::uint8_t len) {
    Bytes bytes(kFirstOp, 0);
    bytes[kOpsAt] = 1;
    bytes.insert(bytes.end(), {static_cast<std::uint8_t>(code), 0, 0, 0, 5, 0, page2, 0, len});
    return decode(bytes).ops.at(0).len;
  };
  EXPECT_EQ(length(OpCode::punch, 0, 2), 3);
  EXPECT_EQ(length(OpCode::punch, 0, 3), 1);
  EXPECT_EQ(length(OpCode::punch, 7, 4), 2);
  EXPECT_EQ(length(OpCode::reflink, 6, 3), 2);
  EXPECT_EQ(length(OpCode::truncate, 7, 8), 8);
  EXPECT_EQ(length(OpCode::truncate, 7, 10), 1);
}

TEST(Bytes, AnInsertedRecordMeansNothingNewForTheOthers) {
  const Program program = sample();
  const Bytes bytes = encode(program);
  const std::size_t first = kFirstOp + 2 * program.settings.size();
  for (std::size_t at = 0; at <= program.ops.size(); ++at) {
    Bytes longer = bytes;
    ++longer[kOpsAt];
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(first + kOpBytes * at), kOpBytes,
                  0xa5);
    Program found = decode(longer);
    ASSERT_EQ(found.ops.size(), program.ops.size() + 1);
    found.ops.erase(found.ops.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_EQ(found, program) << at;
  }
}

TEST(Bytes, AChangedRecordChangesItsOpOnly) {
  const Program program = sample();
  const Bytes bytes = encode(program);
  const std::size_t first = kFirstOp + 2 * program.settings.size();
  for (std::size_t i = 0; i < kOpBytes * program.ops.size(); ++i) {
    Bytes changed = bytes;
    changed[first + i] ^= 0xff;
    Program found = decode(changed);
    found.ops[i / kOpBytes] = program.ops[i / kOpBytes];
    EXPECT_EQ(found, program) << i;
  }
}

// A wrap that ignores a low bit would waste mutations.
TEST(Bytes, EveryOperandOfAnOpCanBeReachedByOneByte) {
  const Bytes bytes = encode(sample());
  const std::size_t pin = kFirstOp + 2 + 2 * kOpBytes;
  for (const std::size_t field : {0u, 1u, 3u, 4u, 11u}) {
    for (unsigned bit = 0; bit < 3; ++bit) {
      Bytes changed = bytes;
      changed[pin + field] = static_cast<std::uint8_t>(changed[pin + field] ^ 1u << bit);
      EXPECT_NE(decode(changed), decode(bytes)) << field << " bit " << bit;
    }
  }
}

// The operand of a letter as a number.
unsigned operand(const Op& op, char letter) {
  switch (letter) {
    case 'f':
    case 'F':
      return op.file;
    case 's':
    case 'l':
      return op.len;
    case 'e':
    case 'E':
      return std::to_underlying(op.edge);
    case 'g':
      return op.page2;
    case 'm':
      return op.page;
    case 'M':
    case 'N':
      return op.map;
    case 'n':
      return op.map2;
    case 'c':
      return std::to_underlying(op.map_kind);
    case 'o':
      return op.at;
    case 'a':
      return std::to_underlying(op.access);
    case 'v':
    case 'V':
      return op.value;
    case 'u':
      return op.mm;
    case 'k':
      return std::to_underlying(op.pin_kind);
    case 'w':
      return std::to_underlying(op.pin_walk);
    case 'b':
      return op.block;
    case 'h':
      return std::to_underlying(op.answer);
    case 'p':
    case 'P':
      return op.pin;
    default:
      return 0;
  }
}

// Of every op, by a change of one bit that leaves its other operands as they are.
TEST(Bytes, EveryLetterOfEveryOpIsReachedByABit) {
  Program program;
  program.geometry = {.files = 4, .blocks = 32, .pmd_order = 3, .mms = 3};
  for (std::size_t row = 0; row < op_count(); ++row) {
    program.ops = {canonical({.code = static_cast<OpCode>(row), .access = Access::write},
                             program.geometry)};
    const Bytes bytes = encode(program);
    const std::string_view letters = info(program.ops[0].code).operands;
    std::string reached;
    for (std::size_t bit = 8; bit < 8 * kOpBytes; ++bit) {
      Bytes changed = bytes;
      changed[kFirstOp + bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
      const Op op = decode(changed).ops.at(0);
      std::string differ;
      for (char letter : letters)
        if (operand(op, letter) != operand(program.ops[0], letter)) differ += letter;
      if (differ.size() == 1) reached += differ;
    }
    for (char letter : letters) {
      EXPECT_NE(reached.find(letter), std::string::npos)
          << info(program.ops[0].code).name << ' ' << letter;
    }
  }
}

TEST(Bytes, LabelsAreNotCarried) {
  Program program = sample();
  program.schedule.segments[1].label = "xa_lock";
  EXPECT_EQ(decode(encode(program)), sample());
}

TEST(Bytes, WhatIsOutOfRangeIsClampedBeforeItIsEncoded) {
  Program program = sample();
  program.geometry.files = 77;
  EXPECT_EQ(decode(encode(program)), clamped(program));
}

}  // namespace
}  // namespace daxfuzz::trace
