// SPDX-License-Identifier: GPL-2.0-only
// Before blocks are shared: flush both ranges and, if the two files may be shared only as
// far as they are equal, compare them. Read next: xfs_reflink.cc (who asks).
#include <algorithm>
#include <cerrno>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of dax_range_compare_iter(), fs/dax.c, Linux 6.1 and 6.12: how much is equal, or -EIO.
// Differs: up to 6.16-rc1 (6.12 has it mended by 6.12.117) memory is asked for from pos on as if it began
// at 0, so that bad memory behind the range is -EIO there as well. Holes are told by their
// type, unwritten extents are not: their blocks are compared, as there.
// Yields: before each page is compared.
std::int64_t dax_range_compare_iter(const iomap_iter& src, const iomap_iter& dest, bool* same) {
  const loff_t len =
      std::min({src.len, dest.len, src.map.length, dest.map.length});
  CHECK(len > 0);
  const bool hole = src.map.type == IomapType::hole, hole2 = dest.map.type == IomapType::hole;
  *same = hole && hole2;
  if (hole || hole2) return *same ? static_cast<std::int64_t>(len) : 0;
  for (const iomap_iter* iter : {&src, &dest}) {
    const std::uint64_t pages = page_of(iter->pos % PAGE_SIZE + len + PAGE_SIZE - 1);
    if (dax_direct_access(dax_iomap_pfn(iter->map, iter->pos), pages, DAX_ACCESS) < 0) return -EIO;
  }
  *same = true;
  for (loff_t done = 0; done < len; done++) {
    const loff_t pos = src.pos + done, pos2 = dest.pos + done;
    if (done % PAGE_SIZE == 0) sched::yield_point("memcmp");
    const auto line = static_cast<unsigned>(pos % PAGE_SIZE);
    const auto line2 = static_cast<unsigned>(pos2 % PAGE_SIZE);
    if (world().pmem.load(dax_iomap_pfn(src.map, pos), line) !=
        world().pmem.load(dax_iomap_pfn(dest.map, pos2), line2))
      *same = false;
  }
  return *same ? static_cast<std::int64_t>(len) : 0;
}

// Before 6.2 the source stays where it is while the destination goes on: each of its extents is
// compared with the first of the source, and what follows that with nothing.
int compare_with_first(iomap_iter& src_iter, iomap_iter& dest_iter, bool* same) {
  int ret = iomap_next(src_iter);
  CHECK(ret > 0);  // to map for a look cannot fail
  while ((ret = iomap_next(dest_iter)) > 0) {
    const std::int64_t compared = dax_range_compare_iter(src_iter, dest_iter, same);
    if (compared < 0) return static_cast<int>(compared);
    dest_iter.processed = static_cast<loff_t>(compared);
  }
  return ret;
}

// Port of dax_dedupe_file_range_compare(), fs/dax.c, Linux 6.1 and 6.12.
// Differs: nothing. When memory is bad it returns what iomap_iter() did, 1, as there.
// Yields: in the mappings and the compare.
int dax_dedupe_file_range_compare(inode& src, loff_t from, inode& dest, loff_t to, loff_t len,
                                  bool* same) {
  Function function("dax_dedupe_file_range_compare", src.i_ino, dest.i_ino,
                    static_cast<std::int64_t>(len));
  iomap_iter src_iter{.file = &src, .pos = from, .len = len};
  iomap_iter dest_iter{.file = &dest, .pos = to, .len = len};
  int ret = 0;
  if (protocol().linux61)
    return function.ret(compare_with_first(src_iter, dest_iter, same));
  while ((ret = iomap_next(src_iter)) > 0 && (ret = iomap_next(dest_iter)) > 0) {
    const std::int64_t compared = dax_range_compare_iter(src_iter, dest_iter, same);
    if (compared < 0) return function.ret(ret);
    src_iter.processed = dest_iter.processed = static_cast<loff_t>(compared);
  }
  return function.ret(ret);
}

}  // namespace

// Port of dax_remap_file_range_prep(), fs/dax.c, Linux 6.12, with
// __generic_remap_file_range_prep() and generic_remap_checks(), fs/remap_range.c.
// Differs: ranges are of whole pages, so none is shortened.
// Yields: in the flushes and the compare.
int dax_remap_file_range_prep(inode& src, loff_t from, inode& dest, loff_t to, loff_t len,
                              bool dedupe) {
  CHECK(len > 0 && len % PAGE_SIZE == 0);
  if (from + len > src.i_size.peek()) return -EINVAL;
  if (dedupe && to + len > dest.i_size.peek()) return -EINVAL;
  if (&src == &dest && from < to + len && to < from + len) return -EINVAL;
  int ret = filemap_write_and_wait_range(src.i_mapping, page_of(from), page_of(from + len - 1));
  if (ret == 0)
    ret = filemap_write_and_wait_range(dest.i_mapping, page_of(to), page_of(to + len - 1));
  if (ret != 0 || !dedupe) return ret;
  bool same = false;
  ret = dax_dedupe_file_range_compare(src, from, dest, to, len, &same);
  if (ret != 0) return ret;
  return same ? 0 : -EBADE;
}

}  // namespace daxfuzz::kernel
