// SPDX-License-Identifier: GPL-2.0-only
// Blocks that are freed too early, and pages of free blocks that are handed out.
// See cases.h.
#include "oracle/cases.h"

#include <functional>

namespace daxfuzz::oracle {
namespace {

using kernel::Function;
using trace::ProtocolId;

// The kernel's own hole before 6.15: nothing is mapped any more, so the busy scan
// returns early and the truncation frees the block under the pin.
void truncate_under_pin(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)b.pin(0, 0, 0, true, true);
  (void)b.unmap(0);
  if (!broken) (void)b.unpin(0);
  (void)kernel::xfs_setattr_size(b.file(0), 0);
}

// A block goes back to the allocator as xfs_bunmapi() would give it.
void free_block(Bench& b, std::uint64_t block) {
  Function function("xfs_bunmapi");
  b.world.blocks.decrease(block);
}

void free_mapped(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)kernel::dax_delete_mapping_entry(b.file(0).i_mapping, 0);
  if (!broken) (void)b.unmap(0);
  free_block(b, 0);
}

void free_tracked(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)b.unmap(0);
  if (!broken) (void)kernel::dax_delete_mapping_entry(b.file(0).i_mapping, 0);
  free_block(b, 0);
}

void pin_free(Bench& b, bool broken) {
  if (!broken) (void)b.world.blocks.allocate(1, false);
  Function function("gup_fast_pte_range");
  b.judge().pin_taken(0, kernel::block_to_pfn(0), {0, 0}, true, true);
}

void map_free(Bench& b, bool broken) {
  b.map(0, 0);
  if (!broken) (void)b.world.blocks.allocate(1, false);
  Function function("insert_pfn");
  b.judge().pte_set({.mm = 0, .address = 0, .where = {0, 0}}, kernel::block_to_pfn(0), false, 1);
}

// A block that an error path has taken and given to no fork.
void leak_block(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  if (broken) (void)b.world.blocks.allocate(1, false);
  b.judge().quiescent();
}

// An inode goes, and its CoW fork had a block for a write that never came.
void forget_cow_fork(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)b.unmap(0);
  b.file(0).cow_fork[1] = {b.world.blocks.allocate(1, false).block, true};
  if (!broken) (void)kernel::iput_final(b.file(0), false);
  Function function("xfs_inactive");
  b.judge().inode_gone(0, false);
}

// An unlinked inode goes, and its data is there still.
void forget_data_fork(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)b.unmap(0);
  if (!broken) (void)kernel::iput_final(b.file(0), true);
  Function function("xfs_inactive");
  b.judge().inode_gone(0, true);
}

// A recovery finds as many free blocks as the device has, or one that it has not.
void find_free_blocks(Bench& b, bool broken) {
  b.world.blocks.recover(sched::RunVector<std::uint16_t>(b.world.geometry.blocks + (broken ? 1u : 0u)));
  b.judge().quiescent();
}

// A failure is over although the page is still mapped; a process loses its page to it in
// silence.
void fail_mapped_page(Bench& b, const std::function<void()>& meanwhile) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  b.world.pmem.set_bad(kernel::block_to_pfn(0), true);
  Function function("memory_failure");
  b.judge().memory_failure_begin(0);
  b.judge().killed(0, {0, 0});
  meanwhile();
  b.judge().memory_failure_end(0, 0);
}

// Mapped all the time; or so, but made good by who writes all of it.
void keep_poison(Bench& b, bool broken) {
  fail_mapped_page(b, [&] {
    if (!broken) b.world.pmem.set_bad(kernel::block_to_pfn(0), false);
  });
}

// A fault maps a page after its failure; or after it was made good.
void map_poison(Bench& b, bool broken) {
  fail_mapped_page(b, [&b] { (void)b.unmap(0); });
  if (!broken) b.world.pmem.set_bad(kernel::block_to_pfn(0), false);
  b.map(0, 0);
  Function function("insert_pfn");
  b.judge().pte_set({.mm = 0, .address = 0, .where = {0, 0}}, kernel::block_to_pfn(0), false, 1);
}

void kill_in_silence(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  Function function("memory_failure");
  b.judge().memory_failure_begin(0);
  (void)b.unmap(0);
  if (!broken) b.judge().killed(0, {0, 0});
  b.judge().memory_failure_end(0, 0);
}

// A write(2) over a bad page returned; before or after its memory failed.
void write_over(Bench& b, bool broken, sched::Label writer) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  if (broken) b.world.pmem.set_bad(kernel::block_to_pfn(0), true);
  Function function(writer);
  for (const std::uint32_t pos : {0u, 1u}) b.judge().write_begin({0, pos}, 2);
  if (!broken) b.world.pmem.set_bad(kernel::block_to_pfn(0), true);
  for (const std::uint32_t pos : {0u, 1u}) b.judge().write_end({0, pos}, 2);
}

void write_over_poison(Bench& b, bool broken) { write_over(b, broken, "xfs_file_dax_write"); }
void zero_over_poison(Bench& b, bool broken) { write_over(b, broken, "dax_zero_range"); }

// A file gets a block for data; its memory failed before that, and nobody zeroed it, or after.
void get_poison(Bench& b, bool broken) {
  if (broken) b.world.pmem.set_bad(kernel::block_to_pfn(0), true);
  const kernel::Extent found = b.world.blocks.allocate(1, false);
  kernel::xfs_bmap_map(b.file(0), 0, {found.block, false});
  if (!broken) b.world.pmem.set_bad(kernel::block_to_pfn(0), true);
  b.judge().quiescent();
}

constexpr const trace::Geometry& kNoPmd = kernel::testing::kNoPmd;

const Case kCases[] = {
    {"freed-block-pinned", "xfs_bunmapi", ProtocolId::legacy, {}, truncate_under_pin},
    {"freed-block-mapped", "xfs_bunmapi", ProtocolId::legacy, {}, free_mapped},
    {"freed-block-tracked", "xfs_bunmapi", ProtocolId::upstream, {}, free_tracked},
    {"block-count-mismatch", "quiescence", ProtocolId::upstream, {}, leak_block},
    {"block-leaked", "xfs_inactive", ProtocolId::upstream, {}, forget_cow_fork},
    {"block-leaked", "xfs_inactive", ProtocolId::upstream, {}, forget_data_fork, kNoPmd, "the data fork"},
    {"block-leaked", "quiescence", ProtocolId::upstream, {}, find_free_blocks, kNoPmd, "can be had"},
    {"pinned-free-block", "gup_fast_pte_range", ProtocolId::upstream, {}, pin_free},
    {"mapped-free-block", "insert_pfn", ProtocolId::legacy, {}, map_free},
    {"poison-still-mapped", "memory_failure", ProtocolId::upstream, {}, keep_poison},
    {"poison-mapped-anew", "insert_pfn", ProtocolId::upstream, {}, map_poison},
    {"poison-outlives-write", "xfs_file_dax_write", ProtocolId::upstream, {}, write_over_poison},
    {"poison-outlives-write", "dax_zero_range", ProtocolId::upstream, {}, zero_over_poison, kNoPmd, "is bad"},
    {"poison-outlives-write", "quiescence", ProtocolId::upstream, {}, get_poison, kNoPmd, "is bad"},
    {"poison-not-told", "memory_failure", ProtocolId::upstream, {}, kill_in_silence},
};

}  // namespace

std::span<const Case> lifetime_cases() { return kCases; }

}  // namespace daxfuzz::oracle
