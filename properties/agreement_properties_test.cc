// SPDX-License-Identifier: GPL-2.0-only
// What user space sees is the same under each protocol: the counts are the kernel's own business. Each is
// compared with upstream on one thread, whose results no schedule changes, and all with each other where
// threads share no file. Listed are the ops by which a protocol can be told: docs/protocols.md says why.
// All fixes are in. Read first: sequential_properties_test.cc, which has a model of files for a judge.
#include <algorithm>

#include "properties/execute.h"
#include "properties/machine.h"
#include "properties/parallel.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

// What an invalidation returns says which entries there are and which are dirty: nothing that was promised.
constexpr Kinds kCalls = kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::read,
                                OpCode::write, OpCode::pin, OpCode::truncate, OpCode::punch, OpCode::break_layout,
                                OpCode::fsync, OpCode::madvise, OpCode::msync, OpCode::writeback, OpCode::alloc,
                                OpCode::zero, OpCode::collapse, OpCode::evict, OpCode::unlink});
// A page that a scan of the 2022 series has zapped cannot be pinned again (docs/claims.md, D2).
constexpr Kinds kPins = kinds({OpCode::pin});
// And what needs two files.
constexpr Kinds kSharing = kinds({OpCode::reflink, OpCode::unshare, OpCode::dedupe});

// A device writes or reads through each pin before it goes.
void add_dma(Program& program) {
  std::vector<Op> ops;
  for (const Op& op : program.ops) {
    ops.push_back(op);
    if (op.code != OpCode::pin) continue;
    ops.push_back(trace::canonical({.code = OpCode::dma, .thread = op.thread, .pin = op.pin, .access = op.access,
                                    .value = static_cast<std::uint8_t>(ops.size())},
                                   program.geometry));
  }
  program.ops = std::move(ops);
}

std::vector<std::int64_t> results_under(Program program, ProtocolId protocol) {
  program.protocol = protocol;
  return execute(program, {.checkers = 0}).results;
}

std::string disagreement(Program& program, ProtocolId with, ProtocolId of) {
  const std::string found = result_difference(program, results_under(program, with), results_under(program, of));
  program.protocol = of;
  return found;
}

void expect_agreement(Trial& trial, ProtocolId with, ProtocolId of, const Shape& shape) {
  expect_holds(
      trial, shape,
      [with, of](Program& program) {
        add_dma(program);
        const std::vector<Op> reads = reads_of_all(program);
        program.ops.insert(program.ops.end(), reads.begin(), reads.end());
        program = trace::clamped(std::move(program));
        return disagreement(program, with, of);
      },
      50);
}

Shape one_thread(Kinds allowed) {
  return {.allowed = allowed,
          .threads_max = 1,
          .files_max = 2,
          .blocks_min = 32,
          .blocks_max = 32,
          .ops_max = 20,
          .pins = Pins::momentary,
          .map_sync = true,
          .edges = true,
          .private_maps = true,
          .large = true};
}

PROPERTY(Agreement, OfLegacyWithUpstream, "one thread cannot tell Linux 6.2..6.14 from 6.15..7.0",
         "38607c62b34b: no change for user space") {
  expect_agreement(trial, ProtocolId::upstream, ProtocolId::legacy, one_thread(kCalls | kSharing));
}

PROPERTY(Agreement, OfUpstream71WithUpstream, "one thread cannot tell Linux 7.1 from 6.15..7.0",
         "59eb73b98ae0: no change for user space") {
  expect_agreement(trial, ProtocolId::upstream, ProtocolId::upstream71, one_thread(kCalls | kSharing));
}

PROPERTY(Agreement, OfEntryRefWithUpstream,
         "one thread cannot tell the review's protocol from 6.15, if no page is shared",
         "review of 2024-10-24: what is idle of one owner") {
  expect_agreement(trial, ProtocolId::upstream, ProtocolId::entry_ref, one_thread(kCalls));
}

PROPERTY(Agreement, OfV1WithUpstream,
         "one thread cannot tell the series as posted from what was merged, if no page is shared",
         "patch 10/12 of 2024-09-10: no change for user space") {
  expect_agreement(trial, ProtocolId::upstream, ProtocolId::v1, one_thread(kCalls));
}

PROPERTY(Agreement, OfLegacy60WithLegacy, "one thread cannot tell Linux 6.0 from 6.2, if no page is shared",
         "Linux 6.1.192: fs/dax.c, fs/xfs/xfs_file.c") {
  expect_agreement(trial, ProtocolId::legacy, ProtocolId::legacy60, one_thread(kCalls));
}

PROPERTY(Agreement, OfZapWithLegacy60,
         "one thread that pins nothing cannot tell the series of 2022 from the kernel that it was made for",
         "Fix the DAX-gup mistake, v3 of 2022-10-14: no change for user space") {
  expect_agreement(trial, ProtocolId::legacy60, ProtocolId::zap, one_thread(kCalls & ~kPins));
}

// Whatever the schedule: nobody sees another's files.
void expect_threads_to_agree(Trial& trial, Kinds allowed, const std::vector<ProtocolId>& others) {
  expect_holds(
      trial,
      {.allowed = allowed & ~kinds({OpCode::mmap}),
       .threads_min = 2,
       .blocks_min = 32,
       .blocks_max = 32,
       .pins = Pins::momentary,
       .prefix = Prefix::mapped,
       .ownership = Ownership::by_file},
      [&others](Program& program) {
        for (const ProtocolId other : others)
          if (std::string why = disagreement(program, ProtocolId::upstream, other); !why.empty())
            return std::string(trace::name(other)) + ": " + why;
        program.protocol = ProtocolId::upstream;
        return std::string();
      },
      25);
}

PROPERTY(Agreement, OfThreadsWithTheirOwnFiles,
         "threads that share no file cannot tell any two protocols apart, but that of 2022",
         "fs/xfs/xfs_inode.c: xfs_ilock(), a lock of the inode; 38607c62b34b") {
  expect_threads_to_agree(trial, kCalls,
                          {ProtocolId::legacy, ProtocolId::v1, ProtocolId::entry_ref, ProtocolId::legacy60,
                           ProtocolId::upstream71});
}

PROPERTY(Agreement, OfThreadsUnderZap, "nor that of 2022, if they pin nothing",
         "Fix the DAX-gup mistake, v3 of 2022-10-14: no change for user space") {
  expect_threads_to_agree(trial, kCalls & ~kPins, {ProtocolId::zap});
}

}  // namespace
}  // namespace daxfuzz::properties
