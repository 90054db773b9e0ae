// SPDX-License-Identifier: GPL-2.0-only
// mm/truncate.c on DAX mappings: taking entries out of a range, before blocks are
// freed (truncate) or after they changed (invalidate).
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// find_lock_entries() / find_get_entries(): the indices of what is there now, read
// under RCU, without xa_lock (xa_present()).
struct EntryBatch {
  std::array<std::uint64_t, trace::kFilePagesMax> indices{};
  std::size_t nr = 0;
};

EntryBatch find_entries(const address_space& mapping, std::uint64_t start, std::uint64_t last) {
  sched::yield_point("find_entries");
  EntryBatch batch;
  batch.nr = xa_present(mapping.i_pages, start, last, batch.indices);
  return batch;
}

// Port of truncate_inode_pages_range(), mm/truncate.c, Linux 6.12 and 6.16.
// Differs: value entries only.
// Yields: at each look; in the deletes.
void truncate_inode_pages_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  Function function("truncate_inode_pages_range", mapping.host->i_ino,
                    static_cast<std::int64_t>(start), static_cast<std::int64_t>(last));
  if (xa_empty(mapping.i_pages)) return;
  for (;;) {
    const EntryBatch batch = find_entries(mapping, start, last);
    if (batch.nr == 0) return;
    // truncate_folio_batch_exceptionals(): from 6.15 on, breaking layouts has deleted them.
    WARN_ON_ONCE(protocol().break_deletes, "warn-truncate-found-entry");
    for (std::size_t i = 0; i < batch.nr; i++)
      (void)dax_delete_mapping_entry(mapping, batch.indices[i]);
  }
}

}  // namespace

// Port of truncate_pagecache_range(), mm/truncate.c, Linux 6.12; truncate_pagecache()
// with last = UINT64_MAX.
// Differs: the second unmap, for private pages only, is left out: there are none.
// Yields: in what it calls.
void truncate_pagecache_range(inode& ip, std::uint64_t start, std::uint64_t last) {
  Function function("truncate_pagecache_range", ip.i_ino, static_cast<std::int64_t>(start));
  unmap_mapping_pages(ip.i_mapping, start, last == UINT64_MAX ? 0 : last - start + 1,
                      last == UINT64_MAX);
  truncate_inode_pages_range(ip.i_mapping, start, last);
}

// Port of invalidate_inode_pages2_range(), mm/truncate.c, Linux 6.12.
// Differs: value entries only. Entries go first, the range is unmapped after.
// Yields: at the looks; in the invalidations and the unmap.
int invalidate_inode_pages2_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  Function function("invalidate_inode_pages2_range", mapping.host->i_ino,
                    static_cast<std::int64_t>(start), static_cast<std::int64_t>(last));
  if (xa_empty(mapping.i_pages)) return function.ret(0);
  int ret = 0;
  const EntryBatch batch = find_entries(mapping, start, last);
  for (std::size_t i = 0; i < batch.nr; i++)
    if (dax_invalidate_mapping_entry_sync(mapping, batch.indices[i]) == 0) ret = -EBUSY;
  unmap_mapping_pages(mapping, start, last - start + 1, false);
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
