// SPDX-License-Identifier: GPL-2.0-only
// Two runs of which one says what the other must do: another geometry, other names, maintenance that
// nobody should notice, a crash at each step. All fixes are in.
#include <algorithm>

#include "properties/execute.h"
#include "properties/file_model.h"
#include "properties/machine.h"
#include "properties/parallel.h"
#include "trace/text.h"

namespace daxfuzz::properties {
namespace {

using exec::Execution;
using trace::Op;
using trace::OpCode;
using trace::Program;
using trace::ProtocolId;
using Results = std::vector<std::int64_t>;

// Ops of one thread whose results are those of arrays of bytes.
Shape one_thread() {
  return {.protocols = kFixed,
          .allowed = kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::read, OpCode::write, OpCode::reflink,
                            OpCode::truncate, OpCode::punch, OpCode::break_layout, OpCode::fsync, OpCode::alloc,
                            OpCode::zero, OpCode::unshare, OpCode::collapse, OpCode::evict, OpCode::unlink,
                            OpCode::writeback, OpCode::madvise, OpCode::msync, OpCode::pin}),
          .threads_max = 1,
          .files_max = 2,
          .blocks_min = 32,
          .blocks_max = 32,
          .ops_max = 20,
          .pins = Pins::momentary,
          .edges = true,
          .large = true};
}

Results results_of(const Program& program) { return execute(program, {.checkers = 0}).results; }

void append(Program& program, const std::vector<Op>& ops) {
  program.ops.insert(program.ops.end(), ops.begin(), ops.end());
  program = trace::clamped(std::move(program));
}

// Whether a variant of `program`, whose op i came from op from[i] (or from none: kNew), returns the same.
constexpr std::size_t kNew = static_cast<std::size_t>(-1);
std::string same_results(const Program& program, const Program& variant, const std::vector<std::size_t>& from) {
  const Results expected = results_of(program), found = results_of(variant);
  for (std::size_t i = 0; i < from.size(); i++)
    if (from[i] != kNew && found[i] != expected[from[i]])
      return "op " + std::to_string(i) + " (" + trace::print(variant.ops[i]) + ") returned " +
             std::to_string(found[i]) + ", before " + std::to_string(expected[from[i]]);
  return "";
}

// --- geometry -------------------------------------------------------------------------------

PROPERTY(Geometry, OfQueuesAndWalksIsNotSeen,
         "how many wait queues there are, how often a walk pauses and how large a pin is changes no result",
         "fs/dax.c: DAX_WAIT_TABLE_BITS; include/linux/xarray.h: XA_CHECK_SCHED; GUP_PIN_COUNTING_BIAS") {
  expect_holds(
      trial, one_thread(),
      [](Program& program) {
        append(program, reads_of_all(program));
        Program other = program;
        other.geometry.waits = trace::kWaitsMax;
        other.geometry.check_sched = trace::kCheckSchedSmall;
        other.geometry.bias = trace::kPinBiasSmall;
        return result_difference(program, results_of(program), results_of(other));
      },
      50);
}

PROPERTY(Geometry, OfTheDeviceIsNotSeen, "on a device with enough blocks it does not matter how many more there are",
         "fs/xfs/libxfs/xfs_alloc.c: xfs_alloc_vextent()") {
  Shape shape = one_thread();
  shape.blocks_min = shape.blocks_max = 24;
  shape.files_max = 2;
  expect_holds(
      trial, shape,
      [](Program& program) {
        append(program, reads_of_all(program));
        Program other = program;
        other.geometry.blocks = trace::kBlocksMax;
        return result_difference(program, results_of(program), results_of(other));
      },
      50);
}

// --- names ------------------------------------------------------------------------------------------

PROPERTY(Renaming, OfFilesIsNotSeen, "a program of one thread does the same if its two files change names",
         "fs/xfs/xfs_inode.c: xfs_lock_two_inodes(), in the order of inode numbers") {
  expect_holds(
      trial, one_thread(),
      [](Program& program) {
        program.geometry.files = 2;
        append(program, reads_of_all(program));
        Program other = program;
        for (Op& op : other.ops) {
          const std::string_view letters = trace::info(op.code).operands;
          if (letters.find_first_of("fF") != letters.npos) op.file = static_cast<std::uint8_t>(1 - op.file);
          if (letters.find('g') != letters.npos) op.file2 = static_cast<std::uint8_t>(1 - op.file2);
        }
        return result_difference(program, results_of(program), results_of(other));
      },
      50);
}

PROPERTY(Renaming, OfThreadsIsNotSeen, "a schedule whose threads change names makes the same run",
         "sched/scheduler.h: what a task does depends on no id") {
  expect_holds(
      trial,
      {.protocols = kFixed,
       .allowed = kSystemCalls,
       .threads_min = 2,
       .threads_max = 3,
       .files_max = 2,
       .pins = Pins::momentary,
       .prefix = Prefix::mapped,
       .large = true},
      [](Program& program) -> std::string {
        const Execution first = execute(program, {.checkers = 0});
        const auto threads = static_cast<std::uint8_t>(program.threads());
        const auto renamed = [threads](std::uint8_t thread) {
          return thread < threads ? static_cast<std::uint8_t>(threads - 1 - thread) : thread;
        };
        Program other = exec::with_schedule(program, first);
        for (Op& op : other.ops) op.thread = renamed(op.thread);
        for (trace::Segment& segment : other.schedule.segments) segment.thread = renamed(segment.thread);
        const Execution second = execute(other, {.checkers = 0});
        if (second.diverged) return "diverged: " + second.divergence;
        if (second.steps != first.steps) return "another number of steps";
        return result_difference(program, first.results, second.results);
      },
      25);
}

// --- maintenance ---------------------------------------------------------------------------------------

PROPERTY(Maintenance, IsNotSeen,
         "fsync, writeback, eviction, breaking layouts and dropping caches change no other result",
         "fs/dax.c: dax_writeback_mapping_range(), dax_break_layout(); mm/truncate.c: invalidate_mapping_pages()") {
  expect_holds(
      trial, one_thread(),
      [](Program& program) {
        append(program, reads_of_all(program));
        Program other = program;
        other.ops.clear();
        std::vector<std::size_t> from;
        const OpCode kept[] = {OpCode::fsync, OpCode::break_layout, OpCode::writeback, OpCode::evict,
                               OpCode::drop_caches, OpCode::invalidate, OpCode::madvise};
        for (std::size_t i = 0; i < program.ops.size(); i++) {
          // Not between a pin and its unpin: who breaks layouts waits for that.
          const bool pinned = i > 0 && program.ops[i - 1].code == OpCode::pin;
          if (!pinned && other.ops.size() + program.ops.size() - i < trace::kOpsMax) {
            const auto file = static_cast<std::uint8_t>(i / std::size(kept) % 2);
            other.ops.push_back(trace::canonical(
                {.code = kept[i % std::size(kept)], .file = file, .len = kFilePages, .map = file}, program.geometry));
            from.push_back(kNew);
          }
          other.ops.push_back(program.ops[i]);
          from.push_back(i);
        }
        return same_results(program, other, from);
      },
      50);
}

// --- crashes ------------------------------------------------------------------------------------------------

// The power fails between any two steps of a program of one thread; what is mounted then is judged.
void expect_to_recover(Trial& trial, Kinds allowed) {
  expect_holds(
      trial,
      {.protocols = {ProtocolId::legacy, ProtocolId::upstream},
       .allowed = allowed,
       .threads_max = 1,
       .files_max = 2,
       .blocks_min = 16,
       .blocks_max = 24,
       .ops_max = 8},
      [](Program& program) -> std::string {
        const std::uint64_t steps =
            std::min<std::uint64_t>(execute(program, {.checkers = 0}).steps, trace::kScheduleBytesMax - 1);
        for (Op& op : program.ops) op.thread = 1;
        program.ops.push_back({.code = OpCode::crash});
        program.schedule = {.strategy = trace::Strategy::bytes, .seed = 0, .bytes = {}, .segments = {}};
        for (std::uint64_t at = 0; at <= steps; at++) {
          // Of two threads that can run: the second `at` times, then the first, which needs no more choices.
          program.schedule.bytes.assign(at, 1);
          program.schedule.bytes.push_back(0);
          const Execution execution = execute(program, {.checkers = exec::kCheckPersistence});
          if (execution.failed()) return "power fails at step " + std::to_string(at) + ": " + execution.signature();
        }
        return "";
      },
      2);
}

PROPERTY(Recovery, OfStoresFromACrashAnywhere,
         "what was promised is there after a power failure at any step of stores and syncs",
         "fs/xfs/xfs_file.c: xfs_file_fsync(); fs/dax.c: dax_writeback_one()") {
  expect_to_recover(trial, kinds({OpCode::mmap, OpCode::fault, OpCode::write, OpCode::fsync, OpCode::msync,
                                  OpCode::truncate}));
}

PROPERTY(Recovery, OfClonesFromACrashAnywhere,
         "the same with clones, holes and freed blocks, and no file has another's data",
         "fs/xfs/xfs_reflink.c: xfs_reflink_recover_cow(); fs/xfs/xfs_extent_busy.c: xfs_extent_busy_trim()") {
  expect_to_recover(trial, kinds({OpCode::mmap, OpCode::fault, OpCode::write, OpCode::fsync, OpCode::reflink,
                                  OpCode::punch, OpCode::zero, OpCode::unshare, OpCode::unlink}));
}

}  // namespace
}  // namespace daxfuzz::properties
