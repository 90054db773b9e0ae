// SPDX-License-Identifier: GPL-2.0-only
// What fsync(2), msync(2) and MAP_SYNC promise is kept by a power failure after any
// op of a program of one thread. The judge is the persistence oracle (the other
// checkers are off: they are not about the medium).
#include "properties/execute.h"
#include "properties/shape.h"

namespace daxfuzz::properties {
namespace {

using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

// Left out is what loses data in the kernel itself (docs/findings): what breaks layouts
// drops dirty marks since 6.15, and copies of shared blocks are not flushed.
constexpr Kinds kKept =
    kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::read,
           OpCode::write, OpCode::madvise, OpCode::fsync, OpCode::msync, OpCode::writeback,
           OpCode::drop_caches});

std::string survives(Program& program, std::size_t crash_after) {
  program.ops.resize(crash_after);
  program.ops.push_back({.code = OpCode::crash});
  program = trace::clamped(std::move(program));
  const exec::Execution execution = execute(program, {.checkers = exec::kCheckPersistence});
  return execution.failed() ? execution.signature() : std::string();
}

void expect_to_survive(Trial& trial, const Shape& shape, int percent) {
  expect_holds(
      trial, shape,
      [](Program& program) {
        const Program whole = program;
        for (std::size_t ops = 1; ops <= whole.ops.size(); ops++) {
          program = whole;
          const std::string lost = survives(program, ops);
          if (!lost.empty()) return lost;
        }
        program = whole;
        return std::string();
      },
      percent);
}

PROPERTY(Persistence, WhatFsyncPromisedSurvivesACrashAnywhere,
         "fsync and msync keep their promises if the power fails after any op",
         "fs/xfs/xfs_file.c: xfs_file_fsync(); fs/dax.c: dax_writeback_mapping_range()") {
  expect_to_survive(trial, {.protocols = {ProtocolId::legacy, ProtocolId::upstream},
                     .allowed = kKept,
                     .threads_max = 1,
                     .files_max = 2,
                     .ops_max = 24},
                    50);
}

PROPERTY(Persistence, AMapSyncMappingKeepsItsBlocks,
         "and so does MAP_SYNC",
         "fs/dax.c: dax_fault_is_synchronous(), dax_finish_sync_fault()") {
  expect_to_survive(trial, {.protocols = {ProtocolId::legacy, ProtocolId::upstream},
                     .allowed = kinds({OpCode::mmap, OpCode::munmap, OpCode::fault,
                                       OpCode::mkwrite, OpCode::write, OpCode::fsync}),
                     .threads_max = 1,
                     .files_max = 2,
                     .ops_max = 16,
                     .map_sync = true},
                    200);
}

}  // namespace
}  // namespace daxfuzz::properties
