// SPDX-License-Identifier: GPL-2.0-only
// One case an op: operands to arguments. See ops.h.
#include "exec/ops.h"

#include <array>
#include <cerrno>
#include <string_view>

#include "model/dax.h"

namespace daxfuzz::exec {
namespace {

using kernel::loff_t;
using kernel::World;

struct Range {
  loff_t pos = 0, len = 0;
};

// The bytes of a range operand: pages, less half of the first or the last.
Range range_of(const trace::Op& op) {
  const loff_t pos = kernel::pos_of(op.page) + (trace::starts_late(op.edge) ? 1 : 0);
  const loff_t end = kernel::pos_of(op.page + op.len) - (trace::ends_early(op.edge) ? 1 : 0);
  return {pos, end - pos};
}

loff_t size_of(const trace::Op& op) {
  return op.len == 0 ? 0 : kernel::pos_of(op.len) - (trace::ends_early(op.edge) ? 1 : 0);
}

std::uint8_t vm_flags_of(trace::MapKind kind) {
  switch (kind) {
    case trace::MapKind::shared: return kernel::VM_SHARED;
    case trace::MapKind::sync: return kernel::VM_SHARED | kernel::VM_SYNC;
    case trace::MapKind::private_: return 0;
  }
  return 0;
}

// A device reads or writes the memory behind a pin; it knows nothing of files.
std::int64_t dma(World& world, const trace::Op& op) {
  const kernel::gup_pin& pin = world.pins[op.pin];
  const kernel::gup_pin::Grant grant = pin.grant();
  const kernel::folio* page = grant.page;
  const bool write = op.access == trace::Access::write;
  if (page == nullptr) return -EINVAL;
  if (write && !grant.write) return -EFAULT;
  kernel::Function function("dma", op.pin, static_cast<std::int64_t>(page->pfn), write);
  sched::yield_point("dma");
  if (pin.page() != page) return function.ret(-EINVAL);  // unpinned meanwhile
  if (!write) return function.ret(static_cast<std::int64_t>(world.pmem.load(page->pfn)));
  world.pmem.store(page->pfn, op.value);
  world.pmem.write_back(page->pfn);  // devices are not behind the CPU's caches
  world.observer.dma_wrote(op.pin, op.value);
  return function.ret(std::int64_t{0});
}

// Which operands of an op name files, by their letters in op.def.
struct Opens {
  bool file = false, file2 = false, map = false;
};
consteval Opens opens_of(std::string_view letters) {
  return {.file = letters.contains('f') || letters.contains('F'),
          .file2 = letters.contains('g'),
          .map = letters.contains('m') || letters.contains('M')};
}
constexpr Opens kOpens[] = {
#define OP(name, entry, operands, summary) opens_of(operands),
#include "trace/op.def"
};

// What keeps the files of an op from being evicted while it runs: a descriptor each, or the
// VMA. An op that evicts has the last reference, which is nobody's but its own.
class OpenFiles {
 public:
  OpenFiles(World& world, const trace::Op& op) {
    if (op.code == trace::OpCode::evict || op.code == trace::OpCode::unlink) return;
    const Opens opens = kOpens[static_cast<std::size_t>(op.code)];
    if (opens.file) files_[0] = &world.inodes[op.file];
    if (opens.file2) files_[1] = &world.inodes[op.file2];
    if (opens.map) files_[0] = world.vmas[op.map].vm_file.peek();
    for (kernel::inode* file : files_)
      if (file != nullptr) kernel::iget(*file);
  }
  ~OpenFiles() {
    for (kernel::inode* file : files_)
      if (file != nullptr) kernel::iput(*file);
  }
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;

 private:
  std::array<kernel::inode*, 2> files_{};
};

std::int64_t fault(kernel::vm_area_struct& vma, const trace::Op& op) {
  std::uint8_t value = op.value;
  const int ret = kernel::user_access(vma, op.page, op.access == trace::Access::write, &value);
  return ret != 0 ? ret : (op.access == trace::Access::write ? 0 : value);
}

}  // namespace

std::int64_t run_op(World& world, const trace::Op& op) {
  using trace::OpCode;
  const OpenFiles open(world, op);
  kernel::inode& file = world.inodes[op.file];
  kernel::vm_area_struct& vma = world.vmas[op.map];
  const Range range = range_of(op);
  switch (op.code) {
    case OpCode::mmap:
      return do_mmap(world.mms[op.mm], vma, file, op.page, op.len, vm_flags_of(op.map_kind), op.at);
    case OpCode::munmap: return do_munmap(vma);
    case OpCode::fault: return fault(vma, op);
    case OpCode::mkwrite: return kernel::user_mkwrite(vma, op.page, op.value);
    case OpCode::read: return xfs_file_read(file, range.pos, range.len);
    case OpCode::write: return xfs_file_write(file, range.pos, range.len, op.value);
    case OpCode::pin:
      return gup(world.pins[op.pin], op.pin, vma, op.page, op.access == trace::Access::write,
                 static_cast<kernel::Foll>(op.pin_kind), op.pin_walk == trace::PinWalk::fast);
    case OpCode::unpin: return gup_release(world.pins[op.pin], op.pin);
    case OpCode::dma: return dma(world, op);
    case OpCode::reflink:
      return xfs_remap_range(file, range.pos, world.inodes[op.file2], kernel::pos_of(op.page2),
                             range.len);
    case OpCode::truncate: return xfs_setattr_size(file, size_of(op));
    case OpCode::punch: return xfs_punch_hole(file, range.pos, range.len);
    case OpCode::invalidate: return xfs_invalidate_range(file, op.page, op.len);
    case OpCode::break_layout: return xfs_break_layouts_whole(file);
    case OpCode::fsync: return xfs_file_fsync(file, 0, UINT64_MAX);
    case OpCode::madvise: return madvise_dontneed(vma, op.page, op.len);
    case OpCode::fork: return dup_mmap(world.mms[op.mm], world.vmas[op.map2], vma);
    case OpCode::msync: return kernel::msync(vma, op.page, op.len);
    case OpCode::memory_failure:
      return kernel::memory_failure(op.block, op.answer == trace::Answer::holder);
    case OpCode::writeback: return filemap_write_and_wait(file);
    case OpCode::alloc:
      return xfs_file_fallocate(file, kernel::FallocMode::allocate, range.pos, range.len);
    case OpCode::zero: return xfs_file_fallocate(file, kernel::FallocMode::zero, range.pos, range.len);
    case OpCode::drop_caches:
      return static_cast<std::int64_t>(invalidate_mapping_pages(file.i_mapping, 0, UINT64_MAX));
    case OpCode::unshare:
      return xfs_file_fallocate(file, kernel::FallocMode::unshare, range.pos, range.len);
    case OpCode::collapse:
      return xfs_file_fallocate(file, kernel::FallocMode::collapse, range.pos, range.len);
    case OpCode::dedupe:
      return xfs_dedupe_range(file, range.pos, world.inodes[op.file2], kernel::pos_of(op.page2),
                              range.len);
    case OpCode::evict: return iput_final(file, false);
    case OpCode::unlink: return iput_final(file, true);
    case OpCode::reclaim_dmap:
      return fuse_reclaim_dmap(file, op.page, world.inodes[op.file2], op.page2, op.len);
    case OpCode::crash: kernel::power_failure(); return 0;
  }
  CHECK(false);
  return 0;
}

}  // namespace daxfuzz::exec
