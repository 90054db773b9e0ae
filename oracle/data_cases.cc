// SPDX-License-Identifier: GPL-2.0-only
// Bytes that end up in the wrong place, and reads of what was never there. See
// cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

using kernel::Function;
using trace::ProtocolId;

constexpr kernel::FilePage kA0{0, 0}, kB0{1, 0};

void mapped_a(Bench& b) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
}

void read_what_nobody_wrote(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.world.pmem.store(kernel::block_to_pfn(0), 9);
  (void)kernel::xfs_file_read(b.file(0), kernel::pos_of(0), kernel::pos_of(1));
}

// The block became another file's, or nobody's, and the old page table entry stayed.
void store_into_foreign(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) {
    b.judge().block_unmapped(0, kA0);
    b.judge().block_mapped(0, kB0);
  }
  (void)b.store(0, 0, 2);
}

void store_into_freed(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) {
    b.judge().block_unmapped(0, kA0);
    b.judge().block_freed(0);
  }
  (void)b.store(0, 0, 2);
}

void pinned_a(Bench& b) {
  mapped_a(b);
  (void)b.pin(0, 0, 0, true, true);
}

void dma(Bench& b) {
  Function function("dma");
  b.judge().dma_wrote(0, 3);
}

void dma_into_foreign(Bench& b, bool broken) {
  pinned_a(b);
  if (broken) b.judge().block_mapped(0, kB0);
  dma(b);
}

void dma_into_freed(Bench& b, bool broken) {
  pinned_a(b);
  if (broken) {
    b.judge().block_unmapped(0, kA0);
    b.judge().block_freed(0);
  }
  dma(b);
}

void lose_content(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.world.pmem.store(kernel::block_to_pfn(0), 0);
  b.judge().quiescent();
}

// The mark went without the flush.
void fsync_skips(Bench& b, bool broken) {
  mapped_a(b);
  if (broken) b.file(0).i_mapping.i_pages.slots[0].marks = 0;
  (void)kernel::xfs_file_fsync(b.file(0), 0, UINT64_MAX);
}

void private_copy(Bench& b) {
  (void)kernel::xfs_file_write(b.file(0), 0, kernel::pos_of(4), 1);
  (void)kernel::do_mmap(b.world.mms[0], b.world.vmas[0], b.file(0), 0, 4, 0, 0);
  (void)b.store(0, 1, 2);
}

// Somebody wrote to the page of ordinary memory behind its owner's back.
void change_copy(Bench& b, bool broken) {
  private_copy(b);
  if (broken) b.world.pmem.store(kernel::kAnonPfn, 9);
  (void)b.load(0, 1);
}

// A busy scan that asked for private copies too, as 5.3 did.
void zap_copy(Bench& b, bool broken) {
  private_copy(b);
  kernel::unmap_mapping_pages(b.file(0).i_mapping, 0, 0, broken);
}

// Its own page, as it came from the allocator.
void map_unfilled_copy(Bench& b, bool broken) {
  private_copy(b);
  kernel::vm_fault vmf{.vma = &b.world.vmas[0], .address = b.world.vmas[0].start(), .pgoff = 0};
  vmf.cow_page = kernel::folio_prealloc();
  Function function("wp_page_copy");
  if (!broken) kernel::fill_cow_page(vmf, kernel::block_to_pfn(0));
  kernel::set_anon_pte(vmf, vmf.cow_page, true);
}

// SIGBUS for a page of the file; or beyond its end.
void refuse_fault(Bench& b, bool broken) {
  b.map(0, 0);
  if (!broken) b.file(0).i_size.init(0);
  Function function("handle_mm_fault");
  b.judge().fault_begin(kA0, false);
  b.judge().fault_end(true);
}

const Case kCases[] = {
    {"private-copy-changed", "user_access", ProtocolId::upstream, {}, change_copy},
    {"private-copy-unfilled", "wp_page_copy", ProtocolId::upstream, {}, map_unfilled_copy},
    {"private-copy-zapped", "unmap_mapping_pages", ProtocolId::upstream, {}, zap_copy},
    {"stale-read", "dax_iomap_rw", ProtocolId::upstream, {}, read_what_nobody_wrote},
    {"store-into-foreign-block", "user_access", ProtocolId::upstream, {}, store_into_foreign},
    {"store-into-freed-block", "user_access", ProtocolId::upstream, {}, store_into_freed},
    {"dma-into-foreign-block", "dma", ProtocolId::upstream, {}, dma_into_foreign},
    {"dma-into-freed-block", "dma", ProtocolId::upstream, {}, dma_into_freed},
    {"fault-refused", "handle_mm_fault", ProtocolId::upstream, {}, refuse_fault},
    {"fsync-skipped-page", "xfs_file_fsync", ProtocolId::upstream, {}, fsync_skips},
    {"file-content-lost", "quiescence", ProtocolId::upstream, {}, lose_content},
};

}  // namespace

std::span<const Case> data_cases() { return kCases; }

}  // namespace daxfuzz::oracle
