// SPDX-License-Identifier: GPL-2.0-only
// A PMD of 512 pages does what one of four does: a program of small files is scaled up, each page to 128, and
// returns the same. Ops of one page stay so, and are of the last page of its 128; ranges are scaled
// at both ends. All fixes are in. Read next: metamorphic_properties_test.cc.
#include "properties/execute.h"
#include "properties/machine.h"
#include "properties/parallel.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

constexpr std::uint16_t kScale = 1u << (trace::kPmdOrderReal - kPmdOrder);
static_assert(trace::file_pages(trace::kPmdOrderReal) == kScale * kFilePages);

constexpr std::uint16_t scaled(unsigned pages) { return static_cast<std::uint16_t>(pages * kScale); }

// A page stands for the last of its 128: a range whose last page it is ends there, late edges are left out.
Op scaled(Op op) {
  switch (op.code) {
    case OpCode::fault:
    case OpCode::mkwrite:
    case OpCode::pin:
      op.page = static_cast<std::uint16_t>(scaled(op.page) + kScale - 1);
      break;
    default:
      op.page = scaled(op.page);
      op.page2 = scaled(op.page2);
      op.len = scaled(op.len);
      op.at = scaled(op.at);
      break;
  }
  return op;
}

Program scaled(const Program& program) {
  Program large = program;
  large.geometry.pmd_order = trace::kPmdOrderReal;
  large.geometry.blocks = scaled(program.geometry.blocks);
  for (Op& op : large.ops) op = scaled(op);
  return large;
}

std::vector<std::int64_t> results_of(const Program& program) {
  return execute(program, {.checkers = 0}).results;
}

// 512 pages cost a hundred times what four do, so few programs, and short ones.
PROPERTY(Geometry, OfPmdsIsNotSeen, "a program of one thread does the same with PMDs of 512 pages as with four",
         "include/linux/huge_mm.h: HPAGE_PMD_ORDER; fs/dax.c: PG_PMD_COLOUR, dax_entry_order()") {
  expect_holds(
      trial,
      {.protocols = kFixed,
       .allowed = kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::read, OpCode::write,
                         OpCode::reflink, OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fsync,
                         OpCode::madvise, OpCode::msync, OpCode::alloc, OpCode::zero, OpCode::unshare,
                         OpCode::collapse, OpCode::pin}),
       .threads_max = 1,
       .files_max = 2,
       .blocks_min = 32,
       .blocks_max = 32,
       .ops_max = 14,
       .pins = Pins::momentary,
       .prefix = Prefix::mapped,
       .large = true},
      [](Program& program) {
        const std::vector<Op> reads = reads_of_all(program);
        program.ops.insert(program.ops.end(), reads.begin(), reads.end());
        program = trace::clamped(std::move(program));
        const Program large = trace::clamped(scaled(program));
        return result_difference(program, results_of(program), results_of(large));
      },
      5);
}

}  // namespace
}  // namespace daxfuzz::properties
