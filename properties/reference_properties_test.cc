// SPDX-License-Identifier: GPL-2.0-only
// Counts add up, blocks outlive their pins, and who waits is woken. The oracle
// judges; the shapes say where the kernel keeps these promises. What a shape
// leaves out because of a recorded finding (corpus/findings) is said beside it.
#include "properties/execute.h"
#include "properties/shape.h"

namespace daxfuzz::properties {
namespace {

using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

constexpr Kinds kPinning = kinds({OpCode::pin, OpCode::unpin, OpCode::dma});
constexpr Kinds kMapping =
    kinds({OpCode::mmap, OpCode::munmap, OpCode::fault, OpCode::mkwrite, OpCode::fsync});
constexpr Kinds kFreeing = kinds({OpCode::truncate, OpCode::punch, OpCode::break_layout});
constexpr Kinds kWriting = kinds({OpCode::write});

// --- counts ---------------------------------------------------------------------

// No freeing: a page re-faulted under a waiting layout breaker never becomes idle.
// No reflink: a stale index reads as a share count (fixed in 7.1); a failed insert
// of a CoW fault leaves its entry. No fsync beside a fault that holds the entry: it
// goes past (recorded).
PROPERTY(Counts, AddUpWhilePagesArePinned,
         "upstream without freeing: every count is what its holders make it",
         "mm/memremap.c: free_zone_device_folio(); mm/gup.c: try_grab_folio()") {
  const Shape shape{.allowed = kPinning | (kMapping & ~kinds({OpCode::fsync})) | kWriting |
                               kinds({OpCode::invalidate}),
                    .failures = true};
  expect_passes(trial, shape);
}

// No pins: the same three findings need one. No reflink: as above. No munmap:
// its deferred puts are pins to a layout breaker, and the finding needs no more. No
// fsync beside what frees: breaking layouts drops dirty marks (recorded).
PROPERTY(Counts, AddUpWhileBlocksAreFreed,
         "upstream without pins: the same, and nobody sleeps for ever",
         "fs/dax.c: dax_break_layout(), dax_wake_entry()") {
  const Shape shape{.allowed = (kMapping & ~kinds({OpCode::munmap, OpCode::fsync})) | kFreeing | kWriting |
                               kinds({OpCode::invalidate}),
                    .failures = true};
  expect_passes(trial, shape);
}

// Every page is a block's, so that v1 never maps (and counts) the zero page.
// Of v1 only the counts are asked: it drops associations by design.
PROPERTY(Counts, ComeBackToIdleUnderEveryProtocol,
         "maps, unmaps, pins and unpins leave nothing behind",
         "mm/gup.c: gup_put_folio(); mm/memory.c: zap_present_ptes()") {
  Shape shape{.protocols = {ProtocolId::legacy, ProtocolId::v1, ProtocolId::entry_ref,
                            ProtocolId::upstream, ProtocolId::legacy60, ProtocolId::upstream71},
              .allowed = kinds({OpCode::pin, OpCode::unpin, OpCode::mmap, OpCode::munmap}),
              .threads_max = 1,
              .files_max = 2,
              .blocks_min = 8,
              .prefix = Prefix::filled};
  expect_holds(trial, shape, [](const Program& program) -> std::string {
    const bool v1 = program.protocol == ProtocolId::v1;
    const exec::Execution execution =
        execute(program, {.checkers = v1 ? exec::kCheckReference : exec::kCheckAll});
    return execution.failed() ? execution.signature() + ": " + execution.finding.value : "";
  });
}

// --- lifetime -------------------------------------------------------------------

// One thread: races of write(2) and faults that lose entries of pinned pages need
// two. No reflink, no failures: the findings above.
PROPERTY(Lifetime, UpstreamNeverFreesAPinnedBlock,
         "one thread, upstream: a block outlives its pins",
         "fs/dax.c: dax_layout_busy_page_range()") {
  const Shape shape{.allowed = all_but({OpCode::reflink, OpCode::invalidate, OpCode::fsync}),
                    .threads_max = 1};
  expect_passes(trial, shape);
}

// No munmap either: mapping_mapped() false skips the scan. Legacy only follows an
// entry, and invalidate takes a clean one away, so that is out as well.
PROPERTY(Lifetime, LegacyNeverFreesAPinnedBlock,
         "one thread, one-based counts: the same",
         "fs/dax.c: dax_layout_busy_page_range(), Linux 6.12") {
  const Shape shape{.protocols = {ProtocolId::legacy, ProtocolId::entry_ref},
                    .allowed = all_but({OpCode::reflink, OpCode::invalidate, OpCode::munmap}),
                    .threads_max = 1};
  expect_passes(trial, shape);
}

// One preemption, at every step in turn: a window of two steps inside a pin, and a
// whole truncation in it, is not what random schedules find. Legacy, where a page
// that is mapped again meanwhile becomes idle all the same.
PROPERTY(Lifetime, ATruncationMayPreemptAPinAnywhere,
         "a truncation between any two steps of a pin frees no pinned block",
         "mm/gup.c: gup_fast_pte_range(), the re-check of the PTE") {
  const Shape shape{.protocols = {ProtocolId::legacy},
                    .allowed = kinds({OpCode::pin, OpCode::fault}),
                    .threads_max = 1,
                    .files_max = 1,
                    .ops_max = 8,
                    .pins = Pins::momentary,
                    .prefix = Prefix::mapped};
  expect_holds(
      trial, shape,
      [](Program& program) -> std::string {
        const std::uint64_t steps = execute(program).steps;
        for (trace::Op& op : program.ops) op.thread = 1;
        program.ops.push_back({.code = OpCode::truncate});
        program.schedule = {
            .strategy = trace::Strategy::bytes, .seed = 0, .bytes = {}, .segments = {}};
        for (std::uint64_t at = 0; at <= steps; at++) {
          // Of two threads that can run: the second `at` times, then the first.
          program.schedule.bytes.assign(at, 1);
          program.schedule.bytes.resize(at + steps, 0);
          const std::string why = passes(program);
          if (!why.empty()) return "truncated at step " + std::to_string(at) + ": " + why;
        }
        return "";
      },
      15);
}

// --- progress -------------------------------------------------------------------

// Threads race for everything. Left out: munmap (as above), write and invalidate,
// which drop the clean entry of a page that is pinned, and fsync, whose locked entry the
// scan goes past (recorded).
PROPERTY(Progress, LegacyEndsOnceAllPinsAreDropped,
         "racing threads all end once the pins are gone",
         "fs/xfs/xfs_file.c: xfs_break_dax_layouts(), Linux 6.12") {
  const Shape shape{
      .protocols = {ProtocolId::legacy},
      .allowed = kPinning | kFreeing |
                 kinds({OpCode::read, OpCode::fault, OpCode::mkwrite}),
      .threads_min = 2,
      .files_max = 2,
      .pins = Pins::dropped,
      .prefix = Prefix::mapped};
  expect_passes(trial, shape, 200);
}

// Each page is faulted or pinned once, so that nobody maps a page again while a
// layout breaker waits for it (idle-never-reached, recorded). No fsync, as above.
PROPERTY(Progress, UpstreamEndsOnceAllPinsAreDropped,
         "the same, where no page is mapped twice",
         "fs/dax.c: dax_break_layout()") {
  const Shape shape{.allowed = kPinning | kFreeing | kinds({OpCode::read, OpCode::fault}),
                    .threads_min = 2,
                    .files_max = 2,
                    .pins = Pins::dropped,
                    .prefix = Prefix::mapped,
                    .touch_pages_once = true};
  expect_passes(trial, shape, 200);
}

}  // namespace
}  // namespace daxfuzz::properties
