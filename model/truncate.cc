// SPDX-License-Identifier: GPL-2.0-only
// mm/truncate.c on DAX mappings: taking entries out of a range, before blocks are
// freed (truncate) or after they changed (invalidate).
#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

constexpr std::size_t kBatch = 31;  // PAGEVEC_SIZE

// truncate_folio_batch_exceptionals(): from 6.15 on, breaking layouts has deleted them.
void delete_batch(address_space& mapping, std::span<const std::uint64_t> indices) {
  WARN_ON_ONCE(protocol().break_deletes, "warn-truncate-found-entry");
  for (const std::uint64_t index : indices) (void)dax_delete_mapping_entry(mapping, index);
}

// Port of truncate_inode_pages_range(), mm/truncate.c, Linux 6.1, 6.12 and 6.16: entries that lie
// within the range first, then those that it cuts, until none is left; 6.1 makes no difference.
// Differs: value entries only.
// Yields: at each look; in the deletes.
void truncate_inode_pages_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  Function function("truncate_inode_pages_range", mapping.host->i_ino,
                    static_cast<std::int64_t>(start), static_cast<std::int64_t>(last));
  if (xa_empty(mapping.i_pages)) return;
  std::array<std::uint64_t, kBatch> indices;
  for (std::uint64_t index = start;;) {  // find_lock_entries()
    sched::yield_point("find_entries");
    std::size_t nr = xa_present(mapping.i_pages, index, last, indices);
    if (nr == 0) break;
    const auto cut = [&](std::uint64_t i) {
      if (protocol().linux61) return false;
      const std::uint64_t first = mapping.i_pages.first(i);
      const std::uint64_t pages = std::uint64_t{1} << mapping.i_pages.slot(i).order;
      return first < start || (last != UINT64_MAX && first + pages - 1 > last);
    };
    const auto end = std::remove_if(indices.begin(), indices.begin() + nr, cut);
    nr = static_cast<std::size_t>(end - indices.begin());
    if (nr != 0) delete_batch(mapping, {indices.data(), nr});
  }
  for (std::uint64_t index = start;;) {  // find_get_entries()
    sched::yield_point("find_entries");
    const std::size_t nr = xa_present(mapping.i_pages, index, last, indices);
    if (nr != 0) {
      delete_batch(mapping, {indices.data(), nr});
    } else {
      if (index == start) return;
      index = start;
    }
  }
}

}  // namespace

// Port of truncate_inode_pages_final(), mm/truncate.c, Linux 6.12.
// Differs: nothing.
// Yields: on xa_lock; in truncate_inode_pages_range().
void truncate_inode_pages_final(address_space& mapping) {
  Function function("truncate_inode_pages_final", mapping.host->i_ino);
  mapping.exiting.init(true);
  if (!xa_empty(mapping.i_pages)) {
    mapping.i_pages.xa_lock.lock();
    mapping.i_pages.xa_lock.unlock();
  }
  truncate_inode_pages_range(mapping, 0, UINT64_MAX);
}

// Port of truncate_pagecache(), mm/truncate.c, Linux 6.12.
// Differs: from a page on.
// Yields: in what it calls.
void truncate_pagecache(inode& ip, std::uint64_t first) {
  Function function("truncate_pagecache", ip.i_ino, static_cast<std::int64_t>(first));
  unmap_mapping_pages(ip.i_mapping, first, 0, true);
  truncate_inode_pages_range(ip.i_mapping, first, UINT64_MAX);
  unmap_mapping_pages(ip.i_mapping, first, 0, true);
}

// Port of truncate_pagecache_range(), mm/truncate.c, Linux 6.12.
// Differs: nothing: the range is of whole pages at both callers.
// Yields: in what it calls.
void truncate_pagecache_range(inode& ip, std::uint64_t start, std::uint64_t last) {
  Function function("truncate_pagecache_range", ip.i_ino, static_cast<std::int64_t>(start));
  unmap_mapping_pages(ip.i_mapping, start, last - start + 1, false);
  truncate_inode_pages_range(ip.i_mapping, start, last);
}

// Port of invalidate_inode_pages2_range(), mm/truncate.c, Linux 6.1 and 6.12.
// Differs: value entries only. Entries go first, the range is unmapped after. 6.1 goes on behind
// the index at which it found the last one, and so asks a PMD that stays at each of its pages.
// Yields: at the looks; in the invalidations and the unmap.
int invalidate_inode_pages2_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  Function function("invalidate_inode_pages2_range", mapping.host->i_ino,
                    static_cast<std::int64_t>(start), static_cast<std::int64_t>(last));
  if (xa_empty(mapping.i_pages)) return function.ret(0);
  int ret = 0;
  std::array<std::uint64_t, kBatch> indices;
  for (std::uint64_t index = start;;) {
    sched::yield_point("find_entries");
    const std::size_t nr = xa_present(mapping.i_pages, index, last, indices);
    if (nr == 0) break;
    if (protocol().linux61) index = indices[nr - 1] + 1;
    for (std::size_t i = 0; i < nr; i++)
      if (dax_invalidate_mapping_entry_sync(mapping, indices[i]) == 0) ret = -EBUSY;
  }
  unmap_mapping_pages(mapping, start, last - start + 1, false);
  return function.ret(ret);
}

// Port of mapping_try_invalidate(), mm/truncate.c, Linux 6.12: what drop_caches does.
// Differs: value entries only. They are counted and stay: clear_shadow_entries() leaves
// those of DAX alone.
// Yields: at the looks.
std::uint64_t invalidate_mapping_pages(address_space& mapping, std::uint64_t start,
                                       std::uint64_t last) {
  Function function("mapping_try_invalidate", mapping.host->i_ino, static_cast<std::int64_t>(start),
                    static_cast<std::int64_t>(last));
  std::uint64_t count = 0;
  std::array<std::uint64_t, kBatch> indices;
  for (std::uint64_t index = start;;) {  // find_lock_entries()
    sched::yield_point("find_entries");
    const std::size_t nr = xa_present(mapping.i_pages, index, last, indices);
    if (nr == 0) break;
    count += nr;
  }
  return function.ret(count);
}

}  // namespace daxfuzz::kernel
