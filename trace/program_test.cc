// SPDX-License-Identifier: GPL-2.0-only
// The tables and what "valid" means: program.h.
#include "trace/program.h"

#include <gtest/gtest.h>

namespace daxfuzz::trace {
namespace {

Op op(OpCode code) {
  Op made;
  made.code = code;
  return made;
}

// Every field of an op at its largest, whether the op has it or not.
Op everything(OpCode code) {
  Op made;
  made.code = code;
  made.thread = made.file = made.file2 = 0xff;
  made.page = made.page2 = made.len = 0xffff;
  made.at = made.block = 0xffff;
  made.map = made.map2 = made.pin = made.mm = made.value = made.fail_nth = 0xff;
  made.access = Access::write;
  made.pin_kind = PinKind::longterm;
  made.pin_walk = PinWalk::slow;
  made.edge = Edge::inner;
  made.map_kind = MapKind::sync;
  made.answer = Answer::generic;
  return made;
}

TEST(Tables, RowsAreInTheOrderOfTheirEnum) {
  EXPECT_EQ(info(OpCode::mmap).name, "mmap");
  EXPECT_EQ(info(OpCode::fsync).name, "fsync");
  EXPECT_EQ(info(OpCode::pin).operands, "makwP");
  EXPECT_EQ(info(OpCode::drop_caches).name, "drop_caches");
  EXPECT_EQ(op_count(), static_cast<std::size_t>(OpCode::drop_caches) + 1);
  EXPECT_EQ(name(ProtocolId::entry_ref), "entry_ref");
  EXPECT_EQ(info(SwitchId::share).name, "share");
}

TEST(Tables, EveryOperandLetterIsKnown) {
  for (std::size_t row = 0; row < op_count(); ++row) {
    for (char letter : info(static_cast<OpCode>(row)).operands) {
      EXPECT_NE(std::string_view("fFsleEgmMcoavVukwbhPNnp").find(letter), std::string_view::npos)
          << letter;
    }
  }
}

TEST(Tables, ValuesOfASwitchAreCountedAndNamed) {
  EXPECT_EQ(value_count(SwitchId::base_count), 2u);
  EXPECT_EQ(value_count(SwitchId::share), 6u);
  EXPECT_EQ(value_name(SwitchId::share, 0), "magic_0x1");
  EXPECT_EQ(value_name(SwitchId::share, 2), "flag_0x4");
  EXPECT_EQ(value_name(SwitchId::share, 4), "flag_0x1");
  EXPECT_EQ(value_name(SwitchId::share, 5), "index_0x1");
  EXPECT_EQ(value_name(SwitchId::share, 6), "");
}

TEST(Tables, NumbersThatNameNoRowAreHarmless) {
  EXPECT_EQ(info(static_cast<OpCode>(200)).operands, "");
  EXPECT_EQ(info(static_cast<SwitchId>(200)).values, "");
  EXPECT_EQ(value_count(static_cast<SwitchId>(200)), 0u);
  EXPECT_EQ(name(static_cast<ProtocolId>(200)), "?");
}

TEST(Canonical, ClearsWhatTheOpDoesNotUse) {
  const Op fsync = canonical(everything(OpCode::fsync), {});
  Op want = op(OpCode::fsync);
  want.thread = kThreadsMax - 1;
  want.fail_nth = kFailNthMax;
  want.file = Geometry{}.files - 1;
  EXPECT_EQ(fsync, want);
}

TEST(Canonical, OneAllocationFailsOrAllFromOneOn) {
  Op both = op(OpCode::fsync);
  both.fail_nth = 2;
  both.fail_from = 3;
  EXPECT_EQ(canonical(both, {}).fail_from, 0);
  both.fail_nth = 0;
  EXPECT_EQ(canonical(both, {}).fail_from, 3);
  both.fail_from = 0xff;
  EXPECT_EQ(canonical(both, {}).fail_from, kFailNthMax);
}

TEST(Canonical, ALoadHasNoValue) {
  Op fault = op(OpCode::fault);
  fault.value = 0x5a;
  EXPECT_EQ(canonical(fault, {}).value, 0);
  fault.access = Access::write;
  EXPECT_EQ(canonical(fault, {}).value, 0x5a);
  Op write = op(OpCode::write);
  write.value = 0x5a;
  EXPECT_EQ(canonical(write, {}).value, 0x5a);
}

TEST(Canonical, RangesEndWithinTheLargestFile) {
  Op punch = op(OpCode::punch);
  punch.page = 5;
  punch.len = 8;
  EXPECT_EQ(canonical(punch, {}).len, 3);
  punch.len = 0;
  EXPECT_EQ(canonical(punch, {}).len, 1);
  Op reflink = op(OpCode::reflink);
  reflink.page = 1;
  reflink.page2 = 6;
  reflink.len = 8;
  EXPECT_EQ(canonical(reflink, {}).len, 2);
  Op truncate = everything(OpCode::truncate);
  EXPECT_EQ(canonical(truncate, {}).len, file_pages(Geometry{}));
  truncate.len = 0;
  EXPECT_EQ(canonical(truncate, {}).len, 0);
  punch.len = 0xffff;
  EXPECT_EQ(canonical(punch, {.pmd_order = kPmdOrderReal}).len, 1024 - 5);
}

TEST(Canonical, ASizeHasNoLateStart) {
  Op truncate = op(OpCode::truncate);
  for (Edge edge : {Edge::whole, Edge::late, Edge::early, Edge::inner}) {
    truncate.edge = edge;
    const bool early = edge == Edge::early || edge == Edge::inner;
    EXPECT_EQ(canonical(truncate, {}).edge, early ? Edge::early : Edge::whole);
  }
  Op write = op(OpCode::write);
  write.edge = Edge::inner;
  EXPECT_EQ(canonical(write, {}).edge, Edge::inner);
}

TEST(Canonical, ARangeOfAMappingEndsWithinTheLargestFile) {
  EXPECT_EQ(canonical({.code = OpCode::madvise, .page = 6, .len = 8}, {}).len, 2);
}

TEST(Canonical, AnOpWithoutOperandsKeepsItsThread) {
  Op want = op(OpCode::crash);
  want.thread = kThreadsMax - 1;
  want.fail_nth = kFailNthMax;
  EXPECT_EQ(canonical(everything(OpCode::crash), {}), want);
}

TEST(Canonical, FollowsTheGeometry) {
  const Geometry geometry{.files = 1, .blocks = 4, .pmd_order = 1, .mms = 3};
  EXPECT_EQ(canonical(everything(OpCode::reflink), geometry).file2, 0);
  EXPECT_EQ(canonical(everything(OpCode::mmap), geometry).mm, 2);
  EXPECT_EQ(canonical(everything(OpCode::mmap), geometry).at, 1);
  EXPECT_EQ(canonical(everything(OpCode::memory_failure), geometry).block, 3);
}

TEST(Valid, NoticesEveryFieldOutOfRange) {
  Program good;
  good.ops = {canonical(op(OpCode::mmap), good.geometry)};
  ASSERT_TRUE(valid(good));
  const auto bad = [&](auto change) {
    Program program = good;
    change(program);
    return !valid(program) && valid(clamped(program));
  };
  EXPECT_TRUE(bad([](Program& p) { p.protocol = static_cast<ProtocolId>(99); }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.files = 0; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.files = kFilesMax + 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.blocks = 0; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.pmd_order = kPmdOrderMax + 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.pmd_order = kPmdOrderReal - 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.pmd_order = kPmdOrderReal; }));  // with 8 blocks
  EXPECT_TRUE(bad([](Program& p) { p.geometry.mms = kMmsMax + 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.waits = kWaitsMin - 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.waits = kWaitsMax + 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.bias = kPinBiasReal - 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.geometry.check_sched = kCheckSchedReal - 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.ops[0].len = 0; }));
  EXPECT_TRUE(bad([](Program& p) { p.ops[0].pin = 1; }));
  EXPECT_TRUE(bad([](Program& p) { p.ops[0].thread = kThreadsMax; }));
  EXPECT_TRUE(bad([](Program& p) { p.ops.assign(kOpsMax + 1, p.ops[0]); }));
  EXPECT_TRUE(bad([](Program& p) { p.settings = {{SwitchId::share, 6}}; }));
  EXPECT_TRUE(bad([](Program& p) { p.settings = {{SwitchId::share, 1}, {SwitchId::share, 1}}; }));
  EXPECT_TRUE(bad([](Program& p) { p.settings = {{static_cast<SwitchId>(99), 0}}; }));
}

TEST(Valid, AScheduleHoldsOnlyWhatItsStrategyUses) {
  Program program;
  program.schedule.bytes = {1};
  EXPECT_FALSE(valid(program));
  program.schedule.strategy = Strategy::bytes;
  EXPECT_TRUE(valid(program));
  program.schedule.seed = 1;
  EXPECT_FALSE(valid(program));
  program.schedule = {};
  program.schedule.strategy = Strategy::replay;
  program.schedule.segments = {{0, 1, "xa_lock"}};
  EXPECT_TRUE(valid(program));
  for (const Segment& segment :
       {Segment{0, 0, ""}, Segment{kScheduleTasksMax, 1, ""}, Segment{0, 1, "two words"},
        Segment{0, 1, "a*b"}, Segment{0, 1, "a\x1b"}, Segment{0, 1, std::string(33, 'x')}}) {
    program.schedule.segments = {segment};
    EXPECT_FALSE(valid(program)) << segment.label;
    EXPECT_TRUE(valid(clamped(program)));
  }
  program.schedule.segments.assign(kSwitchesMax, {0, 1, ""});
  EXPECT_TRUE(valid(program));
  program.schedule.segments.push_back({0, 1, ""});
  EXPECT_FALSE(valid(program));
  program.schedule.segments.pop_back();
  program.schedule.strategy = Strategy::bytes;
  EXPECT_FALSE(valid(program));
  program.schedule = {.strategy = Strategy::bytes, .seed = 0, .bytes = {}, .segments = {}};
  program.schedule.bytes.resize(kScheduleBytesMax);
  EXPECT_TRUE(valid(program));
  program.schedule.bytes.push_back(0);
  EXPECT_FALSE(valid(program));
  program.schedule = {.strategy = static_cast<Strategy>(kStrategies), .seed = 0, .bytes = {}, .segments = {}};
  EXPECT_FALSE(valid(program));
}

TEST(Clamped, AnOrderBetweenIsTheNearer) {
  const auto order = [](std::uint8_t drawn) { return clamped({.pmd_order = drawn}).pmd_order; };
  EXPECT_EQ(order(0), 1);
  EXPECT_EQ(order(6), 3);
  EXPECT_EQ(order(7), 9);
  EXPECT_EQ(order(255), 9);
}

TEST(Clamped, BlocksFollowTheOrder) {
  const auto blocks = [](std::uint16_t drawn, std::uint8_t order) {
    return clamped({.blocks = drawn, .pmd_order = order}).blocks;
  };
  EXPECT_EQ(blocks(4096, 3), 32);
  EXPECT_EQ(blocks(8, kPmdOrderReal), 128);
  EXPECT_EQ(blocks(1000, kPmdOrderReal), 7 * 128);
  EXPECT_EQ(blocks(60000, kPmdOrderReal), 4096);
}

TEST(Clamped, EverySwitchMayBeSet) {
  Program program;
  for (std::size_t s = 0; s < switch_count(); s++) program.settings.push_back({static_cast<SwitchId>(s), 1});
  EXPECT_TRUE(valid(program));
  EXPECT_EQ(clamped(program).settings, program.settings);
}

TEST(Clamped, TheLastOfSeveralSettingsWins) {
  Program program;
  program.settings = {{SwitchId::share, 1}, {SwitchId::scan_wait, 1}, {SwitchId::share, 2}};
  const std::vector<Setting> want = {{SwitchId::share, 2}, {SwitchId::scan_wait, 1}};
  EXPECT_EQ(clamped(program).settings, want);
}

TEST(Program, ThreadsIsTheHighestUsedPlusOne) {
  Program program;
  EXPECT_EQ(program.threads(), 0u);
  program.ops = {op(OpCode::fsync), op(OpCode::fsync)};
  program.ops[0].thread = 2;
  EXPECT_EQ(program.threads(), 3u);
}

}  // namespace
}  // namespace daxfuzz::trace
