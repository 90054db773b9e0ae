// SPDX-License-Identifier: GPL-2.0-only
// Single moves of the minimiser: to simpler operands, out of a large world, and to fewer ops.
#include "exec/minimize_moves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "exec/minimize.h"
#include "exec/minimize_fake.h"

namespace daxfuzz::exec {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

// Every operand of a large world that does not matter is put to its first value.
TEST(Moves, TakeALargeWorldToTheSmallestAndOperandsToTheirFirstValue) {
  const FakeCondition forked = [](const Program&, const std::vector<FakeStep>& steps) -> std::string {
    for (const FakeStep& step : steps)
      if (step.op->code == OpCode::fork && step.leave) return "forked";
    return "";
  };
  const Runner run = [&forked](const Program& program, const Options&) { return fake_execute(program, forked); };
  Program p;
  p.geometry = {.files = 2, .blocks = 1024, .pmd_order = 9, .mms = 2, .waits = 8, .bias = 4,
                .check_sched = 2};
  p.ops = {{.code = OpCode::fork, .map = 3, .map2 = 7, .mm = 1}};
  const Program min = minimize(trace::clamped(p), run).program;
  EXPECT_EQ(min.geometry, (trace::Geometry{.files = 1, .blocks = 1, .pmd_order = 1, .mms = 1}));
  EXPECT_EQ(min.ops, (std::vector<Op>{{.code = OpCode::fork}}));
}

TEST(Moves, OperandsHaveSimplerValues) {
  Program p;
  p.geometry = trace::clamped({.blocks = 1024, .pmd_order = 9});
  const auto simpler = [&](const Op& from, const Op& to) {
    p.ops = {trace::canonical(from, p.geometry)};
    return std::ranges::any_of(smaller_operands(p, 0), [&](const Program& less) {
      return less.ops[0] == trace::canonical(to, p.geometry) && size_of_ops(less) < size_of_ops(p);
    });
  };
  EXPECT_TRUE(simpler({.code = OpCode::zero, .edge = trace::Edge::inner}, {.code = OpCode::zero}));
  EXPECT_TRUE(simpler({.code = OpCode::mmap, .map_kind = trace::MapKind::sync}, {.code = OpCode::mmap}));
  EXPECT_TRUE(simpler({.code = OpCode::mmap, .at = 511}, {.code = OpCode::mmap}));
  EXPECT_TRUE(simpler({.code = OpCode::memory_failure, .block = 1000}, {.code = OpCode::memory_failure}));
  EXPECT_TRUE(simpler({.code = OpCode::memory_failure, .answer = trace::Answer::generic},
                      {.code = OpCode::memory_failure}));
  EXPECT_TRUE(simpler({.code = OpCode::pin, .pin_kind = trace::PinKind::longterm},
                      {.code = OpCode::pin, .pin_kind = trace::PinKind::pin}));
  EXPECT_TRUE(simpler({.code = OpCode::read, .page = 1022, .len = 1}, {.code = OpCode::read, .page = 511, .len = 1}));
  EXPECT_TRUE(simpler({.code = OpCode::read, .page = 1022, .len = 1}, {.code = OpCode::read, .page = 510, .len = 1}));
}

// What is left of `ops` if a run fails whenever `fails` says so of its ops.
std::vector<Op> least(std::vector<Op> ops, const std::function<bool(const std::vector<Op>&)>& fails) {
  const FakeCondition condition = [&fails](const Program& program, const std::vector<FakeStep>& steps) {
    return std::string(steps.size() == 2 * program.ops.size() && fails(program.ops) ? "failed" : "");
  };
  const Runner run = [&condition](const Program& program, const Options&) { return fake_execute(program, condition); };
  Program p;
  p.geometry = {.files = 2, .blocks = 4, .pmd_order = 1};
  p.ops = std::move(ops);
  return minimize(trace::clamped(p), run).program.ops;
}

std::size_t count(const std::vector<Op>& ops, OpCode code) {
  return static_cast<std::size_t>(std::ranges::count(ops, code, &Op::code));
}
bool stores(const Op& op) {
  return (op.code == OpCode::fault || op.code == OpCode::pin) && op.access == trace::Access::write;
}

TEST(Rewrites, ACallTakesThePlaceOfAMapping) {
  const auto fails = [](const std::vector<Op>& ops) {
    const bool mapped = count(ops, OpCode::mmap) == 1;
    const bool synced = count(ops, OpCode::fsync) == 1 || (mapped && count(ops, OpCode::msync) == 1);
    const bool written = count(ops, OpCode::write) == 1 || (mapped && std::ranges::any_of(ops, stores));
    return synced && written;
  };
  for (const OpCode store : {OpCode::fault, OpCode::pin})
    EXPECT_EQ(least({{.code = OpCode::mmap, .page = 1, .len = 2},
                     {.code = store, .page = 1, .access = trace::Access::write},
                     {.code = OpCode::msync, .len = 1}}, fails),
              (std::vector<Op>{{.code = OpCode::write, .len = 1}, {.code = OpCode::fsync}}));
}

// The page that was b+0 is what follows a+0.
TEST(Rewrites, OneMappingTakesThePlaceOfTwo) {
  const auto fails = [](const std::vector<Op>& ops) {
    std::vector<int> pages;  // that are mapped and loaded
    for (const Op& op : ops) {
      if (op.code != OpCode::fault) continue;
      const auto map = std::ranges::find_if(  // a slot in use is not mapped anew
          ops, [&](const Op& one) { return one.code == OpCode::mmap && one.map == op.map; });
      if (map != ops.end() && op.page < map->len) pages.push_back(8 * map->file + map->page + op.page);
    }
    return pages.size() == 2 && pages[0] != pages[1];
  };
  const std::vector<Op> ops = least({{.code = OpCode::mmap, .len = 1},
                                     {.code = OpCode::mmap, .file = 1, .len = 1, .map = 1},
                                     {.code = OpCode::fault}, {.code = OpCode::fault, .map = 1}}, fails);
  EXPECT_EQ(ops, (std::vector<Op>{{.code = OpCode::mmap, .len = 2}, {.code = OpCode::fault},
                                  {.code = OpCode::fault, .page = 1}}));
}

TEST(Rewrites, OneOpTakesThePlaceOfTwo) {
  const auto store_or_write = [](const std::vector<Op>& ops) {
    return count(ops, OpCode::write) == 1 || (count(ops, OpCode::alloc) == 1 && std::ranges::any_of(ops, stores));
  };
  EXPECT_EQ(least({{.code = OpCode::alloc, .len = 1}, {.code = OpCode::fault, .access = trace::Access::write}},
                  store_or_write),
            (std::vector<Op>{{.code = OpCode::write, .len = 1}}));

  const auto two_pages = [](const std::vector<Op>& ops) {
    int pages = 0;
    for (const Op& op : ops) if (op.code == OpCode::punch) pages |= ((1 << op.len) - 1) << op.page;
    return (pages & 3) == 3;
  };
  EXPECT_EQ(least({{.code = OpCode::punch, .page = 1, .len = 1}, {.code = OpCode::punch, .len = 1}}, two_pages),
            (std::vector<Op>{{.code = OpCode::punch, .len = 2}}));

  const auto stored = [](const std::vector<Op>& ops) { return std::ranges::any_of(ops, stores) && ops.size() < 3; };
  EXPECT_EQ(least({{.code = OpCode::fault, .access = trace::Access::write}, {.code = OpCode::fsync}}, stored),
            (std::vector<Op>{{.code = OpCode::fault, .access = trace::Access::write}}));
}

// What an op becomes so that another can go: some rewriting of the two has `to` alone.
TEST(Rewrites, EachOpHasItsStrongerOne) {
  Program p;
  p.geometry = trace::clamped({.files = 1, .blocks = 4, .pmd_order = 1});
  const auto becomes = [&p](const Op& from, const Op& to) {
    p.ops = {{.code = OpCode::crash}, from};
    return std::ranges::any_of(rewritten(p, {}), [&to](const Program& one) {
      return one.ops == std::vector<Op>{to};
    });
  };
  const trace::Access write = trace::Access::write;
  EXPECT_TRUE(becomes({.code = OpCode::fault, .page = 1}, {.code = OpCode::fault, .page = 1, .access = write}));
  EXPECT_TRUE(becomes({.code = OpCode::pin}, {.code = OpCode::pin, .access = write}));
  EXPECT_TRUE(becomes({.code = OpCode::mkwrite, .page = 1}, {.code = OpCode::fault, .page = 1, .access = write}));
  for (const OpCode code : {OpCode::alloc, OpCode::zero, OpCode::unshare})
    EXPECT_TRUE(becomes({.code = code, .page = 1, .len = 2}, {.code = OpCode::write, .page = 1, .len = 2}));
  EXPECT_TRUE(becomes({.code = OpCode::truncate, .len = 2, .edge = trace::Edge::early},
                      {.code = OpCode::write, .len = 2}));
  EXPECT_FALSE(becomes({.code = OpCode::truncate}, {.code = OpCode::write}));
}

TEST(Rewrites, EachAccessHasItsCall) {
  Program p;
  p.geometry = trace::clamped({.files = 1, .blocks = 4, .pmd_order = 1});
  const auto becomes = [&p](const Op& from, const Op& to) {
    p.ops = {{.code = OpCode::mmap, .page = 1, .len = 2, .map = 3}, from};
    return std::ranges::any_of(rewritten(p, {}), [&to](const Program& one) {
      const Op& left = one.ops[0];
      return one.ops.size() == 1 && left.code == to.code && left.page == to.page && left.len == to.len;
    });
  };
  EXPECT_TRUE(becomes({.code = OpCode::fault, .page = 1, .map = 3}, {.code = OpCode::read, .page = 2, .len = 1}));
  EXPECT_TRUE(becomes({.code = OpCode::mkwrite, .page = 1, .map = 3}, {.code = OpCode::write, .page = 2, .len = 1}));
  EXPECT_FALSE(becomes({.code = OpCode::fault, .page = 1, .map = 2}, {.code = OpCode::read, .page = 2, .len = 1}));
}

// Only what has fewer ops than before is among them.
TEST(Rewrites, AllHaveFewerOps) {
  Program p;
  p.geometry = trace::clamped({.files = 2, .blocks = 4, .pmd_order = 1});
  p.ops = {{.code = OpCode::mmap, .len = 1}, {.code = OpCode::mmap, .file = 1, .len = 1, .map = 1},
           {.code = OpCode::truncate, .len = 1}, {.code = OpCode::fault}, {.code = OpCode::msync, .len = 1, .map = 1}};
  const std::vector<Program> all = rewritten(p, {});
  EXPECT_FALSE(all.empty());
  for (const Program& one : all) EXPECT_LT(one.ops.size(), p.ops.size());
}

}  // namespace
}  // namespace daxfuzz::exec
