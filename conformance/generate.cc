// SPDX-License-Identifier: GPL-2.0-only
// What ops are drawn from, with which weights, and what is not drawn. See generate.h.
#include "conformance/generate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <span>

#include "conformance/scarce.h"
#include "conformance/script.h"

namespace daxfuzz::conformance {
namespace {

using trace::Op;
using trace::OpCode;

// SplitMix64 (public domain; Vigna 2015): small, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  T of(std::span<const T> choices) {
    return choices[below(choices.size())];
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

struct Weight {
  OpCode code;
  unsigned weight;
};
constexpr std::array kWeights = {
    Weight{OpCode::mmap, 60},       Weight{OpCode::munmap, 20},    Weight{OpCode::fault, 340},
    Weight{OpCode::mkwrite, 40},    Weight{OpCode::read, 40},      Weight{OpCode::write, 60},
    Weight{OpCode::pin, 60},        Weight{OpCode::unpin, 70},     Weight{OpCode::dma, 30},
    Weight{OpCode::reflink, 60},    Weight{OpCode::truncate, 25},  Weight{OpCode::punch, 40},
    Weight{OpCode::invalidate, 10}, Weight{OpCode::fsync, 40},     Weight{OpCode::madvise, 30},
    Weight{OpCode::msync, 20},      Weight{OpCode::writeback, 15}, Weight{OpCode::alloc, 40},
    Weight{OpCode::zero, 25},       Weight{OpCode::collapse, 8},   Weight{OpCode::unshare, 15},
    Weight{OpCode::dedupe, 10},     Weight{OpCode::unlink, 12},    Weight{OpCode::drop_caches, 8},
    Weight{OpCode::fork, 20},
};

// In a nearly full file system: what takes blocks oftener, what gives some back seldom. No unlink: there
// is no place for the file that is made instead, and the descriptor that ops have would be nobody's.
constexpr std::array kScarceWeights = {
    Weight{OpCode::mmap, 60},       Weight{OpCode::munmap, 20},    Weight{OpCode::fault, 400},
    Weight{OpCode::mkwrite, 40},    Weight{OpCode::read, 40},      Weight{OpCode::write, 110},
    Weight{OpCode::pin, 60},        Weight{OpCode::unpin, 70},     Weight{OpCode::dma, 20},
    Weight{OpCode::reflink, 70},    Weight{OpCode::truncate, 18},  Weight{OpCode::punch, 16},
    Weight{OpCode::invalidate, 10}, Weight{OpCode::fsync, 30},     Weight{OpCode::madvise, 30},
    Weight{OpCode::msync, 15},      Weight{OpCode::writeback, 15}, Weight{OpCode::alloc, 50},
    Weight{OpCode::zero, 25},       Weight{OpCode::collapse, 5},   Weight{OpCode::unshare, 30},
    Weight{OpCode::dedupe, 10},     Weight{OpCode::drop_caches, 8},
};

// Pages of a file that ops are drawn from: the first few, and both sides of each PMD's end.
constexpr std::array<std::uint16_t, 12> kPages = {0,   1,   2,   3,   7,    510,
                                                  511, 512, 513, 514, 1022, 1023};
// How long a range is; a PMD often, as only whole ones are mapped by one entry.
constexpr std::array<std::uint16_t, 8> kLengths = {1, 1, 1, 2, 2, 4, 512, 1024};

// How many blocks a nearly full file system has for its three files of two PMDs each. With the fewest
// single pages find none, with more a PMD does not.
constexpr std::array<std::uint16_t, 4> kFree = {40, 200, 700, 1200};

constexpr std::uint16_t kFilePages = trace::file_pages(trace::kPmdOrderReal);
constexpr std::uint16_t kPmdPages = 1u << trace::kPmdOrderReal;

class Generator {
 public:
  Generator(const Scene& scene, std::uint64_t ops, std::uint64_t seed)
      : scene_(scene), left_(ops), random_(seed) {}

  std::optional<Op> next(const kernel::World& world, Busy busy) {
    const std::uint32_t all = (1u << scene_.threads) - 1;
    if (left_ == 0 || busy.threads == all) return std::nullopt;
    left_--;
    if (first_ < scene_.geometry.files) return start(first_++);
    const std::uint32_t free = all & ~busy.threads;
    const bool last = scene_.threads > 1 && std::popcount(free) == 1;
    for (int tries = 0; tries < 1000; tries++) {
      Op op = draw(world, last ? OpCode::unpin : code());
      op.thread = nth(free, random_.below(static_cast<std::uint64_t>(std::popcount(free))));
      op = trace::canonical(op, scene_.geometry);
      const bool does =
          applicable(world, op, busy.mms) || (op.code == OpCode::unpin && tried(op.pin));
      if (!refusal(op).has_value() && does && !spins(world, op) && !lacks_memory(world, op) &&
          !unsure(op)) {
        note(op);
        return op;
      }
    }
    return std::nullopt;
  }

 private:
  // Before 6.15 pin_user_pages() for reading takes a page with the shared mark for an anonymous
  // one that must be unshared (gup_must_unshare()), and a fault that has nothing to do is all
  // that it can do about it, again and again. A clone waits for pins of its second file in a loop
  // that never sleeps (xfs_mmaplock_two_inodes_and_break_dax_layout()). That is known, and a guest
  // with one processor is slow then.
  static bool spins(const kernel::World& world, const Op& op) {
    if (op.code == OpCode::pin && op.pin_kind != trace::PinKind::get &&
        op.access == trace::Access::read)
      return marked(world.vmas[op.map], op.page);
    const bool clones = op.code == OpCode::reflink || op.code == OpCode::dedupe;
    return clones && op.file != op.file2 &&
           std::ranges::any_of(world.pins, [](const auto& pin) { return pin.page() != nullptr; });
  }

  // The model has few pages for private copies (kernel::kAnonPages), and a guest many: what would
  // fail for want of one here only is left out. A fork copies what is pinned, and that may be many.
  static bool lacks_memory(const kernel::World& world, const Op& op) {
    const std::string_view letters = trace::info(op.code).operands;
    if (!letters.contains('m') && op.code != OpCode::fork) return false;
    if (world.vmas[op.map].has(kernel::VM_SHARED)) return false;
    const auto free = std::ranges::count_if(world.anon_pages, [](const kernel::folio& page) {
      return page._refcount.peek() == 0;
    });
    return free < (op.code == OpCode::fork ? 8 : 2);
  }

  // Where space runs out on the model and on the kernel at different blocks a pin that is taken on one
  // may not be on the other: a slot is used again when it has been let go, and no clone is made
  // before that.
  bool unsure(const Op& op) const {
    if (scene_.free_blocks == 0) return false;
    const bool clones = op.code == OpCode::reflink || op.code == OpCode::dedupe;
    return (clones && op.file != op.file2 && tried_ != 0) ||
           (op.code == OpCode::pin && tried(op.pin));
  }
  bool tried(std::uint8_t slot) const { return scene_.free_blocks != 0 && (tried_ >> slot & 1) != 0; }
  void note(const Op& op) {
    if (op.code == OpCode::pin) tried_ |= 1u << op.pin;
    if (op.code == OpCode::unpin) tried_ &= ~(1u << op.pin);
  }

  // Is what a page of the mapping will be faulted to, or is, marked as shared?
  static bool marked(const kernel::vm_area_struct& vma, std::uint64_t page) {
    const std::uint64_t index = vma.pgoff_of(vma.start() + page);
    const kernel::inode& file = *vma.vm_file.peek();
    const kernel::xfs_bmbt_irec& at = file.data_fork[index];
    if (at.hole()) return false;
    const std::uint64_t mark =
        kernel::world().pages[at.block].mapping.peek() & kernel::PAGE_MAPPING_DAX_SHARED_6_2;
    return mark != 0 || kernel::world().blocks.owners(at.block) > 1;
  }

  static std::uint8_t nth(std::uint32_t set, std::uint64_t index) {
    for (; index > 0; index--) set &= set - 1;
    return static_cast<std::uint8_t>(std::countr_zero(set));
  }

  // Of each file two PMDs, so that there is something to fault, or what there is room for.
  Op start(std::uint8_t file) const {
    Op op{.code = OpCode::alloc};
    op.file = file;
    op.len = kFilePages;
    if (scene_.free_blocks != 0)
      op.len = std::min<std::uint16_t>(op.len, scene_.free_blocks / (scene_.geometry.files + 1));
    return op;
  }

  OpCode code() {
    const auto rows = scene_.free_blocks != 0 ? std::span<const Weight>(kScarceWeights)
                                              : std::span<const Weight>(kWeights);
    std::uint64_t total = 0;
    for (const Weight& row : rows) total += row.weight;
    std::uint64_t at = random_.below(total);
    for (const Weight& row : rows) {
      if (at < row.weight) return row.code;
      at -= row.weight;
    }
    return OpCode::fault;
  }

  void range(std::uint16_t& page, std::uint16_t& len) {
    len = random_.of(std::span<const std::uint16_t>(kLengths));
    page = len >= kPmdPages
               ? static_cast<std::uint16_t>(random_.below(kFilePages / len) * kPmdPages)
               : random_.of(std::span<const std::uint16_t>(kPages));
    len = std::min<std::uint16_t>(len, static_cast<std::uint16_t>(kFilePages - page));
  }

  // All that is left, as far as a hole of the file has room for it.
  static void fill(const kernel::World& world, Op& op) {
    const auto& fork = world.inodes[op.file].data_fork;
    const std::uint64_t left = world.blocks.free_count();
    const auto hole = std::ranges::find_if(fork, &kernel::xfs_bmbt_irec::hole);
    const auto end = std::find_if(hole, fork.end(), [](const auto& at) { return !at.hole(); });
    if (hole == end || left <= Scarce::kBtrees) return;
    op.page = static_cast<std::uint16_t>(hole - fork.begin());
    op.len = static_cast<std::uint16_t>(
        std::min<std::uint64_t>(left - Scarce::kBtrees, static_cast<std::uint64_t>(end - hole)));
    op.edge = {};
  }

  // The last process is mostly one of children: it has what fork gives it, which goes soon, for
  // another child takes its place only then.
  [[nodiscard]] std::uint8_t childs_mm() const {
    return static_cast<std::uint8_t>(scene_.geometry.mms - 1);
  }

  // Into a slot that is free.
  void child(const kernel::World& world, Op& op) {
    mapped_page(world, op);
    const auto free = std::ranges::find_if(
        world.vmas, [](const kernel::vm_area_struct& vma) { return !vma.claimed.peek(); });
    if (free != world.vmas.end()) op.map2 = free->slot;
    if (!random_.one_in(4)) op.mm = childs_mm();
  }

  // A slot that is mapped, in a process from `first_mm` on, and a page of it that is one of kPages
  // if there is one.
  void mapped_page(const kernel::World& world, Op& op, unsigned first_mm = 0) {
    std::array<std::uint8_t, trace::kMapsMax> slots{};
    std::size_t count = 0;
    for (const kernel::vm_area_struct& vma : world.vmas)
      if (const kernel::mm_struct* mm = vma.vm_mm.peek(); mm != nullptr && mm->id >= first_mm)
        slots[count++] = vma.slot;
    if (count == 0) return;
    op.map = slots[random_.below(count)];
    const kernel::vm_area_struct& vma = world.vmas[op.map];
    const std::uint64_t pages = vma.vm_pages.peek(), first = vma.vm_pgoff.peek();
    for (int tries = 0; tries < 20; tries++) {
      const std::uint64_t page = random_.of(std::span<const std::uint16_t>(kPages));
      if (page < first || page >= first + pages) continue;
      op.page = static_cast<std::uint16_t>(page - first);
      return;
    }
    op.page = static_cast<std::uint16_t>(random_.below(pages));
  }

  Op draw(const kernel::World& world, OpCode code) {
    Op op{.code = code};
    op.file = static_cast<std::uint8_t>(random_.below(scene_.geometry.files));
    op.file2 = static_cast<std::uint8_t>(random_.below(scene_.geometry.files));
    op.value = static_cast<std::uint8_t>(1 + random_.below(255));
    op.pin = static_cast<std::uint8_t>(random_.below(trace::kPinsMax));
    op.access = random_.one_in(2) ? trace::Access::write : trace::Access::read;
    op.mm = static_cast<std::uint8_t>(random_.below(scene_.geometry.mms));
    range(op.page, op.len);
    if (random_.one_in(4)) op.edge = static_cast<trace::Edge>(random_.below(4));
    switch (code) {
      case OpCode::mmap:
        op.map = static_cast<std::uint8_t>(random_.below(trace::kMapsMax));
        if (scene_.geometry.mms > 1 && !random_.one_in(4))
          op.mm = static_cast<std::uint8_t>(random_.below(childs_mm()));
        if (random_.one_in(3)) op.page = 0, op.len = kFilePages;
        // The colour that PMDs need, mostly.
        op.at = static_cast<std::uint16_t>(random_.one_in(8) ? random_.below(kPmdPages)
                                                             : op.page % kPmdPages);
        op.map_kind = random_.one_in(6)   ? trace::MapKind::private_
                      : random_.one_in(6) ? trace::MapKind::sync
                                          : trace::MapKind::shared;
        break;
      case OpCode::pin:
        op.pin_kind = random_.one_in(10)  ? trace::PinKind::longterm
                      : random_.one_in(2) ? trace::PinKind::pin
                                          : trace::PinKind::get;
        op.pin_walk = random_.one_in(2) ? trace::PinWalk::slow : trace::PinWalk::fast;
        mapped_page(world, op);
        break;
      case OpCode::reflink:
      case OpCode::dedupe:
        // Of the same length, and in a third of all cases at the same place.
        op.page2 = random_.one_in(3)     ? op.page
                   : op.len >= kPmdPages ? static_cast<std::uint16_t>(random_.below(2) * kPmdPages)
                                         : random_.of(std::span<const std::uint16_t>(kPages));
        break;
      case OpCode::truncate:
        op.len =
            random_.one_in(3) ? kFilePages : random_.of(std::span<const std::uint16_t>(kPages));
        break;
      case OpCode::collapse:
        if (random_.one_in(2)) op.len = 1;
        break;
      case OpCode::alloc:
        if (scene_.free_blocks != 0 && random_.one_in(2)) fill(world, op);
        break;
      case OpCode::fault:
      case OpCode::mkwrite:
      case OpCode::msync:
      case OpCode::madvise:
        mapped_page(world, op);
        break;
      case OpCode::munmap:
        mapped_page(world, op, random_.one_in(2) ? childs_mm() : 0u);
        break;
      case OpCode::fork:
        child(world, op);
        break;
      default:
        break;
    }
    return op;
  }

  Scene scene_;
  std::uint64_t left_;
  Random random_;
  std::uint8_t first_ = 0;
  std::uint32_t tried_ = 0;  // slots of pins
};

}  // namespace

Scene long_run(trace::ProtocolId protocol) {
  Scene scene{.protocol = protocol, .settings = {}, .geometry = {}, .threads = 3};
  scene.geometry.files = 3;
  scene.geometry.pmd_order = trace::kPmdOrderReal;
  scene.geometry.blocks = kBlocks;
  scene.geometry.mms = 3;
  return scene;
}

Scene long_run_of(trace::ProtocolId protocol, std::uint64_t seed) {
  Scene scene = long_run(protocol);
  if (seed % 4 == 3) scene.free_blocks = kFree[seed / 4 % kFree.size()];
  return scene;
}

Next random_ops(const Scene& scene, std::uint64_t ops, std::uint64_t seed) {
  return
      [generator = std::make_shared<Generator>(scene, ops, seed)](
          const kernel::World& world, Busy busy) { return generator->next(world, busy); };
}

}  // namespace daxfuzz::conformance
