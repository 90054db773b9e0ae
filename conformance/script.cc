// SPDX-License-Identifier: GPL-2.0-only
// See script.h. Pages become bytes, half pages too; slots stay numbers.
#include "conformance/script.h"

#include <algorithm>
#include <vector>

#include "conformance/observe.h"

namespace daxfuzz::conformance {
namespace {

using kernel::World;
using trace::Op;
using trace::OpCode;

// The words of a line, with a blank before each.
class Words {
 public:
  explicit Words(std::string first) : text_(std::move(first)) {}
  Words& word(std::string_view word) {
    text_ += ' ';
    text_ += word;
    return *this;
  }
  Words& number(std::uint64_t number) { return word(std::to_string(number)); }
  [[nodiscard]] std::string done() const { return text_ + "\n"; }

 private:
  std::string text_;
};

std::uint64_t start_of(const Op& op) {
  return op.page * kPageBytes + (trace::starts_late(op.edge) ? kHalfBytes : 0);
}
std::uint64_t end_of(const Op& op) {
  return (std::uint64_t{op.page} + op.len) * kPageBytes -
         (trace::ends_early(op.edge) ? kHalfBytes : 0);
}
std::uint64_t size_of(const Op& op) {
  return op.len == 0 ? 0 : op.len * kPageBytes - (trace::ends_early(op.edge) ? kHalfBytes : 0);
}

std::string_view kind_of(trace::MapKind kind) {
  switch (kind) {
    case trace::MapKind::shared:
      return "shared";
    case trace::MapKind::private_:
      return "private";
    case trace::MapKind::sync:
      return "sync";
  }
  return "";
}
std::string_view kind_of(trace::PinKind kind) {
  switch (kind) {
    case trace::PinKind::get:
      return "get";
    case trace::PinKind::pin:
      return "pin";
    case trace::PinKind::longterm:
      return "longterm";
  }
  return "";
}
std::string_view access_of(const Op& op) {
  return op.access == trace::Access::write ? "write" : "read";
}

bool mapped(const kernel::vm_area_struct& vma) {
  return vma.claimed.peek() && vma.vm_mm.peek() != nullptr;
}

// Are the slots of a fork as it wants them?
bool slots_fit(const World& world, const Op& fork) {
  const kernel::vm_area_struct& vma = world.vmas[fork.map];
  return mapped(vma) && !world.vmas[fork.map2].claimed.peek() && vma.vm_mm.peek()->id != fork.mm;
}

// The page table entry that user_mkwrite() looks at, is it there and read-only?
bool read_only(const kernel::vm_area_struct& vma, std::uint64_t page) {
  kernel::mm_struct* mm = vma.vm_mm.peek();
  const std::uint64_t address = vma.start() + page;
  if (address >= vma.end()) return false;
  const kernel::pmd_t pmd = mm->pmd(address).peek();
  if (kernel::pmd_leaf(pmd)) return !kernel::pte_write(pmd);
  if (kernel::pmd_none(pmd)) return false;
  const kernel::pte_t pte = mm->ptes[address].peek();
  return !kernel::pte_none(pte) && !kernel::pte_write(pte);
}

void operands(const World& world, const Op& op, Words& out) {
  const std::uint64_t len = end_of(op) - start_of(op);
  switch (op.code) {
    case OpCode::mmap:
      out.number(op.file)
          .number(start_of(op))
          .number(len)
          .word(kind_of(op.map_kind))
          .number(op.at * kPageBytes)
          .number(op.map);
      return;
    case OpCode::munmap:
      out.number(op.map);
      return;
    case OpCode::mkwrite:
    case OpCode::fault:
      out.number(op.map).number(op.page * kPageBytes);
      if (op.code == OpCode::mkwrite || op.access == trace::Access::write)
        out.word("write").number(op.value);
      else
        out.word("read");
      return;
    case OpCode::write:
      out.number(op.file).number(start_of(op)).number(len).number(op.value);
      return;
    case OpCode::pin:
      out.number(op.map)
          .number(op.page * kPageBytes)
          .word(access_of(op))
          .word(kind_of(op.pin_kind));
      out.word(op.pin_walk == trace::PinWalk::fast ? "fast" : "slow").number(op.pin);
      return;
    case OpCode::unpin:
      out.number(op.pin);
      return;
    case OpCode::dma:
      out.number(op.pin).word(access_of(op));
      if (op.access == trace::Access::write) out.number(op.value);
      return;
    case OpCode::reflink:
    case OpCode::dedupe:
      out.number(op.file)
          .number(start_of(op))
          .number(op.file2)
          .number(op.page2 * kPageBytes)
          .number(len);
      return;
    case OpCode::truncate:
      out.number(op.file).number(size_of(op));
      return;
    case OpCode::read:
    case OpCode::punch:
    case OpCode::alloc:
    case OpCode::zero:
    case OpCode::collapse:
    case OpCode::unshare:
    case OpCode::invalidate:
      out.number(op.file).number(start_of(op)).number(len);
      return;
    case OpCode::msync:
    case OpCode::madvise: {
      // What is beyond the mapping is another's, or nobody's, and the model leaves it out.
      const std::uint64_t pages = world.vmas[op.map].vm_pages.peek() - op.page;
      out.number(op.map)
          .number(op.page * kPageBytes)
          .number(std::min<std::uint64_t>(op.len, pages) * kPageBytes);
      return;
    }
    case OpCode::fork:
      out.number(op.map).number(op.mm).number(op.map2);
      return;
    case OpCode::fsync:
    case OpCode::writeback:
    case OpCode::evict:
    case OpCode::unlink:
      out.number(op.file);
      return;
    case OpCode::drop_caches:
    case OpCode::break_layout:
    case OpCode::memory_failure:
    case OpCode::reclaim_dmap:
    case OpCode::crash:
      return;
  }
}

}  // namespace

std::optional<std::string> refusal(const Op& op) {
  if (op.fail_nth != 0 || op.fail_from != 0)
    return "fail_nth, fail_from: no allocation of a stock kernel can be made to fail by number";
  switch (op.code) {
    case OpCode::break_layout:
      return "break_layout: no system call breaks layouts and does nothing else";
    case OpCode::evict:
      return "evict: no system call drops one inode of a file that stays";
    case OpCode::memory_failure:
      return "memory_failure: blocks of the model are not blocks of the guest";
    case OpCode::reclaim_dmap:
      return "reclaim_dmap: the guest's file system is XFS, not fuse";
    case OpCode::crash:
      return "crash: the guest has no medium that outlives it";
    default:
      return std::nullopt;
  }
}

unsigned process_of(const World& world, const Op& op) {
  const std::string_view letters = trace::info(op.code).operands;
  if (letters.contains('m') || letters.contains('M')) {
    const kernel::mm_struct* mm = world.vmas[op.map].vm_mm.peek();
    return mm == nullptr ? 0 : mm->id;
  }
  return letters.contains('u') ? op.mm : 0;
}

bool forks_what_is_busy(const World& world, const Op& op, std::uint32_t busy_mms) {
  if (op.code != OpCode::fork || !slots_fit(world, op)) return false;
  const unsigned parent = process_of(world, op);
  return (busy_mms & (1u << parent | 1u << op.mm)) != 0 ||
         std::ranges::any_of(world.vmas, [&op](const kernel::vm_area_struct& vma) {
           return mapped(vma) && vma.vm_mm.peek()->id == op.mm;
         });
}

bool applicable(const World& world, const Op& op, std::uint32_t busy_mms) {
  const kernel::vm_area_struct& vma = world.vmas[op.map];
  switch (op.code) {
    case OpCode::mmap:
      return !vma.claimed.peek();
    case OpCode::munmap:
      return mapped(vma);
    case OpCode::fault:
      return mapped(vma) && op.page < vma.vm_pages.peek();
    case OpCode::msync:
    case OpCode::madvise:
      return mapped(vma) && op.page < vma.vm_pages.peek();
    case OpCode::mkwrite:
      return mapped(vma) && read_only(vma, op.page);
    case OpCode::pin:
      return mapped(vma) && op.page < vma.vm_pages.peek() && world.pins[op.pin].page() == nullptr;
    case OpCode::unpin:
      return world.pins[op.pin].page() != nullptr;
    case OpCode::dma: {
      const kernel::gup_pin::Grant grant = world.pins[op.pin].grant();
      return grant.page != nullptr && (op.access == trace::Access::read || grant.write);
    }
    case OpCode::fork:
      return slots_fit(world, op) && !forks_what_is_busy(world, op, busy_mms);
    case OpCode::evict:
    case OpCode::unlink:
      return world.inodes[op.file].i_count.peek() == 0 &&
             world.inodes[op.file].i_mapping.i_mmap.peek() == 0;
    default:
      return true;
  }
}

Op as_called(Op op) {
  if (op.code != OpCode::mkwrite) return op;
  op.code = OpCode::fault;
  op.access = trace::Access::write;
  return op;
}

std::string line(const World& world, const Op& op, std::size_t step) {
  CHECK(!refusal(op).has_value() && (applicable(world, op) || op.code == OpCode::unpin));
  Words out("op");
  const OpCode code = as_called(op).code;
  out.number(step).number(op.thread).number(process_of(world, op)).word(trace::info(code).name);
  operands(world, op, out);
  return out.done();
}

std::string head(const Scene& scene) {
  std::string text = "daxconf-script 1\nfiles " + std::to_string(scene.geometry.files) + "\nmms " +
                     std::to_string(scene.geometry.mms) + "\nthreads " +
                     std::to_string(scene.threads) + "\n";
  if (scene.free_blocks != 0) text += "free " + std::to_string(scene.free_blocks) + "\n";
  return text;
}

}  // namespace daxfuzz::conformance
