// SPDX-License-Identifier: GPL-2.0-only
// A program of one thread sees a file system, whatever counts its pages: every
// protocol is the same to it. Here the oracle is off (no checkers): another judge,
// that knows nothing of what the port does, looks at results alone. So a
// violation inside, recorded or not, counts only when a user could see it.
#include "properties/execute.h"
#include "properties/file_model.h"
#include "properties/shape.h"

namespace daxfuzz::properties {
namespace {

using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

constexpr Kinds kFileOps =
    kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::read, OpCode::write,
           OpCode::reflink, OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fsync});
// Left out: dedupe, which compares what unwritten blocks held before (docs/findings).
constexpr Kinds kWholeFileOps =
    kinds({OpCode::alloc, OpCode::zero, OpCode::unshare, OpCode::collapse, OpCode::evict,
           OpCode::unlink, OpCode::writeback});

std::vector<std::int64_t> results_under(Program program, ProtocolId protocol) {
  program.protocol = protocol;
  return execute(program, {.checkers = 0}).results;
}

// What differs under the first protocol under which anything does, which becomes the
// program's; empty if under none.
std::string first_difference(Program& program, const std::vector<std::int64_t>& expected) {
  for (ProtocolId protocol : file_system_protocols(program)) {
    const std::string found =
        result_difference(program, expected, results_under(program, protocol));
    if (found.empty()) continue;
    program.protocol = protocol;
    return std::string(trace::name(protocol)) + ": " + found;
  }
  return "";
}

void expect_a_file_system(Trial& trial, const Shape& shape) {
  expect_holds(
      trial, shape,
      [](Program& program) { return first_difference(program, file_model_results(program)); }, 200);
}

// Blocks for every page of both files twice: never out of space. Pins are momentary:
// a thread that truncates under its own pin waits for ever.
PROPERTY(Sequential, ProgramsSeeAFileSystem,
         "one thread sees arrays of bytes, under each protocol",
         "mmap(2), read(2), write(2), ioctl_ficlonerange(2)") {
  expect_a_file_system(trial, {.allowed = kFileOps | kinds({OpCode::pin}),
                        .threads_max = 1,
                        .files_max = 2,
                        .blocks_min = 32,
                        .blocks_max = 32,
                        .ops_max = 32,
                        .pins = Pins::momentary});
}

// Only what it takes to see what fallocate(2) and unlink(2) did, or the draw is too thin.
PROPERTY(Sequential, FallocateAndUnlinkKeepTheirWord,
         "the same, of fallocate, unlink and eviction",
         "fallocate(2), unlink(2)") {
  expect_a_file_system(trial, {.allowed = kWholeFileOps | kinds({OpCode::mmap, OpCode::munmap,
                                                          OpCode::fault, OpCode::read,
                                                          OpCode::write, OpCode::reflink}),
                        .threads_max = 1,
                        .files_max = 2,
                        .blocks_min = 32,
                        .blocks_max = 32,
                        .ops_max = 32});
}

// Out of space and dirty or not alike. Left out: invalidate, which tells whether an
// entry is left to find, and that is what protocols differ in.
PROPERTY(Sequential, ProtocolsAgree,
         "one thread cannot tell protocols apart",
         "38607c62b34b: no change for user space") {
  const Shape shape{.allowed = kFileOps | kinds({OpCode::mkwrite}),
                    .threads_max = 1,
                    .files_max = 2,
                    .ops_max = 32};
  expect_holds(trial, shape, [](Program& program) {
    return first_difference(program, results_under(program, ProtocolId::upstream));
  });
}

}  // namespace
}  // namespace daxfuzz::properties
