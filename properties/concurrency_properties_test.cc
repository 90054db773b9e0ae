// SPDX-License-Identifier: GPL-2.0-only
// What threads may and may not do to each other: who shares no file shares
// nothing, who only reads changes nothing, and what is read was once written.
#include <algorithm>

#include "properties/execute.h"
#include "properties/shape.h"

namespace daxfuzz::properties {
namespace {

using trace::Op;
using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

// Where the whole verdict is asked, v1, legacy60 and upstream71 are out: they break their
// promises on one thread.
const std::vector<ProtocolId> kSound = {ProtocolId::legacy, ProtocolId::entry_ref,
                                        ProtocolId::upstream};

// No reflink: a stale index reads as a share count (recorded), and two files would
// share blocks. No fsync: breaking layouts drops dirty marks (recorded). Pins are
// momentary: who waits for ever is helped by taking the pins of others away
// (exec/execute.h).
Shape own_files() {
  return {.protocols = kSound,
          .allowed = all_but({OpCode::reflink, OpCode::fsync}),
          .threads_min = 2,
          .blocks_min = 32,
          .blocks_max = 32,
          .pins = Pins::momentary,
          .prefix = Prefix::mapped,
          .ownership = Ownership::by_file};
}

PROPERTY(Commutation, OpsOnDisjointFilesDoNotSeeTheSchedule,
         "threads that share no file do not see each other",
         "fs/xfs/xfs_inode.c: xfs_ilock(), a lock of the inode; mm/memory.c: unmap_mapping_range()") {
  expect_holds(trial, own_files(), [](Program& program) -> std::string {
    const exec::Execution first = execute(program);
    if (first.failed()) return first.signature();
    for (std::uint64_t seed = 0; seed < 4; seed++) {
      program.schedule = {
          .strategy = trace::Strategy::random, .seed = seed, .bytes = {}, .segments = {}};
      const std::string found =
          result_difference(program, first.results, execute(program).results);
      if (!found.empty()) return found;
    }
    return "";
  });
}

// The reader sees the same files, by read(2): it needs no entry and no reference.
// Few blocks, so that one that a reader takes is one that the other misses. The oracle
// is off: only results are asked.
PROPERTY(Commutation, AReaderChangesNobodysResults,
         "read(2) beside a program changes none of its results",
         "fs/dax.c: dax_iomap_iter(), which needs no entry to read") {
  const Shape shape{.protocols = kSound,
                    .allowed = all_but({OpCode::reflink}),
                    .threads_max = 1,
                    .files_max = 2,
                    .blocks_min = 3,
                    .blocks_max = 6,
                    .pins = Pins::momentary};
  expect_holds(
      trial, shape,
      [](Program& program) -> std::string {
        const std::vector<std::int64_t> alone = execute(program, {.checkers = 0}).results;
        for (std::uint8_t i = 0; i < 6; i++)
          program.ops.push_back(trace::canonical({.code = OpCode::read,
                                                  .thread = 1,
                                                  .file = static_cast<std::uint8_t>(i % 2),
                                                  .page = static_cast<std::uint8_t>(i / 2),
                                                  .len = 1},
                                                 program.geometry));
        return result_difference(program, alone, execute(program, {.checkers = 0}).results);
      },
      200);
}

// The values that ops of `program` put into page `page` of `file`, where slot m<i>
// maps file i and nothing is shared; the numbers of the ops are the values.
bool is_written(const Program& program, const Op& reader, std::int64_t value) {
  const std::uint8_t file = reader.code == OpCode::fault ? reader.map : reader.file;
  if (value == 0) return true;
  if (value < 0 || static_cast<std::size_t>(value) > program.ops.size()) return false;
  const Op& op = program.ops[static_cast<std::size_t>(value - 1)];
  // The last page that the reader can have read, or the first.
  const int low = reader.page, high = reader.page + std::max<int>(reader.len, 1);
  if (op.code == OpCode::write) return op.file == file && op.page < high && low < op.page + op.len;
  return (op.code == OpCode::fault || op.code == OpCode::mkwrite) && op.map == file &&
         op.page >= low && op.page < high;
}

// Under every protocol, and with the oracle off: its data checker is another judge of
// the same promise. No pins, and no freeing of blocks under one.
PROPERTY(Data, AReaderSeesOnlyWhatWasWrittenThere,
         "what is read was written to that page of that file, or is zero",
         "Documentation/filesystems/dax.rst: coherence of mmap and read(2)") {
  const Shape shape{.protocols = {ProtocolId::legacy, ProtocolId::v1, ProtocolId::entry_ref,
                                  ProtocolId::upstream, ProtocolId::legacy60,
                                  ProtocolId::upstream71, ProtocolId::zap},
                    .allowed = kinds({OpCode::fault, OpCode::mkwrite, OpCode::read, OpCode::write,
                                      OpCode::truncate, OpCode::punch, OpCode::break_layout,
                                      OpCode::invalidate, OpCode::fsync}),
                    .threads_min = 2,
                    .files_max = 2,
                    .prefix = Prefix::mapped};
  expect_holds(
      trial, shape,
      [](Program& program) -> std::string {
        for (std::size_t i = 0; i < program.ops.size(); i++)
          program.ops[i].value = static_cast<std::uint8_t>(i + 1);
        program = trace::clamped(std::move(program));
        const exec::Execution execution = execute(program, {.checkers = 0});
        for (std::size_t i = 0; i < program.ops.size(); i++) {
          const Op& op = program.ops[i];
          const bool reads = op.code == OpCode::read ||
                             (op.code == OpCode::fault && op.access == trace::Access::read);
          const std::int64_t value = execution.results[i];
          if (reads && value > 0 && !is_written(program, op, value))
            return "op " + std::to_string(i) + " read " + std::to_string(value) +
                   ", which nobody wrote there";
        }
        return "";
      },
      400);
}

// No op of this shape makes so many allocations.
PROPERTY(Failures, OneBeyondTheLastAllocationChangesNothing,
         "a failure that is never reached is not there",
         "model/world.cc: should_fail(); lib/fault-inject.c") {
  expect_holds(trial, own_files(), [](Program& program) -> std::string {
    const exec::Execution without = execute(program);
    for (Op& op : program.ops) op.fail_nth = trace::kFailNthMax;
    const exec::Execution with = execute(program);
    if (with.signature() != without.signature()) return with.signature();
    if (with.digest != without.digest) return "another digest";
    return result_difference(program, without.results, with.results);
  });
}

}  // namespace
}  // namespace daxfuzz::properties
