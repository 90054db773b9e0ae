// SPDX-License-Identifier: GPL-2.0-only
// Writing a file's range back, as its callers ask for it (mm/filemap.c). Read next:
// dax_writeback.cc.
#include <algorithm>

#include "model/dax.h"
#include "model/world.h"

namespace daxfuzz::kernel {
namespace {

bool tagged_dirty(const address_space& mapping) {
  const sched::HarnessScope scope;  // the kernel reads one word, the root's flags
  return std::ranges::any_of(mapping.i_pages.slots, [](const xarray::Slot& slot) {
    return (slot.marks & PAGECACHE_TAG_DIRTY) != 0;
  });
}

}  // namespace

// Port of mapping_tagged(), include/linux/fs.h, Linux 6.12: the mark of the root.
// Differs: asked for PAGECACHE_TAG_DIRTY only.
// Yields: before it looks, without the lock.
bool mapping_tagged(const address_space& mapping) {
  sched::yield_point("mapping_tagged");
  return tagged_dirty(mapping);
}

// Port of filemap_write_and_wait_range(), mm/filemap.c, Linux 6.12, with
// filemap_fdatawrite_wbc(): entries that are marked TOWRITE alone wait for one that is DIRTY.
// Differs: nothing.
// Yields: before the look at the marks; in the writeback.
int filemap_write_and_wait_range(address_space& mapping, std::uint64_t start, std::uint64_t last) {
  CHECK(start <= last);
  return mapping_tagged(mapping) ? dax_writeback_mapping_range(mapping, start, last) : 0;
}

// Port of __writeback_single_inode(), fs/fs-writeback.c, Linux 6.12: the flusher comes by. It
// writes nothing, dax_writeback_mapping_range() does for WB_SYNC_ALL only.
// Differs: of i_state it has I_DIRTY_PAGES only; it comes when an unshare begins, by no timer.
// Yields: nowhere.
void writeback_single_inode(inode& ip) {
  const sched::HarnessScope scope;  // a word of flags there
  ip.i_dirty_pages = ip.i_dirty_pages && tagged_dirty(ip.i_mapping);
}

// Port of writeback_inodes_sb(), fs/fs-writeback.c, Linux 6.12: every file of the file system.
// Differs: as __writeback_single_inode().
// Yields: nowhere.
void writeback_inodes_sb() {
  for (inode& ip : world().inodes) writeback_single_inode(ip);
}

// Of a whole file: entries only, no inode and no log.
int filemap_write_and_wait(inode& ip) {
  Function function("filemap_write_and_wait", ip.i_ino);
  return function.ret(filemap_write_and_wait_range(ip.i_mapping, 0, UINT64_MAX));
}

}  // namespace daxfuzz::kernel
