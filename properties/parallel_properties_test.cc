// SPDX-License-Identifier: GPL-2.0-only
// What threads may see of each other, and that they end: linearizability against the file model,
// progress, commutation, what is left when all is taken down. All fixes are in. What the kernel does
// not promise is not drawn; README.md lists it.
#include <algorithm>

#include "properties/file_model.h"
#include "properties/machine.h"
#include "properties/parallel.h"

namespace daxfuzz::properties {
namespace {

using exec::Execution;
using trace::Op;
using trace::OpCode;
using trace::Program;
using trace::ProtocolId;

// --- linearizability -----------------------------------------------------------------------

// Of single pages, for a load does not wait for a write(2) that is in another page by now.
constexpr Kinds kOnePage = kinds({OpCode::read, OpCode::write, OpCode::fault, OpCode::punch, OpCode::zero,
                                  OpCode::fsync, OpCode::writeback, OpCode::break_layout, OpCode::pin});

ParallelShape one_page(std::vector<ProtocolId> protocols, Kinds allowed, int files) {
  return {.shape = {.protocols = std::move(protocols),
                    .allowed = allowed,
                    .threads_min = 2,
                    .threads_max = 4,
                    .files_max = files,
                    .blocks_min = 32,
                    .blocks_max = 32,
                    .pins = Pins::momentary,
                    .prefix = Prefix::mapped},
          .before = kinds({OpCode::write, OpCode::fault, OpCode::punch}),
          .after = reads_of_all,
          .apart = [](Op& op) {
            // Two pages, one of them more often: a history of those who do not meet has an order anyway.
            op.page = op.page % 3 == 2 ? 1 : 0;
            op.page2 = op.page2 % 3 == 2 ? 1 : 0;
            if (op.code != OpCode::truncate) op.len = 1;
            op.pin = op.thread;
          }};
}

PROPERTY(Linearizable, UpstreamReadsWritesAndMappings,
         "read(2), write(2), loads and stores of a page, hole punching and zeroing happen in some order",
         "Documentation/filesystems/dax.rst: coherence; fs/xfs/xfs_file.c: IOLOCK and MMAPLOCK") {
  expect_in_parallel(trial, one_page({ProtocolId::upstream}, kOnePage, 1), 0, linearizes, 60);
}

PROPERTY(Linearizable, LegacyReadsWritesAndMappings, "the same of Linux 6.2..6.14",
         "fs/dax.c, Linux 6.12: entry lock; fs/xfs/xfs_file.c: IOLOCK and MMAPLOCK") {
  expect_in_parallel(trial, one_page({ProtocolId::legacy}, kOnePage, 1), 0, linearizes, 60);
}

PROPERTY(Linearizable, ReadsWritesAndMappingsOf71, "and of Linux 7.1",
         "Linux 7.1: fs/dax.c: entry lock, dax_folio_reset_order(); fs/xfs/xfs_file.c: IOLOCK and MMAPLOCK") {
  expect_in_parallel(trial, one_page({ProtocolId::upstream71}, kOnePage, 1), 0, linearizes, 60);
}

PROPERTY(Linearizable, CollapsesAmongStores, "so do preallocations and collapses, which move all that is behind",
         "fs/xfs/xfs_file.c: xfs_falloc_collapse_range() under IOLOCK and MMAPLOCK, after xfs_break_layouts()") {
  ParallelShape shape = one_page(
      {ProtocolId::legacy, ProtocolId::upstream, ProtocolId::upstream71},
      kinds({OpCode::read, OpCode::write, OpCode::fault, OpCode::alloc, OpCode::collapse, OpCode::pin}), 1);
  expect_in_parallel(trial, shape, 0, linearizes, 60);
}

PROPERTY(Linearizable, TruncationsAmongReadsAndMappings, "so do truncations, and what is beyond the end is a SIGBUS",
         "fs/xfs/xfs_iops.c: xfs_setattr_size(); fs/dax.c: dax_iomap_pte_fault(), the look at i_size") {
  expect_in_parallel(trial,
                     one_page({ProtocolId::legacy, ProtocolId::upstream},
                              kinds({OpCode::read, OpCode::write, OpCode::fault, OpCode::truncate}), 1),
                     0, linearizes, 60);
}

PROPERTY(Linearizable, ClonesAmongStores, "so do clones of a page and what takes them apart again",
         "fs/xfs/xfs_reflink.c: xfs_reflink_remap_prep(), XFS_IREMAPPING; fs/xfs/xfs_iomap.c: CoW") {
  expect_in_parallel(trial,
                     one_page({ProtocolId::legacy, ProtocolId::upstream},
                              kinds({OpCode::read, OpCode::write, OpCode::fault, OpCode::reflink, OpCode::unshare}), 2),
                     0, linearizes, 60);
}

// --- progress --------------------------------------------------------------------------------

ParallelShape everything(ProtocolId protocol) {
  return {.shape = {.protocols = {protocol},
                    .allowed = kSystemCalls & ~kinds({OpCode::unpin}),
                    .threads_min = 2,
                    .threads_max = 4,
                    .files_max = 2,
                    .blocks_min = 8,
                    .blocks_max = 24,
                    .pins = Pins::dropped,
                    .prefix = Prefix::mapped,
                    .edges = true,
                    .private_maps = true,
                    .large = true},
          .before = kSystemCalls & ~kinds({OpCode::pin, OpCode::unpin})};
}

PROPERTY(Progress, UpstreamEndsWhateverIsDone, "every waiter ends once the pins are gone, whatever faults do meanwhile",
         "fs/dax.c: dax_break_layout(), dax_wake_entry(); mm/memremap.c: free_zone_device_folio()") {
  expect_in_parallel(trial, everything(ProtocolId::upstream), exec::kCheckWakeup, all_end);
}

PROPERTY(Progress, LegacyEndsWhateverIsDone, "the same of Linux 6.2..6.14",
         "fs/xfs/xfs_file.c, Linux 6.12: xfs_break_dax_layouts(); mm/memremap.c: __put_devmap_managed_folio_refs()") {
  expect_in_parallel(trial, everything(ProtocolId::legacy), exec::kCheckWakeup, all_end);
}

PROPERTY(Progress, Linux71EndsWhateverIsDone, "the same of Linux 7.1", "Linux 7.1: fs/dax.c: dax_break_layout()") {
  expect_in_parallel(trial, everything(ProtocolId::upstream71), exec::kCheckWakeup, all_end, 50);
}

// --- commutation -------------------------------------------------------------------------------

constexpr std::uint16_t kOwnPages = 2;

// Thread t has pages 2t and 2t+1 of file a and no others.
ParallelShape own_pages(int threads_max) {
  return {.shape = {.protocols = kFixed,
                    .allowed = kinds({OpCode::read, OpCode::write, OpCode::fault, OpCode::mkwrite, OpCode::punch,
                                      OpCode::zero, OpCode::fsync, OpCode::writeback, OpCode::pin}),
                    .threads_min = 2,
                    .threads_max = threads_max,
                    .files_max = 1,
                    .blocks_min = 32,
                    .blocks_max = 32,
                    .pins = Pins::momentary,
                    .prefix = Prefix::mapped,
                    .large = true},
          .before = kinds({OpCode::fsync}),
          .last =
              [](std::uint8_t thread) {
                std::vector<Op> reads;
                for (std::uint16_t page = 0; page < kOwnPages; page++)
                  reads.push_back({.code = OpCode::read,
                                   .thread = thread,
                                   .page = static_cast<std::uint16_t>(page + kOwnPages * thread),
                                   .len = 1});
                return reads;
              },
          .apart = [](Op& op) {
            op.page = static_cast<std::uint16_t>(op.page % kOwnPages + kOwnPages * op.thread);
            op.len = static_cast<std::uint16_t>(1 + op.len % (kOwnPages - op.page % kOwnPages));
            op.pin = op.thread;
            // mkwrite does nothing where a page is not mapped, which others have a hand in.
            if (op.code == OpCode::mkwrite) op.code = OpCode::fault, op.access = trace::Access::write;
          }};
}

// As the threads would one after another.
std::vector<std::int64_t> one_by_one(const Program& program) { return file_model_results(program); }

PROPERTY(Commutation, OfDisjointRangesOfOneFile, "who uses other pages of a file than the others does not see them",
         "fs/xfs/xfs_file.c: ranges of read(2), write(2) and fallocate(2); fs/dax.c: an entry a page") {
  expect_in_parallel(
      trial, own_pages(4), 0,
      [](const Parallel& parallel, const Execution& execution) {
        return result_difference(parallel.program, one_by_one(parallel.program), execution.results);
      },
      60);
}

PROPERTY(Commutation, AReaderIsNotSeen, "a thread that only reads changes nothing for those who have their own pages",
         "fs/dax.c: dax_iomap_iter(); fs/xfs/xfs_file.c: IOLOCK shared") {
  ParallelShape shape = own_pages(3);
  const auto apart = shape.apart;
  // T1 reads all pages, be they whose they may.
  shape.apart = [apart](Op& op) {
    if (op.thread != 1) return apart(op);
    op = {.code = op.code == OpCode::fault ? OpCode::fault : OpCode::read, .thread = 1, .page = op.page, .len = 1};
  };
  expect_in_parallel(
      trial, shape, 0,
      [](const Parallel& parallel, const Execution& execution) -> std::string {
        const std::vector<std::int64_t> expected = one_by_one(parallel.program);
        for (std::size_t i = 0; i < expected.size(); i++)
          if (parallel.program.ops[i].thread != 1 && execution.results[i] != expected[i])
            return "op " + std::to_string(i) + " returned " + std::to_string(execution.results[i]) +
                   ", without the reader " + std::to_string(expected[i]);
        return "";
      },
      60);
}

// --- conservation ----------------------------------------------------------------------------------

PROPERTY(Conservation, CountsComeBackToTheirBase,
         "when all is unmapped and unpinned every count is what its holders make it, and nothing is associated "
         "with nobody",
         "mm/memremap.c: free_zone_device_folio(); fs/dax.c: dax_folio_put()") {
  ParallelShape shape = everything(ProtocolId::upstream);
  shape.shape.protocols = kFixed;
  expect_in_parallel(trial, shape, exec::kCheckReference | exec::kCheckAssociation | exec::kCheckWarn, all_end);
}

PROPERTY(Conservation, NoBlockInUseIsGivenAway,
         "whatever threads do no block is freed or given away while somebody has it",
         "fs/dax.c: dax_layout_busy_page_range(), its comment on get_user_pages_fast()") {
  ParallelShape shape = everything(ProtocolId::upstream);
  shape.shape.protocols = kFixed;
  expect_in_parallel(trial, shape, exec::kCheckLifetime | exec::kCheckData, all_end);
}

// Unmaps, unpins, removes all, and then needs every block that there is. Reads come first: who waits for
// another by spinning lets T0 make a step.
std::vector<Op> teardown(const Program& program) {
  std::vector<Op> ops(8, {.code = OpCode::read, .len = 1});
  for (std::uint8_t map = 0; map < 3; map++) ops.push_back({.code = OpCode::munmap, .map = map});
  for (std::uint8_t pin = 0; pin < 3; pin++) ops.push_back({.code = OpCode::unpin, .pin = pin});
  for (std::uint8_t file = 0; file < trace::kFilesMax && file < program.geometry.files; file++)
    ops.push_back({.code = OpCode::unlink, .file = file});
  for (std::uint8_t file = 0; file < 2; file++)
    ops.push_back({.code = OpCode::write, .file = file, .len = kFilePages, .value = 1});
  return ops;
}

PROPERTY(Conservation, EveryBlockComesBack, "when all files are removed every block can be had again",
         "fs/xfs/xfs_inode.c: xfs_inactive(); fs/xfs/xfs_reflink.c: xfs_reflink_cancel_cow_range()") {
  ParallelShape shape = everything(ProtocolId::upstream);
  shape.shape.protocols = kFixed;
  shape.shape.blocks_min = shape.shape.blocks_max = 2 * kFilePages;
  shape.shape.pins = Pins::momentary;
  shape.after = teardown;
  // A fork's copies of mappings would keep a file in use.
  shape.shape.allowed &= ~kinds({OpCode::fork});
  shape.before &= ~kinds({OpCode::fork});
  expect_in_parallel(trial, shape, 0, [](const Parallel& parallel, const Execution& execution) {
    std::string why = all_end(parallel, execution);
    for (std::size_t i = parallel.program.ops.size() - 4; i < parallel.program.ops.size() && why.empty(); i++)
      if (execution.results[i] != 0)
        why = "at the end op " + std::to_string(i) + " returned " + std::to_string(execution.results[i]);
    return why;
  });
}

}  // namespace
}  // namespace daxfuzz::properties
