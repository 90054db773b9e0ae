// SPDX-License-Identifier: GPL-2.0-only
// Crashes that take more than they may. See cases.h.
#include "oracle/cases.h"

namespace daxfuzz::oracle {
namespace {

using trace::ProtocolId;

// The second fsync returns and has flushed nothing.
void broken_promise(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  (void)kernel::xfs_file_fsync(b.file(0), 0, UINT64_MAX);
  (void)b.store(0, 0, 2);
  if (broken) {
    b.judge().fsync_begin(0, 0, UINT64_MAX);
    b.judge().fsync_end(0);
  } else {
    (void)kernel::xfs_file_fsync(b.file(0), 0, UINT64_MAX);
  }
  kernel::power_failure();
}

// A block is given to a file with what its last owner left there.
void foreign_data(Bench& b, bool broken) {
  b.map(0, 0);
  (void)b.store(0, 0, 1);
  if (broken) {
    b.world.pmem.store(b.pte(0, 0) >> 8, 9);
    b.world.pmem.write_back(b.pte(0, 0) >> 8);
  }
  kernel::xfs_log_force();
  kernel::power_failure();
}

// The page may be written, and the block that it is was never forced into the file.
void lost_place(Bench& b, bool broken) {
  CHECK(kernel::xfs_setattr_size(b.file(0), kernel::pos_of(4)) == 0);
  const std::uint8_t flags = kernel::VM_SHARED | kernel::VM_SYNC;
  CHECK(do_mmap(b.world.mms[0], b.world.vmas[0], b.file(0), 0, 4, flags, 0) == 0);
  if (broken) {
    kernel::vm_area_struct& vma = b.world.vmas[0];
    vma.vm_flags.init(kernel::VM_SHARED);
    (void)b.store(0, 0, 1);
    vma.vm_flags.init(flags);
  } else {
    (void)b.store(0, 0, 1);
  }
  kernel::power_failure();
}

const Case kCases[] = {
    {"fsync-promise-broken", "user_access", ProtocolId::upstream, {}, broken_promise},
    {"crash-exposes-foreign-data", "power_failure", ProtocolId::upstream, {}, foreign_data},
    {"map-sync-metadata-lost", "xfs_direct_write_iomap_begin", ProtocolId::upstream, {}, lost_place},
};

}  // namespace

std::span<const Case> persistence_cases() { return kCases; }

}  // namespace daxfuzz::oracle
