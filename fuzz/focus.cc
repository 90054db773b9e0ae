// SPDX-License-Identifier: GPL-2.0-only
// See focus.h. The set-up is what the bugs of the catalogue need before they can happen: blocks, a mapping of them,
// perhaps a second owner, an entry. Kinds of ops are few in each program (swarm testing: Groce et al. 2012).
#include "fuzz/focus.h"

#include <array>
#include <bitset>
#include <string_view>

#include "fuzz/new_op.h"
#include "sched/check.h"

namespace daxfuzz::fuzz {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

constexpr std::size_t kKindsLeast = 2, kKindsMore = 4;
constexpr std::size_t kTailLeast = 1, kTailMore = 3;  // ops of a thread after the set-up
constexpr std::size_t kTries = 32;                    // for an op of the kinds

using Kinds = std::bitset<64>;

void append(Program& program, Op op, std::uint8_t thread) {
  op.thread = thread;
  program.ops.push_back(trace::canonical(op, program.geometry));
}

// Where everybody goes: the first page of the file mostly, as a PMD begins there.
struct Place {
  std::uint8_t file = 0;
  std::uint8_t sharer = 0;  // the file itself, or another owner of its blocks
  std::uint16_t page = 0;
  std::uint16_t len = 1;  // of what is written and mapped
};

Place draw_place(const Program& program, Random& random) {
  Place place;
  const auto pmd = static_cast<std::uint16_t>(1u << program.geometry.pmd_order);
  const bool whole = random.one_in(2);
  place.page = whole || !random.one_in(3) ? std::uint16_t{0} : random.number_below<std::uint16_t>(pmd);
  place.len = whole ? pmd : static_cast<std::uint16_t>(1 + random.below(2));
  if (random.one_in(3)) place.sharer = static_cast<std::uint8_t>(program.geometry.files - 1);
  return place;
}

// Blocks, or a hole within the size.
void append_content(Program& program, const Place& place, Random& random) {
  Op op{.file = place.file, .page = place.page, .len = place.len, .value = 0x11};
  switch (random.below(4)) {
    case 0: op.code = OpCode::alloc; break;
    case 1:
      op.code = OpCode::truncate;
      op.len = static_cast<std::uint16_t>(place.page + place.len);
      break;
    default: op.code = OpCode::write; break;
  }
  append(program, op, 0);
}

void append_clone(Program& program, const Place& place, Random& random) {
  append(program, {.code = OpCode::reflink, .file = place.file, .page = place.page, .file2 = place.sharer,
                   .page2 = place.page, .len = random.one_in(3) ? std::uint16_t{1} : place.len}, 0);
}

void append_fault(Program& program, std::uint8_t map, std::uint16_t page, Random& random) {
  append(program, {.code = OpCode::fault, .page = page, .map = map, .access = random.number_below<trace::Access>(2),
                   .value = 0x22}, 0);
}

// Content, mappings, entries, and another owner, who came before the entries or after them.
void set_up(Program& program, const Place& place, Random& random) {
  const bool shared = place.sharer != place.file;
  const bool shared_early = shared && random.one_in(2);
  append_content(program, place, random);
  if (shared_early) append_clone(program, place, random);
  const std::size_t maps = 1 + random.below(shared ? 3 : 2);
  for (std::size_t i = 0; i < maps; i++) {
    Op mmap{.code = OpCode::mmap, .file = place.file, .page = place.page, .len = place.len};
    mmap.map = static_cast<std::uint8_t>(i);
    if (shared && i + 1 == maps) mmap.file = place.sharer;
    if (random.one_in(i == 0 ? 4 : 2)) {
      mmap.len = 1;
      if (place.len > 1 && random.one_in(2)) mmap.page++;  // a PMD's mapping beside one of its pages
    }
    if (random.one_in(5)) mmap.map_kind = random.number_below<trace::MapKind>(3);
    mmap.mm = random.number_below<std::uint8_t>(program.geometry.mms);
    append(program, mmap, 0);
  }
  for (std::size_t i = 0; i < maps; i++)
    if (random.one_in(2)) append_fault(program, static_cast<std::uint8_t>(i), 0, random);
  if (shared && !shared_early) append_clone(program, place, random);
  program.schedule.set_up = static_cast<std::uint8_t>(program.ops.size());
}

// Ops that the kernel makes wait for each other, or whose promises another one can break. Two of a group meet far more
// often than two of all ops would.
constexpr std::array<std::array<OpCode, 6>, 6> kGroups = {{
    // queues at an entry
    {OpCode::fault, OpCode::fsync, OpCode::invalidate, OpCode::break_layout, OpCode::memory_failure, OpCode::truncate},
    // mappings of pages that go
    {OpCode::fault, OpCode::munmap, OpCode::truncate, OpCode::punch, OpCode::fork, OpCode::madvise},
    // references of pages that go
    {OpCode::pin, OpCode::dma, OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fault},
    // dirty, clean, and lost by a crash
    {OpCode::fault, OpCode::fsync, OpCode::msync, OpCode::writeback, OpCode::write, OpCode::crash},
    // who owns a block
    {OpCode::write, OpCode::fault, OpCode::reflink, OpCode::dedupe, OpCode::unshare, OpCode::fsync},
    // bytes of pages in part
    {OpCode::write, OpCode::zero, OpCode::punch, OpCode::truncate, OpCode::reflink, OpCode::fault},
}};

Kinds draw_kinds(Random& random) {
  Kinds kinds;
  const auto& group = kGroups[random.below(kGroups.size())];
  for (std::size_t wanted = kKindsLeast + random.below(kKindsMore); wanted > 0; wanted--)
    kinds.set(static_cast<std::size_t>(random.one_in(3) ? random.number_below<OpCode>(trace::op_count())
                                                        : group[random.below(group.size())]));
  // A pin is for its DMA.
  if (kinds.test(static_cast<std::size_t>(OpCode::pin))) kinds.set(static_cast<std::size_t>(OpCode::dma));
  return kinds;
}

// An op of the kinds if one comes, at the place mostly.
Op draw_op(const Program& program, const Kinds& kinds, const Place& place, Random& random) {
  Op op;
  for (std::size_t i = 0; i < kTries; i++) {
    op = new_op(program, program.ops.size(), random);
    if (kinds.test(static_cast<std::size_t>(op.code))) break;
  }
  if (random.one_in(4)) return op;
  const std::string_view operands = trace::info(op.code).operands;
  if (operands.contains('f')) op.page = place.page;
  if (operands.contains('m')) op.page = random.one_in(3) ? 1 : 0;
  if (operands.contains('f') || operands.contains('F'))
    if (!random.one_in(4)) op.file = random.one_in(2) ? place.file : place.sharer;
  return op;
}

}  // namespace

void focus(Program& program, std::size_t threads, Random& random) {
  CHECK(threads >= 2 && threads <= trace::kThreadsMax);
  const Place place = draw_place(program, random);
  set_up(program, place, random);
  const Kinds kinds = draw_kinds(random);
  // Queues need threads that do the same.
  const Op everybodys = draw_op(program, kinds, place, random);
  const std::size_t often = 2 + random.below(3);
  const bool one_is_busy = random.one_in(3);  // some bugs need no second thread but several ops
  for (std::size_t t = 0; t < threads; t++)
    for (std::size_t n = kTailLeast + random.below(t == 0 && one_is_busy ? 2 * kTailMore : kTailMore); n > 0; n--)
      append(program, random.one_in(often) ? everybodys : draw_op(program, kinds, place, random),
             static_cast<std::uint8_t>(t));
}

}  // namespace daxfuzz::fuzz
