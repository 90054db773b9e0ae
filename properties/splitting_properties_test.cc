// SPDX-License-Identifier: GPL-2.0-only
// A range op does what two that follow one another do, each of a part of its range. Not of truncate, which has
// no range, nor of mmap and munmap, which are of whole mappings. One thread; all fixes are in.
#include <algorithm>
#include <array>
#include <cerrno>

#include "exec/ops.h"
#include "model/testing.h"
#include "properties/execute.h"
#include "properties/machine.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;

// --- what a machine holds ----------------------------------------------------------------------

// Of each page of each file: what is read of it, now and after a power failure, and what its entry says.
struct Page {
  std::array<int, kernel::PAGE_SIZE> bytes{}, on_medium{};
  bool tracked = false, dirty = false;
};
struct Seen {
  std::vector<std::int64_t> sizes;
  std::vector<Page> pages;
  std::vector<std::int64_t> results;
};

Seen seen_of(const Program& program) {
  struct Quiet final : kernel::testing::Recorder {};
  count_execution();
  kernel::testing::Machine<Quiet> machine(kernel::protocol_value(program.protocol), program.geometry);
  const kernel::testing::KernelRaces races;
  Seen seen;
  for (const Op& op : program.ops) seen.results.push_back(exec::run_op(machine.world, op));
  const kernel::World& world = machine.world;
  const Survey survey(world);
  kernel::Pmem after = world.pmem;
  after.power_fail();
  for (const kernel::inode& file : world.inodes) {
    seen.sizes.push_back(static_cast<std::int64_t>(file.i_size.peek()));
    for (std::size_t index = 0; index < kFilePages; index++) {
      const kernel::xfs_bmbt_irec& at = file.data_fork[index];
      Page page;
      const Tracked* tracked = survey.at(static_cast<std::uint8_t>(file.i_ino), index);
      page.tracked = tracked != nullptr;
      page.dirty = tracked != nullptr && (tracked->marks & kernel::PAGECACHE_TAG_DIRTY) != 0;
      for (unsigned line = 0; line < kernel::PAGE_SIZE && !at.hole() && !at.unwritten; line++) {
        page.bytes[line] = world.pmem.load(kernel::block_to_pfn(at.block), line);
        page.on_medium[line] = after.load(kernel::block_to_pfn(at.block), line);
      }
      seen.pages.push_back(page);
    }
  }
  return seen;
}

// entries: also what they are, and what is not on the medium yet. Which blocks an op takes decides that, too, by where
// there can be a PMD, so of ops that take or free some it is not asked.
std::string difference(const Seen& whole, const Seen& parts, bool entries) {
  for (std::size_t file = 0; file < whole.sizes.size(); file++)
    if (whole.sizes[file] != parts.sizes[file]) return "another size of file " + number(file);
  for (std::size_t i = 0; i < whole.pages.size(); i++) {
    const Page &one = whole.pages[i], &other = parts.pages[i];
    const std::string of = " of page " + number(i % kFilePages) + " of file " + number(i / kFilePages);
    if (one.bytes != other.bytes) return "other bytes" + of;
    if (entries && one.tracked != other.tracked) return "another entry" + of;
    if (entries && one.dirty != other.dirty) return "another dirty mark" + of;
    if (entries && one.on_medium != other.on_medium) return "other bytes on the medium" + of;
  }
  return "";
}

// --- splitting ---------------------------------------------------------------------------------

std::array<Op, 2> halves(const Op& op, std::uint16_t at) {
  Op first = op, second = op;
  first.len = at;
  if (op.edge == trace::Edge::early) first.edge = trace::Edge::whole;
  if (op.edge == trace::Edge::inner) first.edge = trace::Edge::late, second.edge = trace::Edge::early;
  if (op.edge == trace::Edge::late) second.edge = trace::Edge::whole;
  second.len = static_cast<std::uint16_t>(op.len - at);
  // What follows has moved up by then.
  if (op.code != OpCode::collapse) second.page = static_cast<std::uint16_t>(op.page + at);
  second.page2 = static_cast<std::uint16_t>(op.page2 + at);
  return {first, second};
}

// Why what the parts returned is not what the whole did; empty if it is.
std::string mismatch(const Op& op, std::int64_t whole, std::int64_t first, std::int64_t second) {
  bool same = whole == first && whole == second;
  // A read returns its last byte, and none beyond the end of its file.
  if (op.code == OpCode::read) same = whole == second || (second == 0 && whole == first);
  if (op.code == OpCode::dedupe || op.code == OpCode::invalidate) same = (whole == 0) == (first == 0 && second == 0);
  // The port stops at the end of a mapping; a range that begins behind it is refused.
  if (op.code == OpCode::madvise || op.code == OpCode::msync)
    same = whole == first && (whole == second || second == -ENOMEM);
  return same ? "" : trace::print(op) + " returned " + std::to_string(whole) + ", its parts " + std::to_string(first) +
                         " and " + std::to_string(second);
}

// Reads of the draw become ops of `code`, so that each program has some.
Program with_ops_of(Program program, OpCode code) {
  std::size_t reads = 0;
  for (std::size_t i = 0; i < program.ops.size(); i++) {
    Op& op = program.ops[i];
    // Of a shared mapping an advice is not seen; of a private one it is, by loads below.
    if (op.code == OpCode::mmap && code == OpCode::madvise) op.map_kind = trace::MapKind::private_;
    if (op.code != OpCode::read || code == OpCode::read || reads++ % 3 == 2) continue;
    op.code = code;
    op.file2 = static_cast<std::uint8_t>(1 - op.file);
    op.page2 = static_cast<std::uint16_t>(i % 2 == 0 ? op.page : (op.page + i) % kFilePages);
    op.map = static_cast<std::uint8_t>(op.file);
    op.value = static_cast<std::uint8_t>(100 + i);
    op = trace::canonical(op, program.geometry);
  }
  for (std::uint8_t i = 0; i < 2 * kFilePages && code == OpCode::madvise; i++)
    program.ops.push_back({.code = OpCode::fault,
                           .page = static_cast<std::uint16_t>(i % kFilePages),
                           .map = static_cast<std::uint8_t>(i / kFilePages)});
  return program;
}

std::string seen_apart(Program& program, OpCode code) {
  program = with_ops_of(std::move(program), code);
  const Seen whole = seen_of(program);
  Program other = program;
  other.ops.clear();
  struct Split {
    std::size_t op, parts;
  };
  std::vector<Split> splits;
  std::vector<std::size_t> from;
  for (std::size_t i = 0; i < program.ops.size(); i++) {
    const Op& op = program.ops[i];
    // What fails does nothing, but the first part of it might.
    const bool fails = whole.results[i] < 0 && code != OpCode::invalidate &&
                       (code != OpCode::dedupe || whole.results[i] == -EINVAL);
    const bool splits_up = op.code == code && op.len > 1 && !fails;
    if (splits_up) {
      splits.push_back({i, other.ops.size()});
      for (const Op& part : halves(op, static_cast<std::uint16_t>(1 + i % (op.len - 1u)))) other.ops.push_back(part);
    } else {
      other.ops.push_back(op);
    }
    from.push_back(other.ops.size() - 1);
  }
  const Seen parts = seen_of(other);
  for (const Split& split : splits) {
    std::string why = mismatch(program.ops[split.op], whole.results[split.op], parts.results[split.parts],
                               parts.results[split.parts + 1]);
    if (!why.empty()) return why;
  }
  for (std::size_t i = 0; i < program.ops.size(); i++)
    if (program.ops[i].code != code && whole.results[i] != parts.results[from[i]])
      return trace::print(program.ops[i]) + " returned " + std::to_string(whole.results[i]) + ", after parts " +
             std::to_string(parts.results[from[i]]);
  return difference(whole, parts, code == OpCode::msync || code == OpCode::invalidate);
}

void expect_to_split(Trial& trial, OpCode code) {
  expect_holds(
      trial,
      {.protocols = kFixed,
       .allowed = kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::read, OpCode::write, OpCode::reflink,
                         OpCode::truncate, OpCode::punch, OpCode::fsync, OpCode::alloc}) |
                  kinds({code}),
       .threads_max = 1,
       .files_max = 2,
       .blocks_min = 32,
       .blocks_max = 32,
       .ops_max = 20,
       .prefix = Prefix::mapped,
       .edges = true,
       .large = true},
      [code](Program& program) { return seen_apart(program, code); }, 50);
}

PROPERTY(Splitting, OfARead, "read(2) of a range is read(2) of its parts",
         "fs/dax.c: dax_iomap_rw(), dax_iomap_iter()") {
  expect_to_split(trial, OpCode::read);
}
PROPERTY(Splitting, OfAWrite, "write(2) of a range is write(2) of its parts",
         "fs/dax.c: dax_iomap_rw(); fs/xfs/xfs_iomap.c: xfs_direct_write_iomap_begin()") {
  expect_to_split(trial, OpCode::write);
}
PROPERTY(Splitting, OfAPunch, "a hole is the holes of its parts", "fallocate(2), FALLOC_FL_PUNCH_HOLE") {
  expect_to_split(trial, OpCode::punch);
}
PROPERTY(Splitting, OfAZeroing, "zeroing a range is zeroing its parts", "fallocate(2), FALLOC_FL_ZERO_RANGE") {
  expect_to_split(trial, OpCode::zero);
}
PROPERTY(Splitting, OfAnAllocation, "preallocating a range is preallocating its parts", "fallocate(2)") {
  expect_to_split(trial, OpCode::alloc);
}
PROPERTY(Splitting, OfAnUnsharing, "unsharing a range is unsharing its parts",
         "fallocate(2), FALLOC_FL_UNSHARE_RANGE") {
  expect_to_split(trial, OpCode::unshare);
}
PROPERTY(Splitting, OfACollapse, "collapsing a range is collapsing its parts, each where the one before began",
         "fallocate(2), FALLOC_FL_COLLAPSE_RANGE") {
  expect_to_split(trial, OpCode::collapse);
}
PROPERTY(Splitting, OfAClone, "cloning a range is cloning its parts", "ioctl_ficlonerange(2)") {
  expect_to_split(trial, OpCode::reflink);
}
PROPERTY(Splitting, OfADedupe, "two ranges are equal if their parts are", "ioctl_fideduperange(2)") {
  expect_to_split(trial, OpCode::dedupe);
}
PROPERTY(Splitting, OfAnMsync, "msync(2) of a range is msync(2) of its parts",
         "msync(2); mm/msync.c: vfs_fsync_range()") {
  expect_to_split(trial, OpCode::msync);
}
PROPERTY(Splitting, OfAnAdvice, "MADV_DONTNEED of a range is that of its parts", "madvise(2); mm/madvise.c") {
  expect_to_split(trial, OpCode::madvise);
}
PROPERTY(Splitting, OfAnInvalidation, "invalidating a range is invalidating its parts",
         "mm/truncate.c: invalidate_inode_pages2_range()") {
  expect_to_split(trial, OpCode::invalidate);
}

}  // namespace
}  // namespace daxfuzz::properties
