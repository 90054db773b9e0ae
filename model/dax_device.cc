// SPDX-License-Identifier: GPL-2.0-only
// The device below fs-dax, as far as it can refuse: pages whose memory is poisoned, who
// notices, and what makes them good again. Read next: dax_io.cc (a write that recovers),
// memory_failure.cc (how they become bad).
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {

// Port of dax_direct_access(), drivers/dax/super.c, Linux 6.12, with __pmem_direct_access(),
// drivers/nvdimm/pmem.c.
// Differs: the device is there and is one piece; a bad block is a page, so a piece in front
// of the first bad one needs no rounding. Who asks has blocks of the device.
// Yields: nowhere: what is done with the answer is a step of its own.
std::int64_t dax_direct_access(std::uint64_t pfn, std::uint64_t pages, dax_access_mode mode) {
  const Pmem& pmem = world().pmem;
  CHECK(pages > 0 && pfn + pages <= block_to_pfn(pmem.blocks()));
  for (std::uint64_t i = 0; i < pages; i++) {
    if (!pmem.bad(pfn + i)) continue;
    if (mode != DAX_RECOVERY_WRITE) return -EHWPOISON;
    return i == 0 ? 1 : static_cast<std::int64_t>(i);
  }
  return static_cast<std::int64_t>(pages);
}

// Port of dax_mem2blk_err(), include/linux/dax.h, Linux 6.12.
// Differs: nothing.
// Yields: nowhere.
int dax_mem2blk_err(int err) { return err == -EHWPOISON ? -EIO : err; }

// Port of pmem_do_write(), drivers/nvdimm/pmem.c, Linux 6.12: of a page of zeroes, for
// dax_zero_page_range() and for blkdev_issue_zeroout().
// Differs: poison can always be cleared.
// Yields: nowhere; the caller does, before.
void pmem_write_zeroes(std::uint64_t pfn) {
  world().pmem.set_bad(pfn, false);
  world().pmem.store(pfn, 0);
  world().pmem.write_back(pfn);
}

// Port of pmem_clear_poison(), drivers/nvdimm/pmem.c, Linux 6.12: pmem_clear_bb().
// Differs: poison can always be cleared; PG_hwpoison of a page of the device has no reader
// but this, so there is none.
// Yields: nowhere.
void pmem_clear_poison(std::uint64_t pfn, std::uint64_t pages) {
  for (std::uint64_t i = 0; i < pages; i++) world().pmem.set_bad(pfn + i, false);
}

}  // namespace daxfuzz::kernel
