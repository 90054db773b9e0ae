// SPDX-License-Identifier: GPL-2.0-only
// Zeroing a range of a file in place: what truncation and hole punching leave of a page.
// Read next: xfs_file.cc (who asks), dax_io.cc (the copy around a CoW).
#include <algorithm>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

// Port of dax_memzero(), fs/dax.c, Linux 6.12 and 6.16, and 6.1's, which flushes what it has copied.
// Differs: nothing.
// Yields: before the bytes change, before the flush, and in the copy around.
int dax_memzero(const iomap_iter& iter, loff_t pos, loff_t size) {
  const loff_t page = pos_of(page_of(pos));
  LineMask lines = lines_of(page_of(pos), pos, pos + size);
  const std::uint64_t pfn = dax_iomap_pfn(iter.map, pos);
  const std::int64_t ret = dax_direct_access(pfn, 1, DAX_ACCESS);
  if (ret < 0) return dax_mem2blk_err(static_cast<int>(ret));
  sched::yield_point("memzero");
  world().pmem.store(pfn, 0, lines);
  if (iter.map.shared) {
    const int err = dax_iomap_copy_around(iter, pos, size, PAGE_SIZE);
    if (err != 0 || protocol().cow_write != CowWrite::keeps) return err;
    lines = lines_of(page_of(pos), page, page + PAGE_SIZE);
  }
  sched::yield_point("dax_flush");
  world().pmem.write_back(pfn, lines);
  return 0;
}

// Port of dax_zero_iter(), fs/dax.c, Linux 6.12 and 6.16, and 6.1's, which invalidates nothing.
// Differs: nothing.
// Yields: in the invalidation, and before each page changes.
void dax_zero_iter(iomap_iter& iter, bool* did_zero) {
  const loff_t length = iter.length(), end = iter.pos + length;
  if (iter.source().type != IomapType::mapped) {  // reads as zero already
    iter.processed = length;
    return;
  }
  if (iter.map.shared && protocol().cow_write != CowWrite::keeps)
    (void)invalidate_inode_pages2_range(iter.file->i_mapping, page_of(iter.pos), page_of(end - 1));
  for (loff_t pos = iter.pos; pos < end;) {
    const loff_t size = std::min(PAGE_SIZE - pos % PAGE_SIZE, end - pos);
    if (size == PAGE_SIZE) {  // dax_zero_page_range()
      sched::yield_point("memzero");
      pmem_write_zeroes(dax_iomap_pfn(iter.map, pos));
    } else {
      iter.error = dax_memzero(iter, pos, size);
      if (iter.error != 0) return;
    }
    pos += size;
  }
  iter.processed = length;
  if (did_zero != nullptr) *did_zero = true;
}

}  // namespace

// Port of dax_zero_range(), fs/dax.c, Linux 6.12 and 6.16.
// Differs: nobody asks for a length of 0.
// Yields: in the mappings and the zeroing.
int dax_zero_range(inode& ip, loff_t pos, loff_t len, bool* did_zero) {
  Function function("dax_zero_range", ip.i_ino, static_cast<std::int64_t>(pos),
                    static_cast<std::int64_t>(len));
  CHECK(len > 0);
  iomap_iter iter{.file = &ip, .pos = pos, .len = len, .flags = IOMAP_ZERO};
  const auto byte = [&ip](loff_t p) { return FileByte{ip.i_ino, static_cast<std::uint32_t>(p)}; };
  for (loff_t p = pos; p < pos + len; p++) world().observer.write_begin(byte(p), 0);
  int ret = 0;
  while ((ret = iomap_next(iter)) > 0) dax_zero_iter(iter, did_zero);
  for (loff_t p = pos; p < iter.pos; p++) world().observer.write_end(byte(p), 0);
  return function.ret(ret);
}

// Port of dax_truncate_page(), fs/dax.c, Linux 6.12.
// Differs: nothing.
// Yields: in dax_zero_range().
int dax_truncate_page(inode& ip, loff_t pos, bool* did_zero) {
  const loff_t off = pos % PAGE_SIZE;
  return off == 0 ? 0 : dax_zero_range(ip, pos, PAGE_SIZE - off, did_zero);
}

}  // namespace daxfuzz::kernel
