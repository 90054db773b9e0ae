// SPDX-License-Identifier: GPL-2.0-only
// Giving a range of a file blocks of its own: fallocate(2), FALLOC_FL_UNSHARE_RANGE. Read
// next: xfs_unshare.cc (who asks), dax_io.cc (the copy that a write(2) makes).
#include <algorithm>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of iomap_want_unshare_iter(), include/linux/iomap.h, Linux 6.12.
// Differs: nothing.
// Yields: nowhere.
bool iomap_want_unshare_iter(const iomap_iter& iter) {
  return iter.map.shared && iter.srcmap.length != 0 && iter.srcmap.type == IomapType::mapped;
}

// Port of dax_unshare_iter(), fs/dax.c, Linux 6.1 and 6.12 (since 6.2; 6.1 has it by 6.1.192).
// Differs: memory that goes bad after direct access is copied, there -EIO. Pages are copied
// through the cache, as there, nobody flushes them or marks an entry, and nobody looks at
// what the invalidation says.
// Yields: in the invalidation, and before each page is copied.
void dax_unshare_iter(iomap_iter& iter) {
  iter.processed = iter.length();
  if (!iomap_want_unshare_iter(iter)) return;
  const std::uint64_t first = page_of(iter.pos), last = page_of(iter.pos + iter.length() - 1);
  (void)invalidate_inode_pages2_range(iter.file->i_mapping, first, last);
  for (const iomap* map : {&iter.map, &iter.srcmap}) {
    const std::int64_t ret =
        dax_direct_access(dax_iomap_pfn(*map, pos_of(first)), last - first + 1, DAX_ACCESS);
    if (ret >= 0) continue;
    iter.processed = 0;
    iter.error = dax_mem2blk_err(static_cast<int>(ret));
    return;
  }
  for (std::uint64_t page = first; page <= last; page++) {
    sched::yield_point("copy_mc_to_kernel");
    const std::uint64_t from = dax_iomap_pfn(iter.srcmap, pos_of(page));
    const std::uint64_t to = dax_iomap_pfn(iter.map, pos_of(page));
    for (unsigned line = 0; line < kPageLines; line++)
      world().pmem.store(to, world().pmem.load(from, line), 1u << line);
  }
}

}  // namespace

// Port of dax_file_unshare(), fs/dax.c, Linux 6.1 and 6.12.
// Differs: nothing.
// Yields: before i_size is read; in the mappings and the copies.
int dax_file_unshare(inode& ip, loff_t pos, loff_t len) {
  Function function("dax_file_unshare", ip.i_ino, static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(len));
  const loff_t size = ip.i_size.read_once("i_size_read");
  if (pos >= size) return function.ret(0);
  iomap_iter iter{.file = &ip,
                  .pos = pos,
                  .len = std::min(len, size - pos),
                  .flags = IOMAP_WRITE | IOMAP_UNSHARE};
  int ret = 0;
  while ((ret = iomap_next(iter)) > 0) dax_unshare_iter(iter);
  return function.ret(ret);
}

}  // namespace daxfuzz::kernel
